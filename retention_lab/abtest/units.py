"""The units of a metric by the test's design: one by one, within strata, or whole clusters."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.abtest.arm import Adjustment, Compared, Form, compared
from retention_lab.abtest.metrics import Metric, Proportion, Ratio
from retention_lab.abtest.moments import Sums, moments_of
from retention_lab.abtest.stratify import stratified
from retention_lab.abtest.summary import Part, Summary
from retention_lab.abtest.terms import demand
from retention_lab.arrays import Floats
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Selection:
    """Which units are compared. arm: beside control; until: up to that day, None: all; segment: column and
    level, None: everybody."""

    arm: int
    until: int | None = None
    segment: tuple[str, str] | None = None


def compare_units(
    summary: Summary, metric: Metric, which: Selection, adjustment: Adjustment
) -> tuple[Compared, Compared]:
    """Control and the arm: adjusted for the metric's covariates, and as they are.

    Raises LabError where an arm or a stratum has fewer than two units, or a denominator is 0.
    """
    if which.segment is not None:
        column, level = which.segment
        if summary.clusters is not None:
            raise LabError(
                "Whole clusters were randomised, and a segment's units are not independent.",
                "Leave `segments` out, or make the segment a test of its own.",
                key="analysis.segments",
            )
        part = summary.segments[column]
        arms = [part.sums(metric.name, arm, level=part.levels.index(level)) for arm in (0, which.arm)]
        return _both(arms, form_of(metric), adjustment)
    if summary.clusters is not None:
        form = cluster_form(metric)
        totals = [_cluster_totals(summary.clusters, metric, arm, which.until) for arm in (0, which.arm)]
        centre = 0.0 if isinstance(metric, Ratio) else float(summary.clusters.moments[metric.name].centre[0])
        adjusted, plain = _both(_as_units(totals), form, adjustment)
        return _about(adjusted, centre), _about(plain, centre)
    main, form = summary.main, form_of(metric)
    if len(main.levels) > 1:
        strata = [
            [main.sums(metric.name, arm, until=which.until, level=level) for arm in (0, which.arm)]
            for level in range(len(main.levels))
        ]
        return stratified(strata, form, adjustment), stratified(strata, form.without_covariates, adjustment)
    arms = [main.sums(metric.name, arm, until=which.until) for arm in (0, which.arm)]
    return _both(arms, form, adjustment)


def form_of(metric: Metric) -> Form:
    """How the metric is made of its demand's terms."""
    outcomes = 2 if isinstance(metric, Ratio) else 1
    plain = tuple((outcomes + i, None) for i in range(len(getattr(metric, "covariates", ()))))
    if isinstance(metric, Ratio) and metric.before is not None:
        first = outcomes + len(plain)
        return Form(1, (*plain, (first, first + 1)))
    return Form(1 if isinstance(metric, Ratio) else None, plain)


def cluster_form(metric: Metric) -> Form:
    """The same of clusters' totals, behind which the number of units stands: a mean becomes a ratio, since
    clusters differ in size.

    Source: Deng, Knoblich and Lu (2018), KDD, doi:10.1145/3219819.3219919, section 3.
    """
    own, count = form_of(metric), len(demand(metric).terms)
    below = count if own.below is None else own.below
    return Form(below, tuple((j, count if under is None else under) for j, under in own.covariates))


def is_share(metric: Metric) -> bool:
    """Whether the metric is a mean of zeros and ones, unadjusted."""
    return isinstance(metric, Proportion) and not metric.covariates


def _both(arms: list[Sums], form: Form, adjustment: Adjustment) -> tuple[Compared, Compared]:
    adjusted = compared(arms, form, adjustment)
    return adjusted, adjusted if not form.covariates else compared(arms, form.without_covariates, adjustment)


def _cluster_totals(part: Part, metric: Metric, arm: int, until: int | None) -> Floats:
    """(clusters, p + 1) totals of each number, and of units; beyond the centre, but for ratios, whose numbers
    divide each other."""
    known = part.by_level(metric.name, arm, until)
    count = known.count.astype(np.float64)
    centre = known.centre if isinstance(metric, Ratio) else np.zeros_like(known.centre)
    totals = np.column_stack([known.total + count[:, None] * centre, count])[count > 0]
    if len(totals) < 2:
        raise LabError(
            f"An arm has {len(totals)} clusters, which show no spread.",
            "Randomise more clusters: their number counts, not that of the units in them.",
            key="cluster",
        )
    return np.asarray(totals, dtype=np.float64)


def _about(found: Compared, centre: float) -> Compared:
    """Values that were beyond a centre, in the metric's own unit."""
    arms = tuple(replace(one, value=one.value + centre, beyond=one.value) for one in found.arms)
    return replace(found, arms=arms)


def _as_units(arms: list[Floats]) -> list[Sums]:
    """Moments of each arm's rows, about one centre."""
    centre = np.concatenate(arms).mean(axis=0)
    found = []
    for rows in arms:
        cell = np.zeros(len(rows), dtype=np.int64)
        found.append(moments_of(rows, cell, 1, rows.shape[1], centre).sums_over(np.array([True])))
    return found
