"""Relative effects in many replications at once: the arithmetic of `relative.py`, and of skewed ones."""

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import stdtrit

from retention_lab.abtest.lift import Rule
from retention_lab.abtest.relative import Relative
from retention_lab.abtest.simulation.lifts import error_of_many
from retention_lab.abtest.simulation.values import ArmValues, ManyCompared
from retention_lab.abtest.skewed import skewed
from retention_lab.abtest.tails import miss_per_side
from retention_lab.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class ManyRelatives:
    """(...) ends of the intervals of treated over control, less 1. known: whether there is one: not where
    control is not clearly above 0."""

    low: Floats
    high: Floats
    known: Bools


def many_relatives(
    found: ManyCompared, rule: Rule, how: Relative = "fieller", skew: Floats | None = None
) -> ManyRelatives:
    """As `relative.relative_lift`, or where there is a skew, `skewed.skewed_relative`."""
    control, treated = found.control, found.treated
    skew = np.zeros(control.n.shape) if skew is None else skew
    freedom = error_of_many(control, treated, rule.pooled)[1]
    if how == "log":
        freedom = np.where(skew == 0, _logs(found, rule)[1], freedom)
    reach = _quantile(rule, freedom)
    reaches = skewed(reach, skew), -skewed(-reach, skew)
    least = np.where(skew == 0, rule.quantile(inf), np.maximum(*reaches))
    known = found.known & (control.value > 0) & (control.value > least * np.sqrt(control.error))
    known = known & (treated.value > 0) if how == "log" else known
    low, high = (_FORMS[how](found, rule, known, side * r) for side, r in zip((-1, 1), reaches, strict=True))
    known = known & np.isfinite(low) & np.isfinite(high)
    low = np.full_like(low, -1.0 if how == "log" else -inf) if rule.alternative == "less" else low
    return ManyRelatives(low, np.full_like(high, inf) if rule.alternative == "greater" else high, known)


def _fieller(found: ManyCompared, rule: Rule, known: Bools, reach: Floats) -> Floats:
    """(...) the end on the side of the reach's sign; infinite where there is none."""
    below, ratio = _safe(found, known)
    top, bottom = _errors(found.control, found.treated, rule.pooled)
    g = reach**2 * bottom / below**2
    shared = np.where(bottom > 0, found.covariance / np.where(bottom > 0, bottom, 1.0), 0.0)
    inside = top - 2 * ratio * found.covariance + ratio**2 * bottom - g * (top - shared * found.covariance)
    end = ratio - g * shared + reach / below * np.sqrt(np.maximum(inside, 0.0))
    return np.where(g < 1, end / np.where(g < 1, 1 - g, 1.0) - 1, inf)


def _delta(found: ManyCompared, rule: Rule, known: Bools, reach: Floats) -> Floats:
    below, ratio = _safe(found, known)
    top, bottom = _errors(found.control, found.treated, rule.pooled)
    error = top - 2 * ratio * found.covariance + ratio**2 * bottom
    return np.asarray(ratio - 1 + reach * np.sqrt(np.maximum(error, 0.0)) / below)


def _logarithmic(found: ManyCompared, rule: Rule, known: Bools, reach: Floats) -> Floats:
    below, ratio = _safe(found, known)
    error = _logs(found, rule)[0] - 2 * found.covariance / (below**2 * ratio)
    return np.asarray(ratio * np.exp(reach * np.sqrt(np.maximum(error, 0.0))) - 1)


_FORMS = {"fieller": _fieller, "delta": _delta, "log": _logarithmic}


def _logs(found: ManyCompared, rule: Rule) -> tuple[Floats, Floats]:
    """Variance of the difference of the values' logarithms, and its degrees of freedom."""
    arms = []
    for one in (found.control, found.treated):
        value = np.where(one.value > 0, one.value, 1.0)
        arms.append(ArmValues(np.log(value), one.variance / value**2, one.n))
    return error_of_many(arms[0], arms[1], rule.pooled)


def _safe(found: ManyCompared, known: Bools) -> tuple[Floats, Floats]:
    """Control's values and the ratios, 1 where nothing is asked of them."""
    below = np.where(known, found.control.value, 1.0)
    return below, np.where(known, found.treated.value, 1.0) / below


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
