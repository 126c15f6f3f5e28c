"""What the report of a forecast says, as plain values."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class DemandCandidate:
    """A model with its figures on the periods that judge, by name."""

    model: str
    metrics: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class SeriesCourse:
    """A series as it was and as it is expected: first days of periods; history (k,), the others (h,).

    name: None is the sum of all. without: expected if no campaign ran; empty where no campaign is known.
    """

    name: str | None
    days: tuple[date, ...]
    history: tuple[float, ...]
    forecast: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    without: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignPart:
    """With and without campaigns over the horizon, by which model, from when; ahead: of periods to come.

    per_contact: what a contact caused, by holdouts; None where nothing was measured.
    """

    model: str | None
    start: date | None
    ahead: bool
    with_campaign: float
    without_campaign: float
    per_contact: Estimate | None
    contacts: int
    days: int


@dataclass(frozen=True, slots=True)
class DemandPage:
    """Everything the page says; None or an empty tuple leaves a part out.

    gain: scaled error less that of the baseline. baseline_error: the baseline's own. unit: of values.
    learned_until, judged_until: first days of the periods after them.
    """

    name: str
    version: str | None
    winner: str
    baseline: str
    series: int
    period: Literal["day", "week", "month"]
    horizon: int
    unit: Literal["money", "number"]
    currency: str
    learned_until: date
    judged_until: date
    gain: Estimate
    baseline_error: float
    covered: Estimate
    checks: tuple[Check, ...]
    candidates: tuple[DemandCandidate, ...]
    total: SeriesCourse | None = None
    largest: tuple[SeriesCourse, ...] = ()
    campaign: CampaignPart | None = None
    held_out_uses: int | None = None
    origin: Origin = field(default_factory=Origin)

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure below it can be used."""
        return bool(hard_failures(self.checks))
