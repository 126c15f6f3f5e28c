"""A metric of a test, from its summary to an effect with interval and p-value."""

from dataclasses import dataclass, replace
from math import inf, sqrt

from retention_lab.abtest.arm import ArmValue, Compared
from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.bayes import Posterior, effect_posterior
from retention_lab.abtest.beta_binomial import share_posterior
from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.histogram import Histogram
from retention_lab.abtest.lift import Lift, Rule, absolute_lift
from retention_lab.abtest.looks import Looking, looking, require_begun
from retention_lab.abtest.margin import margin_of, within_margin
from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.quantile import (
    arm_quantile,
    quantile_difference,
    quantile_test,
    relative_quantile_difference,
)
from retention_lab.abtest.relative import RelativeLift, relative_lift
from retention_lab.abtest.share_lift import share_lift
from retention_lab.abtest.skewed import material_skewness, skewed_lift, skewed_relative
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.units import Selection, compare_units, is_share
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a test. units: of the comparison, at each look so far, this one last; empty: this is
    the only one."""

    metric: Metric
    which: Selection
    units: tuple[float, ...] = ()


def compare(summary: Summary, spec: Specification, asked: Asked) -> Comparison:
    """One metric in one arm beside control; where it cannot be computed, the reason in its place."""
    try:
        if isinstance(asked.metric, Quantile):
            return _quantile(summary, spec, asked, asked.metric)
        return _mean(summary, spec, asked)
    except LabError as error:
        return replace(_blank(summary, asked), reason=str(error))


def _mean(summary: Summary, spec: Specification, asked: Asked) -> Comparison:
    metric = asked.metric
    rule = rule_of(spec, metric)
    adjusted, plain = compare_units(summary, metric, asked.which, spec.analysis.adjustment)
    # of clusters' totals, and within strata, zeros and ones vary as they were found to
    share = is_share(metric) and summary.clusters is None and len(summary.main.levels) == 1
    control, arm = map(_as_share, adjusted.arms) if share else adjusted.arms
    how = looking(spec, summary.arms[asked.which.arm])
    require_begun(how.timing, control.n, arm.n)
    units = asked.units or (float(control.n + arm.n),)
    covariance = adjusted.covariance[1]
    corrects = spec.analysis.skewness == "corrected" and not rule.pooled
    skew = material_skewness(control, arm) if corrects else 0.0
    own = spec.analysis.proportion if share and spec.analysis.sequential == "fixed" else "wald"
    if own != "wald":
        lift, method = share_lift(control, arm, rule, own), str(own)
    else:
        lift, method = _fixed_lift(control, arm, rule, covariance, skew)
    rule = how.ruled(rule, units)
    lift = how.seen(lift, rule, units, skew)
    margin = margin_of(metric, control.value)
    if margin is not None:
        lift = within_margin(lift, margin, how, units, skew)
    relative, reason = _relative((control, arm), rule, covariance, spec, skew)
    return replace(
        _blank(summary, asked),
        mean_arm=arm.value,
        mean_control=control.value,
        lift=lift,
        relative=relative,
        variance_reduction=_reduction(adjusted, plain),
        correlation=adjusted.correlation or None,
        method=method if how.timing == "fixed" else how.timing,
        relative_reason=reason,
        posterior=_posterior(control, arm, lift, metric, counts=share and not adjusted.correlation)
        if spec.analysis.posterior
        else None,
        control_loading=_loading(control, lift),
    )


def _posterior(control: ArmValue, arm: ArmValue, lift: Lift, metric: Metric, *, counts: bool) -> Posterior:
    """Of counted shares the exact one, under uniform priors; else a normal one, under a flat prior."""
    if not counts:
        return effect_posterior(lift.value, lift.se, better=metric.better)
    one, two = (ArmCounts(round(of.value * of.n), of.n) for of in (control, arm))
    return share_posterior(one, two, better=metric.better)


def _loading(control: ArmValue, lift: Lift) -> float | None:
    """What the shared control brings to the standard error; None where the two are not made of each other."""
    share = sqrt(control.error) / lift.se if lift.se > 0 else inf
    return share if share < 1 else None


def rule_of(spec: Specification, metric: Metric | None = None) -> Rule:
    """How intervals are made, as the analysis asks; a one-sided one of a guardrail is closed towards harm."""
    analysis = spec.analysis
    alternative = analysis.alternative
    if alternative != "two_sided" and metric is not None and metric.worse_by_at_most is not None:
        alternative = "greater" if metric.better == "higher" else "less"
    return Rule(analysis.confidence, analysis.distribution == "normal", analysis.pooled, alternative)


def _fixed_lift(
    control: ArmValue, arm: ArmValue, rule: Rule, covariance: float, skew: float
) -> tuple[Lift, str]:
    if skew:
        return skewed_lift(control, arm, rule, covariance, skew), "skewness_corrected"
    name = "normal" if rule.normal else "student" if rule.pooled else "welch"
    return absolute_lift(control, arm, rule, covariance), name


def _relative(
    arms: tuple[ArmValue, ArmValue], rule: Rule, covariance: float, spec: Specification, skew: float
) -> tuple[RelativeLift | None, str | None]:
    try:
        if skew:
            return skewed_relative(*arms, rule, spec.analysis.relative, covariance, skew), None
        return relative_lift(*arms, rule, spec.analysis.relative, covariance), None
    except LabError as error:
        return None, str(error)


def _as_share(value: ArmValue) -> ArmValue:
    """Of zeros and ones the variance is known from their mean."""
    return replace(value, variance=max(value.value * (1 - value.value), 0.0))


def _reduction(adjusted: Compared, plain: Compared) -> float | None:
    if adjusted.correlation == 0:
        return None
    before = sum(one.error for one in plain.arms)
    return 1 - sum(one.error for one in adjusted.arms) / before if before > 0 else None


def _quantile(summary: Summary, spec: Specification, asked: Asked, metric: Quantile) -> Comparison:
    if spec.analysis.sequential != "fixed":
        raise LabError(
            "A quantile has no interval that holds at every look.",
            "Read it once, at the end, with `sequential: fixed`.",
            key="analysis.sequential",
        )
    if asked.which.segment is not None or spec.cluster is not None:
        raise LabError("Quantiles are compared over all units, one by one.", "Take a mean for segments.")
    control, arm = (_counted(summary, metric, k) for k in (0, asked.which.arm))
    rule, q = rule_of(spec, metric), metric.q
    found = quantile_difference(control, arm, q, confidence=rule.confidence, alternative=rule.alternative)
    test = quantile_test(control, arm, q, alternative=rule.alternative)
    lift = Lift(found.value, found.se, found.low, found.high, test.p_value, test.log10_p, inf)
    margin = margin_of(metric, arm_quantile(control, q).value)
    if margin is not None:
        lift = within_margin(lift, margin, Looking("fixed", None), ())
    relative, reason = None, None
    try:
        share = relative_quantile_difference(
            control, arm, q, confidence=rule.confidence, alternative=rule.alternative
        )
        relative = RelativeLift(share.value, share.low, share.high)
    except LabError as error:
        reason = str(error)
    return replace(
        _blank(summary, asked),
        mean_arm=arm.quantile(q),
        mean_control=control.quantile(q),
        lift=lift,
        relative=relative,
        method="order_statistics",
        relative_reason=reason,
    )


def _counted(summary: Summary, metric: Quantile, arm: int) -> Histogram:
    found = summary.histograms[metric.name][arm]
    if found is None:
        raise LabError("An arm has no values of this metric.", "Check its column.", key=metric.column)
    return found


def _blank(summary: Summary, asked: Asked) -> Comparison:
    metric, which = asked.metric, asked.which
    (n_control, missing_control), (n_arm, missing_arm) = (
        _units(summary, metric, which, arm) for arm in (0, which.arm)
    )
    segment, level = which.segment or (None, None)
    return Comparison(
        metric.name,
        metric.type,
        metric.role,
        summary.arms[which.arm],
        summary.arms[0],
        n_arm,
        n_control,
        missing_arm,
        missing_control,
        segment=segment,
        level=level,
    )


def _units(summary: Summary, metric: Metric, which: Selection, arm: int) -> tuple[int, int]:
    """Units with the metric, and without."""
    if isinstance(metric, Quantile):
        found = summary.histograms[metric.name][arm]
        there = 0 if found is None else found.total
        return there, summary.main.units(arm) - there
    if which.segment is not None:
        part = summary.segments[which.segment[0]]
        sums = part.sums(metric.name, arm, level=part.levels.index(which.segment[1]))
    else:
        sums = summary.main.sums(metric.name, arm, until=which.until)
    return sums.count, sums.missing
