"""What a churn training found, as `lab train` shows it."""

from dataclasses import asdict, dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.churn.tiers import TierMoney


@dataclass(frozen=True, slots=True)
class Driver:
    """A feature: the reason it is evidence of, the mean size of its part in the log-odds (None where the
    winner has no such parts), and its information alone, in nats."""

    feature: str
    group: str
    log_odds: float | None
    nats: float


@dataclass(frozen=True, slots=True)
class ChurnReport:
    """What a training found.

    winner: what is registered, None where a hard check failed. chosen_by: profit, or log_loss where the
    definition has no `profit:`. metrics: of the winner on the held-out rows. model_version: None where
    nothing was registered. in_money: whether tiers are money; skipped: models that were not fitted, and why.
    settings: what tuning found, by model.
    """

    name: str
    winner: str | None
    run_id: str
    model_version: str | None
    checks: list[Check]
    chosen_by: str
    metrics: dict[str, Any]
    candidates: list[dict[str, Any]]
    held_out: dict[str, Any]
    report: str | None
    calibration: str | None = None
    in_money: bool = False
    tiers: tuple[TierMoney, ...] = ()
    drivers: tuple[Driver, ...] = ()
    skipped: dict[str, str] | None = None
    settings: dict[str, dict[str, Any]] | None = None
    kind: str = "churn"

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed; nothing is registered where one did."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "name": self.name,
            "kind": self.kind,
            "winner": self.winner,
            "best": self.winner,
            "chosen_by": self.chosen_by,
            "run_id": self.run_id,
            "model_version": self.model_version,
            "targeting": None,
            "metrics": self.metrics,
            "checks": self.checks,
            "arms": [],
            "effects": [],
            "candidates": self.candidates,
            "skipped": self.skipped or {},
            "settings": self.settings or {},
            "calibration": self.calibration,
            "tiers": [_tier(one, in_money=self.in_money) for one in self.tiers],
            "drivers": [asdict(one) for one in self.drivers],
            "held_out": self.held_out,
            "report": self.report,
        }


def _tier(one: TierMoney, *, in_money: bool) -> dict[str, Any]:
    observed = None if one.observed_loss is None else one.observed_loss.as_json()
    return {
        "tier": one.name,
        "customers": one.customers,
        "probability": one.probability,
        "left": one.left,
        "unit": "money" if in_money else "customers",
        "expected_loss": one.expected_loss,
        "observed_loss": observed,
    }
