"""What a training found, as `lab train` shows it."""

from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.uplift.effects import AverageEffect
from retention_lab.uplift.understanding.summary import Understanding


@dataclass(frozen=True, slots=True)
class UpliftReport:
    """What a training found.

    targeting: better, none_better, or None where it was not judged. best: the candidate with the best
    cross-fitted evidence; winner: the learner that is registered, which is `constant` where targeting is
    none_better; registered: that learner, and the one offer that it gives (None: it chooses). metrics: of
    what is registered, on the held-out rows. model_version: None where nothing was registered.
    understanding: of the best learner that tells customers apart; None where none was fitted. tuning: the
    boosting settings found and the steps that led there; None where none were looked for.
    """

    name: str
    kind: str
    winner: str | None
    run_id: str
    model_version: str | None
    targeting: str | None
    causal_basis: str
    checks: list[Check]
    gate: list[Check]
    best: str | None
    registered: dict[str, Any] | None
    metrics: dict[str, Any]
    arms: list[dict[str, Any]]
    effects: list[AverageEffect]
    candidates: list[dict[str, Any]]
    held_out: dict[str, Any]
    report: str | None
    tuning: dict[str, Any] | None = None
    understanding: Understanding | None = None

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
            "run_id": self.run_id,
            "model_version": self.model_version,
            "targeting": self.targeting,
            "best": self.best,
            "registered": self.registered,
            "metrics": self.metrics,
            "causal_basis": self.causal_basis,
            "checks": self.checks,
            "gate": self.gate,
            "arms": self.arms,
            "effects": [
                {"arm": found.arm, "outcome": found.outcome, **found.effect.as_json()}
                for found in self.effects
            ],
            "candidates": self.candidates,
            "understanding": None if self.understanding is None else self.understanding.as_json(),
            "held_out": self.held_out,
            "report": self.report,
            "tuning": self.tuning,
        }
