"""What `lab train` and `lab evaluate` found about a recommender."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class RecommendTrainReport:
    """winner: the best candidate on an inner cut. candidates, baselines: with their figures on the holdout,
    of users with a history. warmth: the winner's, with and without one. gain: over the baseline, paired.
    cut: how the holdout was made."""

    name: str
    run_id: str
    winner: str
    model_version: str | None
    checks: list[Check]
    candidates: list[dict[str, Any]]
    baselines: list[dict[str, Any]]
    warmth: Mapping[str, Mapping[str, Estimate]]
    gain: Mapping[str, Estimate]
    users: int
    items: int
    interactions: int
    cut: str
    held_out: dict[str, Any]
    report: str
    kind: str = "recommend"

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
            "by_history": {group: estimates_json(found) for group, found in self.warmth.items()},
            "gain": estimates_json(self.gain),
            "users": self.users,
            "items": self.items,
            "interactions": self.interactions,
            "cut": self.cut,
            "held_out": self.held_out,
            "report": self.report,
        }


@dataclass(frozen=True, slots=True)
class RecommendEvaluateReport:
    """Evidence about a version on what customers took after it learned, and paired differences."""

    name: str
    version: str
    rows: int
    evidence: Mapping[str, Estimate]
    warmth: Mapping[str, Mapping[str, Estimate]]
    baseline: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]
    against: str | None
    difference: Mapping[str, Estimate]
    cut: str
    uses: int
    run_id: str
    kind: str = "recommend"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        against = None
        if self.against is not None:
            against = {"version": self.against, "difference": estimates_json(self.difference)}
        return {
            "name": self.name,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": 0,
            "cut": self.cut,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": estimates_json(self.evidence),
            "by_history": {group: estimates_json(found) for group, found in self.warmth.items()},
            "decayed_popular": estimates_json(self.baseline),
            "gain": estimates_json(self.gain),
            "checks": [],
            "against": against,
            "run_id": self.run_id,
        }


def estimates_json(found: Mapping[str, Estimate]) -> dict[str, Any]:
    """Each as its four numbers."""
    return {name: one.as_json() for name, one in found.items()}
