"""What `lab train` and `lab evaluate` found about a model of messages."""

from dataclasses import dataclass
from typing import Any

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """What a training found.

    winner: the learner with the least cross-fitted log loss. metrics: of the winner on held-out customers'
    messages. keywords: by topic, and of complaint and praise, each of at least as many customers as may be
    shown. topics: messages and customers by topic and side, hidden likewise. messages: all that were read.
    """

    name: str
    winner: str
    run_id: str
    model_version: str | None
    checks: list[Check]
    metrics: dict[str, Any]
    candidates: list[dict[str, Any]]
    keywords: dict[str, list[dict[str, Any]]]
    topics: list[dict[str, Any]]
    messages: int
    labelled: int
    customers: int
    held_out: dict[str, Any]
    calibration: str
    report: str
    kind: str = "feedback"

    @property
    def trusted(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {**found, "best": self.winner, "targeting": None, "arms": [], "effects": []}


@dataclass(frozen=True, slots=True)
class FeedbackEvaluation:
    """Evidence about a version on messages of customers it was not trained on, and its difference to another.

    unread: share of those messages of which the version says nothing.
    """

    name: str
    version: str
    rows: int
    dropped: int
    unread: float
    evidence: dict[str, Estimate]
    checks: list[Check]
    against: str | None
    difference: dict[str, Estimate]
    uses: int
    run_id: str
    kind: str = "feedback"

    def as_json(self) -> dict[str, Any]:
        """The document of the contract."""
        paired = {name: one.as_json() for name, one in self.difference.items()}
        return {
            "name": self.name,
            "version": self.version,
            "rows": self.rows,
            "rows_dropped_as_trained_on": self.dropped,
            "unread": self.unread,
            "held_out": {"rows": self.rows, "uses": self.uses},
            "metrics": {name: one.as_json() for name, one in self.evidence.items()},
            "checks": self.checks,
            "against": None if self.against is None else {"version": self.against, "difference": paired},
            "run_id": self.run_id,
        }
