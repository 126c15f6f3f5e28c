"""Intervals of a difference of means where few units make most of it: lengthened on the side of the tail.

Welch's interval takes the difference to be normal. With spend of which a tenth buys, an arm of 5,000 is not
enough: its mean is skewed, its error is small where the mean is small, and the interval misses on one side.
Here the skewness of the difference is taken out by Hall's transformation.

How skewed the difference is, is estimated from both arms as one sample, about their own means: in arms of
equal size it is then 0, as it is where both are equally distributed, and Welch's interval stays. The arms'
own third moments would be mostly noise there (one large order is no proof of skewness), and correcting by
noise raises false alarms: in two arms of 1,000 to 5.9 %. Only where variances differ by more than their
kurtosis explains, as where one arm has nothing but zeros, does each arm's own count.

The same skewness is taken out at looks on the way, where small arms matter most, from guardrails, and from
relative effects.

With a tenth or a fiftieth of buyers, lognormal amounts of a log-spread up to 1.5, and arms from 2,000:500 to
45,000:5,000, simulated tests without an effect reject in 3.5 to 5.5 % at the level of 5 %, where Welch's
reject in up to 11 %; one-sided ones in 3.5 to 6.5 %. In 900:100 units two-sided ones reject in 6 %, one-sided
ones in up to 9.5 %. Not mended is what an arm does not show: of 100 units, a fiftieth of whom convert, none
may (15 % at 1,000:100), and where a small control has nothing but zeros, 6 to 7 % reject. `small_arms.py`
warns beyond 0.4; `evidence/abtest_level.py` has cells of its own.
"""

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.lift import Lift, Rule, absolute_lift, error_of
from retention_lab.abtest.relative import Relative, RelativeLift, relative_lift
from retention_lab.abtest.tails import normal_test, student_test
from retention_lab.arrays import Floats

MATERIAL = 0.03  # skewness of the difference, in its own standard errors, from which coverage is off by .02 %
MOST = 0.4  # beyond it the transformation turns back on itself, and what lies there rests on a few units
_NOISE = 4.0  # difference of the variances, squared, in its own variances, from which each arm's own counts


def skewness_of(control: ArmValue, treated: ArmValue) -> float | None:
    """Of the difference of the means, in its standard errors cubed; None where third moments are not known,
    or neither arm varies."""
    shapes = [(one.n, one.variance, one.third, one.fourth) for one in (control, treated)]
    if any(part is None for one in shapes for part in one) or control.variance + treated.variance <= 0:
        return None
    return float(difference_skewness(*np.array(shapes, dtype=np.float64).T))


def difference_skewness(n: Floats, variance: Floats, third: Floats, fourth: Floats) -> Floats:
    """(2, ...) units and central moments of one unit, control first -> (...) skewness of treated less
    control, in its standard errors; 0 where neither arm varies."""
    units = np.sum(n, axis=0)
    common = np.sum(n * variance, axis=0) / units
    scale = np.where(common > 0, common, 1.0)
    kurtosis = np.sum(n * fourth, axis=0) / units / scale**2
    apart = (variance[1] - variance[0]) / scale
    noise = _NOISE * np.maximum(kurtosis - 1, 0.0) * np.sum(1 / n, axis=0)
    known = np.maximum(0.0, 1 - noise / np.maximum(apart * apart, 1e-300))
    spread = np.sqrt((common + known * (variance - common)) / scale)
    cubes, errors = np.sum(n * spread**3, axis=0), np.sum(spread**2 / n, axis=0)
    skew = np.sum(n * third, axis=0) / scale**1.5 / np.where(cubes > 0, cubes, 1.0)
    difference = skew * (spread[1] ** 3 / n[1] ** 2 - spread[0] ** 3 / n[0] ** 2)
    return np.asarray(difference / np.where(errors > 0, errors, 1.0) ** 1.5, dtype=np.float64)


