"""What a model report says, as plain values."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from retention_lab.checks import Check, hard_failures
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin
from retention_lab.uplift.understanding.summary import Understanding


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm of the experiment: rows, their share, the planned share (None where unknown), mean outcome."""

    arm: str
    rows: int
    share: float
    planned: float | None
    outcome_mean: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Average effect of an arm against control, per customer, in the outcome's own unit."""

    arm: str
    effect: Estimate


@dataclass(frozen=True, slots=True)
class Candidate:
    """One fitted learner with its held-out metrics by name; None where one could not be computed."""

    model: str
    metrics: tuple[tuple[str, Estimate | None], ...]


@dataclass(frozen=True, slots=True)
class GainCurve:
    """Gain per customer of the audience when the best-ranked share gets the arm: (share, gain), ascending.

    at_random: the gain when everyone gets it, to which a random order leads in a straight line.
    """

    arm: str
    points: tuple[tuple[float, Estimate], ...]
    at_random: float


@dataclass(frozen=True, slots=True)
class CalibrationGroups:
    """Predicted and measured effect by group of predicted effect; slope 1 means that they agree."""

    arm: str
    groups: tuple[tuple[float, Estimate], ...]
    slope: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Everything the page says; None or an empty tuple leaves a part out.

    targeting: better (than treating everyone alike), none_better, or None where it could not be judged.
    gain: what the model's choice gains per customer, held out: over the best single arm for all (`over`), or,
    where budget_share is given, over the same spend on random customers with that arm when that share of the
    customers can be reached.
    outcome: the outcome's name; unit: of values and gains, money, share (of customers, 0 to 1) or number;
    own_unit: of the outcome as it was measured, None: the same. understanding: of the best learner; its
    refutations are among `checks`.
    rows_trained, rows_held_out: customers; held_out_uses: how often the held-out part has been looked at.
    metrics of candidates keep their order, the first one open; limits: further sentences, as given.
    """

    name: str
    version: str | None
    winner: str
    outcome: str
    unit: Literal["money", "share", "number"]
    targeting: Literal["better", "none_better"] | None
    checks: tuple[Check, ...]
    currency: str = ""
    confidence: float = 0.95
    gain: Estimate | None = None
    over: str = ""
    budget_share: float | None = None
    own_unit: Literal["money", "share", "number"] | None = None
    horizon_days: int | None = None
    rows_trained: int | None = None
    rows_held_out: int | None = None
    held_out_uses: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    causal_basis: Literal["randomised", "assumed"] = "randomised"
    arms: tuple[ArmRow, ...] = ()
    effects: tuple[Effect, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    gain_curves: tuple[GainCurve, ...] = ()
    calibrations: tuple[CalibrationGroups, ...] = ()
    gate: tuple[Check, ...] = ()
    limits: tuple[str, ...] = ()
    understanding: Understanding | None = None
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if "money" in (self.unit, self.own_unit) and not self.currency:
            raise LabError("The outcome is money, but no currency was given.", "Give the project's currency.")

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure below it can be used."""
        return bool(hard_failures(self.checks))
