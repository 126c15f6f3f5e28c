"""What the page of basket rules says, as plain values."""

from dataclasses import dataclass, field

from retention_lab.checks import Check
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule: its sides, and how strong it is; baskets: those with both sides.

    held_out: its lift in baskets that it was not found in, None where it was not looked up.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    baskets: int
    support: float
    confidence: float
    lift: float
    q_value: float
    held_out: Estimate | None


@dataclass(frozen=True, slots=True)
class RankingTried:
    """A way to rank suggestions, and the share of hidden items that it found."""

    ranking: str
    found: Estimate


@dataclass(frozen=True, slots=True)
class RulesPage:
    """looked_up: rules found without the held-out baskets, confirmed: those of them that hold there.

    lift_kept: mean lift there as a share of the mean lift where they were found. better: whether suggestions
    find more than the best sellers do. k: suggestions for each basket. strongest: the rules by lift.
    """

    name: str
    version: str | None
    baskets: int
    baskets_held_out: int
    items: int
    rules: int
    significant: int
    looked_up: int
    confirmed: int
    lift_kept: Estimate | None
    better: bool
    k: int
    taken: str
    strongest: tuple[RuleLine, ...]
    tried: tuple[RankingTried, ...]
    min_cell: int
    checks: tuple[Check, ...]
    origin: Origin = field(default_factory=Origin)