def arm_skewness(n: Floats, variance: Floats, third: Floats) -> Floats:
    """(2, ...) units and central moments of one unit -> (...) skewness of the smaller arm's mean, in its
    standard errors, by the shape of both arms together; 0 where neither varies."""
    units = np.sum(n, axis=0)
    common = np.sum(n * variance, axis=0) / units
    skew = np.sum(n * third, axis=0) / units / np.where(common > 0, common, 1.0) ** 1.5
    return np.asarray(skew / np.sqrt(np.min(n, axis=0)), dtype=np.float64)


def symmetric(t: Any, skew: Any) -> Floats:
    """(...) effects in standard errors -> what they would be without skewness; rises with t."""
    return np.asarray(t + skew * (t * t / 3 + 1 / 6) + skew * skew * t**3 / 27, dtype=np.float64)


def skewed(without: Any, skew: Any) -> Floats:
    """(...) the way back: what `symmetric` turns into these numbers."""
    g = np.where(np.abs(skew) < 1e-12, 1.0, skew)
    x = g * (without - g / 6)
    near = np.abs(x) < 0.5  # there 1 + x would lose digits
    root = np.where(near, np.expm1(np.log1p(np.where(near, x, 0.0)) / 3), np.cbrt(1 + x) - 1)
    return np.asarray(np.where(np.abs(skew) < 1e-12, without, 3 * root / g), dtype=np.float64)


def material_skewness(control: ArmValue, treated: ArmValue) -> float:
    """What is to be corrected for: see `material`; 0 where third moments are not known."""
    return float(material(skewness_of(control, treated) or 0.0))


def material(skew: Any) -> Floats:
    """(...) skewness of differences, 0 where it is too small to move the coverage, cut at 0.4 either way."""
    return np.where(np.abs(skew) > MATERIAL, np.clip(skew, -MOST, MOST), 0.0)


def skewed_ends(value: float, se: float, reach: float, skew: float, rule: Rule) -> tuple[float, float]:
    """The interval that reaches so many standard errors where there is no skewness; the side that the
    alternative does not ask about is open."""
    low = -inf if rule.alternative == "less" else value - float(skewed(reach, skew)) * se
    high = inf if rule.alternative == "greater" else value - float(skewed(-reach, skew)) * se
    return low, high


def skewed_lift(
    control: ArmValue, treated: ArmValue, rule: Rule, covariance: float = 0.0, skew: float | None = None
) -> Lift:
    """As `absolute_lift`, with ends and p-value that know the skewness; skew: to correct for, None as found.

    Raises LabError where neither arm varies.
    Source: Hall (1992), Journal of the Royal Statistical Society B 54(1), 221-228; that both arms share one
    shape is ours.
    """
    plain = absolute_lift(control, treated, rule, covariance)
    skew = material_skewness(control, treated) if skew is None else skew
    low, high = skewed_ends(plain.value, plain.se, rule.quantile(plain.freedom), skew, rule)
    t = float(symmetric(plain.value / plain.se, skew))
    test = (
        normal_test(t, rule.alternative) if rule.normal else student_test(t, plain.freedom, rule.alternative)
    )
    return replace(plain, low=low, high=high, p_value=test.p_value, log10_p=test.log10_p)


def skewed_relative(
    control: ArmValue, treated: ArmValue, rule: Rule, how: Relative, covariance: float, skew: float
) -> RelativeLift:
    """As `relative_lift`, with ends that know the skewness of the difference: it is nearly that of treated
    less so many times control, as long as the effect is small beside control.

    Raises LabError as `relative_lift`.
    """
    freedom = inf if rule.normal else error_of(control, treated, rule.pooled)[1]
    reach = rule.quantile(freedom)
    below, above = (
        relative_lift(
            control, treated, replace(rule, reach=side * float(skewed(side * reach, skew))), how, covariance
        )
        for side in (1, -1)
    )
    return replace(below, high=above.high)
