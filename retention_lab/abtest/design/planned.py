"""A test as its specification plans it, for one metric: level, direction, shares and looks."""

from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.hypothesis import Hypothesis, alpha_of_each, non_inferiority
from retention_lab.abtest.design.looks import Looks, even_looks, planned_looks
from retention_lab.abtest.design.past import Past
from retention_lab.abtest.margin import margin_of
from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.sequential.group_sequential import group_sequential
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
from retention_lab.abtest.specification import Specification
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

OFTEN = 28  # looks at a test that is read day by day, where nobody says how many: four weeks
_DIGITS = 12  # of a level: 1 - 0.95 is 0.05 to so many


def planned_comparison(
    spec: Specification, metric: Metric, past: Past, shares: Sequence[float], *, dated: bool = True
) -> Comparison:
    """One metric's comparison of arms with control, judged as the specification's analysis will.

    shares: of the units, control first. dated: whether outcomes come in day by day; where they do not, an
    always-valid test is read once, at its end, and finds less than one that may stop earlier.
    A guardrail with a margin is planned as a test of non-inferiority; its level is not corrected, nor is
    that of any metric outside the correction.
    Raises LabError where the margin or the shares cannot be, or a quantile is to be looked at while it runs.
    """
    hypothesis = hypothesis_of(spec, metric, past.outcome.baseline, len(shares) - 1)
    timing = spec.analysis.sequential
    if isinstance(metric, Quantile) and timing != "fixed":
        raise LabError(
            "A quantile has no interval that holds at every look.",
            "Plan it with `sequential: fixed`, or plan for another metric.",
            key="analysis.sequential",
        )
    count = spec.plan.looks or (OFTEN if dated and timing == "always_valid" else 1)
    looks = None if timing == "fixed" else looks_of(spec, hypothesis, shares, count)
    return Comparison(metric.name, past.outcome, hypothesis, shares, past.precision, looks)


def hypothesis_of(spec: Specification, metric: Metric, baseline: float, arms: int) -> Hypothesis:
    """What one comparison is tested for. baseline: of the metric; arms: besides control.

    The level is Bonferroni's share of it, for whichever correction: see `alpha_of_each`.
    """
    analysis = spec.analysis
    alpha = round(1 - analysis.confidence, _DIGITS)
    margin = margin_of(metric, baseline) if metric.role == "guardrail" else None
    if margin is not None:
        return non_inferiority(
            margin.width, better=margin.better, alpha=alpha, distribution=analysis.distribution
        )
    alpha = alpha_of_each(alpha, comparisons_sharing(spec, metric, arms), analysis.correction)
    distribution: Literal["t", "normal"] = "normal" if isinstance(metric, Quantile) else analysis.distribution
    return Hypothesis(alpha, analysis.alternative, 0.0, distribution, analysis.pooled)


def comparisons_sharing(spec: Specification, metric: Metric, arms: int) -> int:
    """How many comparisons share the level with one of this metric: of primary and secondary metrics, times
    arms besides control; 1 where nothing is corrected."""
    counted = ("primary", "secondary")
    if metric.role not in counted or spec.analysis.correction == "none":
        return 1
    return arms * sum(one.role in counted for one in spec.metrics)


def looks_of(spec: Specification, hypothesis: Hypothesis, shares: Sequence[float], looks: int) -> Looks:
    """The looks of a test that is read while it runs, equally far apart; the last one at the planned end.

    An always-valid boundary is tuned to the planned end, and the test cannot stop while an arm has fewer
    units than a look needs.
    """
    alpha, alternative = hypothesis.alpha, hypothesis.alternative
    if spec.analysis.sequential == "group_sequential":
        fractions = even_looks(looks)
        test = group_sequential(fractions, 1.0, alpha=alpha, alternative=alternative)
        return planned_looks(fractions, test.critical_values())

    def boundary(units: Floats) -> Floats:
        # The boundary depends on units over planned ones alone: those of the comparison, or of all arms.
        mixture = tuned_mixture(float(units[-1]), alpha, alternative=alternative)
        begun = min(shares) * units >= FEWEST_UNITS
        return np.where(begun, mixture.critical_value(units, alpha), inf)

    return Looks(even_looks(looks), boundary)


def towards_better(comparison: Comparison, metric: Metric) -> float:
    """The sign of an improvement that the test looks for: of its alternative, else of the good direction."""
    if comparison.hypothesis.alternative != "two_sided":
        return comparison.hypothesis.sign
    return 1.0 if metric.better == "higher" else -1.0
