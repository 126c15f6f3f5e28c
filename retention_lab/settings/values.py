"""The kinds of value that a definition holds, with their units and limits."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?([smh])")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?")


def label_of(value: Any) -> Any:
    """Text as labels, arms, ids and column names are compared: 1.0 is `1`, True is `true`; others stay.

    >>> label_of(1.0), label_of(True), label_of("No E-Mail")
    ('1', 'true', 'No E-Mail')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _moment(value: str) -> str:
    try:
        if not _MOMENT.fullmatch(value):
            raise ValueError
        datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "moment", "a date such as 2026-03-01 or a time such as 2026-03-01T09:00"
        ) from None
    return value


def _seconds(value: Any) -> Any:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) == 0:
        raise PydanticCustomError("duration", "a time such as 60s, 2m or 1.5h")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


Text = Annotated[str, Strict(), Field(min_length=1)]
Label = Annotated[str, BeforeValidator(label_of), Strict(), Field(min_length=1)]  # an arm, a class, an id
Column = Label  # the name of a column: a file's header may well be a number
Name = Annotated[str, Strict(), Field(pattern=NAME_PATTERN)]  # of a definition or an experiment
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict()]
Positive = Annotated[float, Strict(), Field(gt=0)]
Money = Annotated[float, Strict(), Field(ge=0)]  # the project's currency
Share = Annotated[float, Strict(), Field(gt=0, lt=1)]
ShareOrNone = Annotated[float, Strict(), Field(ge=0, lt=1)]  # 0: none at all
ShareUpToAll = Annotated[float, Strict(), Field(gt=0, le=1)]
Whole = Annotated[int, Strict()]
Count = Annotated[int, Strict(), Field(ge=0)]
AtLeastOne = Annotated[int, Strict(), Field(ge=1)]
Seconds = Annotated[  # written as 60s, 2m or 1.5h
    float,
    BeforeValidator(_seconds, json_schema_input_type=Annotated[str, Field(pattern=f"^{_DURATION.pattern}$")]),
]
Moment = Annotated[str, BeforeValidator(_iso), Strict(), AfterValidator(_moment)]  # see `dates.aware`
