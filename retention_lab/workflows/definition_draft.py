"""The draft of a definition: what was asked, what was guessed and why, and YAML that says it all."""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retention_lab.config.yaml_text import parse_yaml

_PLAIN = re.compile(r"[^\W\d_][\w \-./@]*(?<! )|[0-9]+")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user said; None and () are to be guessed. budget, cost: the project's currency.

    customer, time, amount: columns of a log of purchases.
    """

    treatment: str | None = None
    control: str | None = None
    outcomes: tuple[str, ...] = ()
    id: str | None = None
    model: str | None = None
    budget: float | None = None
    cost: float | None = None
    customer: str | None = None
    time: str | None = None
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """A key of the definition, the value that was chosen for it, and why."""

    key: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is no feature, and why."""

    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition's text with the guesses in it, and the command that comes next."""

    text: str
    guesses: tuple[Guess, ...]
    excluded: tuple[LeftOut, ...]
    next_command: str


def scalar(value: str | float | bool | None) -> str:
    """A value as YAML, in quotes where it would otherwise be read as something else.

    >>> scalar("No E-Mail"), scalar("1"), scalar("a: b"), scalar(0.5)
    ('No E-Mail', '"1"', '"a: b"', '0.5')
    """
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.fullmatch(value) and parse_yaml(value) == value
    return value if plain else json.dumps(value, ensure_ascii=False)


def flow_list(values: Sequence[str]) -> str:
    """Values as a YAML list on one line."""
    return f"[{', '.join(scalar(value) for value in values)}]"


def flow_mapping(values: Mapping[str, str | float]) -> str:
    """Keys and values as a YAML mapping on one line."""
    return f"{{{', '.join(f'{scalar(key)}: {scalar(value)}' for key, value in values.items())}}}"


def commented(line: str, why: str) -> str:
    """A line of YAML below the comment that explains it."""
    return "\n".join([*textwrap.wrap(_one_line(why), 100, initial_indent="# ", subsequent_indent="# "), line])


def _one_line(text: str) -> str:
    return " ".join(text.split())
