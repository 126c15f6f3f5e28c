"""What the report of a recommender says, as plain values."""

from dataclasses import dataclass, field

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class RecommendCandidate:
    """A model, or a baseline, with its figures on the holdout by name."""

    model: str
    metrics: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class CustomerKind:
    """Customers with or without a history (`warm`, `cold`): how many, and the winner's figures of them."""

    kind: str
    customers: int
    metrics: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class RecommendPage:
    """Everything the page says; an empty tuple leaves a part out.

    gain: the winner's NDCG of ten less the baseline's, on the same customers. cut: how the holdout was made.
    """

    name: str
    version: str | None
    winner: str
    baseline: str
    cut: str
    users: int
    items: int
    interactions: int
    gain: Estimate
    hit: Estimate
    checks: tuple[Check, ...]
    candidates: tuple[RecommendCandidate, ...]
    kinds: tuple[CustomerKind, ...] = ()
    held_out_uses: int | None = None
    origin: Origin = field(default_factory=Origin)

    @property
    def failed(self) -> bool:
        """Whether a hard check failed, so that no figure below it can be used."""
        return bool(hard_failures(self.checks))
