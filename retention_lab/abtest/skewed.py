"""Intervals of a difference of means where few units make most of it: lengthened on the side of the tail.

Welch's interval takes the means to be normal. With spend of which a tenth buys, an arm of 5,000 is not
enough: the mean is skewed, its error is small where the mean is small, and the interval misses on one side.
Here the difference gets the skewness of both arms by Hall's transformation and the degrees of freedom that
heavy tails leave its standard error, see `retention_lab.skewness`.
"""

from dataclasses import replace
from math import inf

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.lift import Lift, Rule, absolute_lift
from retention_lab.abtest.tails import miss_per_side, student_test
from retention_lab.skewness import Shape

MATERIAL = 0.05  # skewness of the difference, in its own standard errors, from which coverage is off by .1 %
WARNED = 0.5  # beyond it, no correction that rests on the same few units can be relied on


def skewness_of(control: ArmValue, treated: ArmValue) -> float | None:
    """Of the difference of the means, in its standard errors cubed; None where third moments are not
    known."""
    if control.third is None or treated.third is None:
        return None
    error = control.error + treated.error
    if error <= 0:
        return None
    return float((treated.third / treated.n**2 - control.third / control.n**2) / error**1.5)


def skewed_lift(control: ArmValue, treated: ArmValue, rule: Rule) -> Lift:
    """As `absolute_lift`, with ends and p-value that know the skewness; of means alone.

    Raises LabError where neither arm varies, or third moments are not known.
    Sources: Hall (1992), Journal of the Royal Statistical Society B 54(1), 221-228; Satterthwaite (1946),
    Biometrics Bulletin 2(6), doi:10.2307/3002019, with the variances' own kurtosis.
    """
    plain = absolute_lift(control, treated, rule)
    found = Shape(skewness_of(control, treated) or 0.0, _freedom(control, treated))
    below, above = found.ends(1 - 2 * miss_per_side(rule.confidence, rule.alternative))
    test = student_test(found.symmetric(plain.value / plain.se), found.freedom, rule.alternative)
    low = -inf if rule.alternative == "less" else plain.value - below * plain.se
    high = inf if rule.alternative == "greater" else plain.value + above * plain.se
    return replace(
        plain, low=low, high=high, p_value=test.p_value, log10_p=test.log10_p, freedom=found.freedom
    )


def _freedom(control: ArmValue, treated: ArmValue) -> float:
    """Satterthwaite's, where the variance of an arm's variance comes from its fourth moment."""
    error, spread, most = control.error + treated.error, 0.0, 0.0
    for arm in (control, treated):
        own = (arm.fourth or 0.0) / arm.n**3 - arm.variance**2 / arm.n**3
        normal = 2 * arm.variance**2 / (arm.n**2 * (arm.n - 1))
        spread += max(own, normal if arm.fourth is None else 0.0)
        most += arm.n - 1
    return most if spread <= 0 else min(max(2 * error**2 / spread, 4.0), most)


def needs_correction(control: ArmValue, treated: ArmValue) -> bool:
    """Whether the skewness is large enough to move the coverage."""
    found = skewness_of(control, treated)
    return found is not None and abs(found) > MATERIAL
