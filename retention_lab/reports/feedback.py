"""What the page about customers' messages says, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from retention_lab.checks import Check, hard_failures
from retention_lab.estimate import Estimate
from retention_lab.feedback.keywords import Keyword
from retention_lab.feedback.trend import TopicCount
from retention_lab.reports.parts import Origin


@dataclass(frozen=True, slots=True)
class FeedbackCandidate:
    """A classifier with its figures on held-out messages by name."""

    model: str
    metrics: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """gain: share of messages judged rightly, less that of calling all of them alike. keywords: by topic, and
    of `complaint` and `praise`. topics: over all time; months: likewise by month, () without times."""

    name: str
    version: str | None
    winner: str
    messages: int
    customers: int
    rows_held_out: int
    min_cell: int
    accuracy: Estimate
    gain: Estimate
    checks: tuple[Check, ...]
    candidates: tuple[FeedbackCandidate, ...]
    keywords: Mapping[str, tuple[Keyword, ...]]
    topics: tuple[TopicCount, ...]
    months: tuple[TopicCount, ...] = ()
    held_out_uses: int = 1
    origin: Origin = field(default_factory=Origin)

    @property
    def failed(self) -> bool:
        """Whether a hard check failed."""
        return bool(hard_failures(self.checks))
