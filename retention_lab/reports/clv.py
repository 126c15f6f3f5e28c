"""What the report of a value model says, as plain values."""

from dataclasses import dataclass, field
from datetime import date

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class ClvCandidate:
    """A model, or a baseline, with its figures on the holdout by name."""

    model: str
    metrics: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    """Customers with similar forecasts: how many, and purchases expected and made per customer."""

    customers: int
    expected: float
    made: Estimate


@dataclass(frozen=True, slots=True)
class Course:
    """Purchases of all customers by period: ends of periods, made, expected."""

    days: tuple[date, ...]
    made: tuple[float, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Alive:
    """Chances to be a customer still: by days since the last purchase, by number of repeat purchases; None
    where there can be no such customer."""

    repeats: tuple[int, ...]
    pauses: tuple[int, ...]
    chances: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class ClvPage:
    """Everything the page says; None or an empty tuple leaves a part out.

    gain: absolute error less that of everybody's own rate, per customer. expected, made: purchases in the
    holdout. value: lifetime value of all customers over the horizon, discounted; None without amounts.
    groups: from the lowest forecasts to the highest. alive: chances by number and last of purchases.
    based_on: the model that course and grid are of, where that is not the winner itself.
    """

    name: str
    version: str | None
    winner: str
    customers: int
    calibration_end: date
    holdout_end: date
    horizon_days: int
    discount_rate_year: float
    currency: str
    gain: Estimate
    bias: Estimate
    expected: float
    made: float
    value: float | None
    checks: tuple[Check, ...]
    candidates: tuple[ClvCandidate, ...]
    groups: tuple[CustomerGroup, ...] = ()
    course: Course | None = None
    alive: Alive | None = None
    based_on: str | None = None
    held_out_uses: int | None = None
    origin: Origin = field(default_factory=Origin)

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure below it can be used."""
        return bool(hard_failures(self.checks))
