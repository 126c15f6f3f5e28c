"""What the page of trained segments says, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from retention_lab.checks import Check
from retention_lab.estimate import Estimate
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class SegmentTrait:
    """A feature that sets a segment apart: level for categories; high: above everybody's mean."""

    feature: str
    level: str | None
    high: bool


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """name: as registered. typical: feature -> mean, or the commonest level; traits: strongest first.

    points: coordinates of some of its customers on the first two axes; centre: theirs on average, None for a
    segment without customers.
    """

    name: str
    customers: int
    share: Estimate
    typical: Mapping[str, float | str | None]
    traits: tuple[SegmentTrait, ...]
    points: tuple[tuple[float, float], ...]
    centre: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class GroupsTried:
    """A number of groups: how well it is found again, and the silhouette."""

    groups: int
    stability: Estimate
    silhouette: float | None


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    """stable: the index from which groups count as found again. weights: feature -> what LASSO gave it."""

    name: str
    version: str | None
    method: str
    customers: int
    left_out: int
    min_cell: int
    stable: float
    chosen: GroupsTried
    tried: tuple[GroupsTried, ...]
    segments: tuple[SegmentRow, ...]
    checks: tuple[Check, ...]
    weights: Mapping[str, float] | None = None
    origin: Origin = field(default_factory=Origin)
