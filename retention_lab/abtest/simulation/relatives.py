"""Relative effects in many replications at once: the arithmetic of `relative.py`."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from scipy.special import stdtrit

from retention_lab.abtest.lift import Rule
from retention_lab.abtest.relative import Relative
from retention_lab.abtest.simulation.lifts import error_of_many
from retention_lab.abtest.simulation.values import ArmValues, ManyCompared
from retention_lab.abtest.tails import miss_per_side
from retention_lab.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class ManyRelatives:
    """(...) ends of the intervals of treated over control, less 1. known: whether there is one: not where
    control is not clearly above 0."""

    low: Floats
    high: Floats
    known: Bools


def many_relatives(found: ManyCompared, rule: Rule, how: Relative = "fieller") -> ManyRelatives:
    """As `relative.relative_lift`."""
    control, treated = found.control, found.treated
    known = found.known & (control.value > 0)
    known &= control.value > rule.quantile(inf) * np.sqrt(control.error)
    if how == "log":
        known &= treated.value > 0
    below = np.where(known, control.value, 1.0)
    ratio = np.where(known, treated.value, 1.0) / below
    if how == "log":
        logs = [ArmValues(np.log(one), arm.variance / one**2, arm.n) for one, arm in
                ((below, control), (below * ratio, treated))]  # fmt: skip
        error, freedom = error_of_many(logs[0], logs[1], rule.pooled)
        error = error - 2 * found.covariance / (below**2 * ratio)
        half = _quantile(rule, freedom) * np.sqrt(np.maximum(error, 0.0))
        ends = _opened(ratio * np.exp(-half) - 1, ratio * np.exp(half) - 1, known, rule)
        return replace(ends, low=np.maximum(ends.low, -1.0))  # a ratio is never below 0
    error, freedom = error_of_many(control, treated, rule.pooled)
    top, bottom = _errors(control, treated, rule.pooled)
    q = _quantile(rule, freedom)
    if how == "delta":
        error = top - 2 * ratio * found.covariance + ratio**2 * bottom
        half = q * np.sqrt(np.maximum(error, 0.0)) / below
        return _opened(ratio - 1 - half, ratio - 1 + half, known, rule)
    g = q * q * bottom / below**2
    known &= g < 1
    g = np.where(known, g, 0.0)
    own = np.where(bottom > 0, bottom, 1.0)
    shared = np.where(bottom > 0, found.covariance / own, 0.0)
    inside = top - 2 * ratio * found.covariance + ratio**2 * bottom - g * (top - shared * found.covariance)
    half, middle = q / below * np.sqrt(np.maximum(inside, 0.0)), ratio - g * shared
    return _opened((middle - half) / (1 - g) - 1, (middle + half) / (1 - g) - 1, known, rule)


def _quantile(rule: Rule, freedom: Floats) -> Floats:
    if rule.reach is not None or rule.normal:
        return np.full(freedom.shape, rule.quantile(inf))
    return np.asarray(-stdtrit(freedom, miss_per_side(rule.confidence, rule.alternative)))


def _errors(control: ArmValues, treated: ArmValues, one_variance: bool) -> tuple[Floats, Floats]:
    """Variances of the treated and of the control value."""
    if not one_variance:
        return treated.error, control.error
    freedom = np.maximum(control.n + treated.n - 2, 1)
    common = ((control.n - 1) * control.variance + (treated.n - 1) * treated.variance) / freedom
    return common / np.maximum(treated.n, 1), common / np.maximum(control.n, 1)


def _opened(low: Floats, high: Floats, known: Bools, rule: Rule) -> ManyRelatives:
    low = np.full_like(low, -inf) if rule.alternative == "less" else low
    high = np.full_like(high, inf) if rule.alternative == "greater" else high
    return ManyRelatives(low, high, known)
