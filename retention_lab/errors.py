"""The one error that users see: what was found, why it matters, what to do next.

A message names a setting's value, or the row and column of customer data; never a cell of it.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class LabError(Exception):
    """The question cannot be asked: the configuration or the data do not allow it.

    found: what was found, and why it matters where that is not plain.
    next_step: what the reader can do about it.
    file, key: where it was found, when it was found in a file.
    """

    kind = "data"
    exit_code = 3

    def __init__(
        self, found: str, next_step: str, *, file: Path | str | None = None, key: str | None = None
    ) -> None:
        super().__init__(found, next_step)
        self.found = found
        self.next_step = next_step
        self.file = None if file is None else str(file)
        self.key = key

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, f"[{self.key}]" if self.key else None) if part)
        return f"{place}: {self.found} {self.next_step}" if place else f"{self.found} {self.next_step}"


class ConfigurationError(LabError):
    """A definition or a setting says something that cannot be carried out."""

    kind = "configuration"


class UsageError(LabError):
    """The words on the command line do not make a command."""

    kind = "usage"
    exit_code = 2


class StoreError(LabError):
    """The tracking store cannot be reached, or is not what it should be."""

    kind = "store"
    exit_code = 4


class GateError(LabError):
    """The question was answered, and the answer is no: the evidence does not allow it."""

    kind = "gate"
    exit_code = 1


@contextmanager
def found_in(file: Path | str) -> Iterator[None]:
    """Name the file in errors of functions that do not know where their rows came from.

    >>> try:
    ...     with found_in("units.csv"):
    ...         raise LabError("No row has an arm.", "Fill them in.", key="arm")
    ... except LabError as error:
    ...     print(error)
    units.csv [arm]: No row has an arm. Fill them in.
    """
    try:
        yield
    except LabError as error:
        error.file = error.file or str(file)
        raise


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the nearest known word, and then all of them.

    >>> did_you_mean("stak", ["stack", "t"])
    "Did you mean 'stack'? Known: stack, t."
    """
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    suggestion = f"Did you mean '{near[0]}'? " if near else ""
    return f"{suggestion}Known: {', '.join(names)}."
