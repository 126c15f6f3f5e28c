"""What `lab train` and `lab evaluate` found about a forecast."""

from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class DemandTrainReport:
    """winner: the candidate with the least error on the periods that choose. beats_baseline: whether it
    surely errs less than the same as last season on those that judge. candidates: with their figures there.
    learned_until, judged_until: first days of the periods after them, as 2026-03-02. campaign: with, without
    and measured. forecast: the file with every series' forecast."""

    name: str
    run_id: str
    winner: str
    baseline: str
    beats_baseline: bool
    model_version: str | None
    checks: list[Check]
    candidates: list[dict[str, Any]]
    series: int
    periods: int
    period: str
    horizon: int
    season: int
    learned_until: str
    judged_until: str
    held_out: dict[str, Any]
    campaign: dict[str, Any]
    forecast: str
    report: str
    kind: str = "demand"

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "best": self.winner, "targeting": None, "arms": [], "effects": []}


@dataclass(frozen=True, slots=True)
class DemandEvaluateReport:
    """Evidence about a version on what came after its learning, and its paired difference to another."""

    name: str
    version: str
    rows: int
    evidence: dict[str, Estimate]
    checks: list[Check]
    against: str | None
    difference: dict[str, Estimate]
    baseline: str
    learned_until: str
    judged_until: str
    uses: int
    run_id: str
    kind: str = "demand"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        against = None
        if self.against is not None:
            paired = {name: found.as_json() for name, found in self.difference.items()}
            against = {"version": self.against, "difference": paired}
        return {
            "name": self.name,
            "kind": self.kind,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": 0,
            "baseline": self.baseline,
            "learned_until": self.learned_until,
            "judged_until": self.judged_until,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": {name: found.as_json() for name, found in self.evidence.items()},
            "checks": self.checks,
            "against": against,
            "run_id": self.run_id,
        }
