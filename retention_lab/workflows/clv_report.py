"""What `lab train` and `lab evaluate` found about a value model."""

from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class ClvTrainReport:
    """winner: the candidate with the least error on earlier cuts. candidates, baselines: with their figures
    on the holdout. calibration_end, holdout_end: days as 1997-09-30. params: of the winner."""

    name: str
    run_id: str
    winner: str
    model_version: str | None
    checks: list[Check]
    candidates: list[dict[str, Any]]
    baselines: list[dict[str, Any]]
    params: dict[str, float]
    customers: int
    calibration_end: str
    holdout_end: str
    held_out: dict[str, Any]
    report: str
    kind: str = "clv"

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        return {
            "name": self.name,
            "kind": self.kind,
            "winner": self.winner,
            "best": self.winner,
            "run_id": self.run_id,
            "model_version": self.model_version,
            "targeting": None,
            "checks": self.checks,
            "arms": [],
            "effects": [],
            "candidates": self.candidates,
            "baselines": self.baselines,
            "params": self.params,
            "customers": self.customers,
            "calibration_end": self.calibration_end,
            "holdout_end": self.holdout_end,
            "held_out": self.held_out,
            "report": self.report,
        }


@dataclass(frozen=True, slots=True)
class ClvEvaluateReport:
    """Evidence about a version on what came after its calibration, and its paired difference to another."""

    name: str
    version: str
    rows: int
    evidence: dict[str, Estimate]
    baseline: dict[str, Estimate]
    checks: list[Check]
    against: str | None
    difference: dict[str, Estimate]
    calibration_end: str
    holdout_end: str
    uses: int
    run_id: str
    kind: str = "clv"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        against = None
        if self.against is not None:
            paired = {name: found.as_json() for name, found in self.difference.items()}
            against = {"version": self.against, "difference": paired}
        return {
            "name": self.name,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": 0,
            "calibration_end": self.calibration_end,
            "holdout_end": self.holdout_end,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": {name: found.as_json() for name, found in self.evidence.items()},
            "same_rate": {name: found.as_json() for name, found in self.baseline.items()},
            "checks": self.checks,
            "against": against,
            "run_id": self.run_id,
        }
