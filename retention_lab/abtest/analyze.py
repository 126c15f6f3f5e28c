"""The whole analysis of a test: may it be believed, what did each arm do, what follows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.abtest.compare import Asked, compare
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.correct import corrected
from retention_lab.abtest.decide import Decision, Progress, decide
from retention_lab.abtest.heterogeneity import Heterogeneity, heterogeneity
from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.multiplicity import each_confidence
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.trust import Trust, trust
from retention_lab.abtest.units import Selection


@dataclass(frozen=True, slots=True)
class Look:
    """A primary metric at the end of a day. units: of the comparison so far."""

    day: str
    units: int
    comparison: Comparison

    def as_json(self) -> dict[str, Any]:
        """The day, and the comparison's main numbers."""
        found = self.comparison.as_json()
        names = ("metric", "arm", "effect", "ci_low", "ci_high", "p_value", "reason")
        return {"day": self.day, "units": self.units, **{n: found[n] for n in names if n in found}}


@dataclass(frozen=True, slots=True)
class Analysis:
    """metrics: a comparison for each metric and arm; segments: for each level of each segment; interactions:
    whether effects differ between the levels; looks: the primary metrics day by day."""

    trust: Trust
    metrics: tuple[Comparison, ...]
    segments: tuple[Comparison, ...]
    interactions: tuple[Heterogeneity, ...]
    looks: tuple[Look, ...]
    decision: Decision

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment analyze`, without the name and the run."""
        ratio = self.trust.sample_ratio
        return {
            "trustworthy": self.trust.trustworthy,
            "sample_ratio": {
                "p_value": None if ratio is None else ratio.p_value,
                "observed": None if ratio is None else ratio.observed,
                "planned": None if ratio is None else ratio.planned,
            },
            "checks": list(self.trust.checks),
            "metrics": [one.as_json() for one in self.metrics],
            "segments": [one.as_json() for one in self.segments],
            "interactions": [one.as_json() for one in self.interactions],
            "looks": [one.as_json() for one in self.looks],
            "decision": self.decision.as_json(),
        }


def analyze(summary: Summary, spec: Specification, progress: Progress | None = None) -> Analysis:
    """Everything that a test's summary says under its specification.

    progress: how far the test is; None: as far as its units and the plan say.
    """
    days = _looks_of(summary, spec)
    units = {arm: _so_far(summary, arm, days) for arm in range(1, len(summary.arms))}
    asked = [
        Asked(metric, Selection(arm), units[arm])
        for metric in spec.metrics
        for arm in range(1, len(summary.arms))
    ]
    metrics = corrected([compare(summary, spec, one) for one in asked], spec)
    segments = _segments(summary, spec)
    found = trust(summary, spec)
    return Analysis(
        found,
        tuple(metrics),
        tuple(segments),
        tuple(heterogeneity(summary, spec)),
        tuple(_path(summary, spec, days)),
        decide(found, metrics, spec, progress or progress_of(summary, spec)),
    )


def progress_of(summary: Summary, spec: Specification) -> Progress:
    """By the planned units; a table without days counts as ended where nothing is planned."""
    planned = spec.plan.n_per_arm
    if planned is None:
        dated = len(summary.days) > 1 or spec.exposed_at is not None
        return Progress(None if dated else True, "no end is planned" if dated else "the table is complete")
    smallest = min(summary.main.units(arm) for arm in range(len(summary.arms)))
    if smallest >= planned:
        return Progress(True, f"{smallest:,} units in the smallest arm, {planned:,} were planned")
    return Progress(False, f"{planned - smallest:,} more units in the smallest arm, of {planned:,} planned")


def _segments(summary: Summary, spec: Specification) -> list[Comparison]:
    """Effects by level, corrected within each segment over its metrics, arms and levels."""
    found = []
    for column, part in summary.segments.items():
        asked = [
            Asked(metric, Selection(arm, segment=(column, level)))
            for metric in spec.metrics
            if not isinstance(metric, Quantile)
            for arm in range(1, len(summary.arms))
            for level in part.levels
        ]
        judged = _banded(spec, len(part.levels)) if column == spec.analysis.score else spec
        found += corrected([compare(summary, judged, one) for one in asked], spec)
    return found


def _banded(spec: Specification, groups: int) -> Specification:
    """With intervals that hold in all groups at once: groups share no unit."""
    each = each_confidence(spec.analysis.confidence, groups, "sidak")
    return spec.model_copy(update={"analysis": spec.analysis.model_copy(update={"confidence": each})})


def _looks_of(summary: Summary, spec: Specification) -> list[int]:
    """Days at which the test is looked at: every day, or where planned looks fall due, and the last."""
    days = len(summary.days)
    if days < 2 or spec.analysis.sequential != "group_sequential" or spec.plan.n_per_arm is None:
        return list(range(days))
    looks = spec.plan.looks or 1
    so_far = np.array(
        [min(summary.main.units(a, until=d) for a in range(len(summary.arms))) for d in range(days)]
    )
    due = [
        int(np.argmax(so_far >= share))
        for share in _shares(looks, spec.plan.n_per_arm)
        if so_far[-1] >= share
    ]
    return sorted({*due, *([] if so_far[-1] >= spec.plan.n_per_arm else [days - 1])})


def _shares(looks: int, planned: int) -> Iterator[float]:
    return (planned * (k + 1) / looks for k in range(looks))


def _so_far(summary: Summary, arm: int, days: Sequence[int]) -> tuple[float, ...]:
    """Units of control and the arm, at each look."""
    counts = [sum(summary.main.units(k, until=day) for k in (0, arm)) for day in days]
    return tuple(float(n) for n in counts if n > 0)


def _path(summary: Summary, spec: Specification, days: Sequence[int]) -> Iterator[Look]:
    """The primary metrics at every look; nothing for tables without days."""
    if len(summary.days) < 2:
        return
    for metric in spec.metrics:
        if metric.role == "primary" and not isinstance(metric, Quantile):
            for arm in range(1, len(summary.arms)):
                yield from _path_of(summary, spec, metric, arm, days)


def _path_of(
    summary: Summary, spec: Specification, metric: Metric, arm: int, days: Sequence[int]
) -> Iterator[Look]:
    units: list[float] = []
    for day in days:
        smallest = min(summary.main.units(k, until=day) for k in (0, arm))
        if smallest < FEWEST_UNITS:
            continue
        units.append(float(sum(summary.main.units(k, until=day) for k in (0, arm))))
        found = compare(summary, spec, Asked(metric, Selection(arm, until=day), tuple(units)))
        yield Look(summary.days[day], int(units[-1]), found)
