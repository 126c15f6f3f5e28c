"""What pages of every kind show: checks, things to do next, and where the figures come from."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One trust check or gate rule; passed None means that it could not be made, and `detail` says why.

    value, threshold: in the check's own unit, None where a check has no number.
    """

    name: str
    severity: Literal["hard", "soft"]
    passed: bool | None
    value: float | None = None
    threshold: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The footer: what a reader needs to find the figures again. None leaves a part out."""

    model: str | None = None
    experiment: str | None = None
    run_id: str | None = None
    data_as_of: date | None = None
    extra: tuple[str, ...] = field(default=())
