"""What a churn report says, as plain values."""

from dataclasses import dataclass, field

from retention_lab.checks import Check, hard_failures
from retention_lab.churn.tiers import TierMoney
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class ChurnCandidate:
    """One fitted model with its held-out measures by name; None where one could not be computed."""

    model: str
    metrics: tuple[tuple[str, Estimate | None], ...]


@dataclass(frozen=True, slots=True)
class ChurnDriver:
    """A feature, the reason that it is evidence of, and how much it moves the risk (not below 0)."""

    feature: str
    group: str
    size: float


@dataclass(frozen=True, slots=True)
class Survival:
    """Share of customers still there after 0, 1, … periods: of all, and by tier, most at stake first."""

    everybody: tuple[Estimate, ...]
    tiers: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class ChurnPage:
    """Everything the page says; None or an empty tuple leaves a part out.

    profit: per customer, held out, of contacting whom the model says to contact; None where the definition
    says nothing of money, and the winner was then chosen by log loss. everybody: of contacting everybody.
    candidates' measures keep their order, the first one open. roc: (share of stayers, share of leavers)
    called so, ascending. gain: (share of customers, share of leavers found). calibration: predicted and
    observed. min_cell: tiers of fewer customers are not told.
    sizes_are_parts: whether drivers' sizes are mean parts of the log-odds, else information in nats. later:
    held-out rows are of a later time than the training's. calibrated: how probabilities were corrected.
    """

    name: str
    version: str | None
    winner: str
    checks: tuple[Check, ...]
    currency: str
    min_cell: int
    profit: Estimate | None = None
    everybody: Estimate | None = None
    confidence: float = 0.95
    rows_trained: int = 0
    rows_held_out: int = 0
    held_out_uses: int = 0
    left: float = 0.0
    calibrated: str = "none"
    horizon_days: int | None = None
    candidates: tuple[ChurnCandidate, ...] = ()
    roc: tuple[tuple[float, float], ...] = ()
    gain: tuple[tuple[float, Estimate], ...] = ()
    calibration: tuple[tuple[float, Estimate], ...] = ()
    tiers: tuple[TierMoney, ...] = ()
    drivers: tuple[ChurnDriver, ...] = ()
    sizes_are_parts: bool = True
    survival: Survival | None = None
    later: bool = False
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if self.profit is not None and not self.currency:
            raise LabError("Profit is money, but no currency was given.", "Give the project's currency.")

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure can be used."""
        return bool(hard_failures(self.checks))
