"""Names that MLflow accepts. `result.json` keeps the originals."""

import hashlib
import re
from collections.abc import Iterable

from retention_lab.errors import LabError

_REFUSED = re.compile(r"[^/\w.\- ]")  # as MLflow's own rule, less the colon, which it refuses on some systems
_LONGEST = 250
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def store_names(names: Iterable[str]) -> dict[str, str]:
    """Each name with the one that MLflow gets: refused characters become `_`; equal ones are numbered.

    >>> store_names(["valid.qini.10 % off", "valid.qini.10 $ off"])
    {'valid.qini.10 % off': 'valid.qini.10 _ off', 'valid.qini.10 $ off': 'valid.qini.10 _ off_2'}
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = _accepted(name)
        candidate, count = plain, 1
        while candidate in taken:
            count += 1
            candidate = f"{plain}_{count}"
        taken.add(candidate)
        given[name] = candidate
    return given


def check_name(name: str) -> str:
    """A definition's name, which is also its registered model's.

    Raises LabError for anything but letters, digits, `_` and `-`, beginning with a letter or digit.
    """
    if not _MODEL.fullmatch(name):
        raise LabError(
            f"{name!r} cannot be the name of a model.",
            "Use letters, digits, '_' and '-', beginning with a letter or a digit.",
        )
    return name


def check_experiment(name: str) -> str:
    """An experiment's name, `train/winback` say, which is also the folder of its files.

    Raises LabError for parts that could not be a definition's name.
    """
    for part in name.split("/"):
        check_name(part)
    return name


def _accepted(name: str) -> str:
    plain = _REFUSED.sub("_", name)
    # MLflow refuses what is not a tidy relative path
    plain = (
        "/".join("_" * len(part) if part.strip(".") == "" else part for part in plain.split("/") if part)
        or "_"
    )
    if len(plain) > _LONGEST - 4:
        plain = f"{plain[: _LONGEST - 16]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return plain
