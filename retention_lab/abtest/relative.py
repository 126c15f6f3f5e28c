"""How much better or worse an arm is than control, as a share of control."""

from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt
from typing import Literal

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.lift import Rule, error_of
from retention_lab.errors import LabError

Relative = Literal["fieller", "log", "delta"]


@dataclass(frozen=True, slots=True)
class RelativeLift:
    """Treated over control, less 1, with its interval, infinite on an open side."""

    value: float
    low: float
    high: float


def relative_lift(
    control: ArmValue,
    treated: ArmValue,
    rule: Rule | None = None,
    how: Relative = "fieller",
    covariance: float = 0.0,
) -> RelativeLift:
    """The relative effect. how: `fieller` excludes 0 exactly where Welch's interval of the difference does,
    up to its degrees of freedom; `log` is symmetric for ratios; `delta` is the linear approximation.
    covariance: of the two values, where arms share something.

    Raises LabError where control is not clearly above 0: a share of nothing, or of a loss, says nothing.
    Sources: Fieller (1954), Journal of the Royal Statistical Society B 16(2); Casella and Berger (2002),
    Statistical Inference, section 5.5.4 (delta method).

    >>> found = relative_lift(ArmValue(0.200, 0.1600, 10_000), ArmValue(0.212, 0.1671, 10_000))
    >>> f"{found.value:+.1%} [{found.low:+.1%}, {found.high:+.1%}]"
    '+6.0% [+0.4%, +11.9%]'
    """
    rule = rule or Rule()
    _require_positive(control, rule)
    if how == "log":
        low, high = _logarithmic(control, treated, rule, covariance)
    else:
        low, high = (_fieller if how == "fieller" else _delta)(control, treated, rule, covariance)
    return RelativeLift(treated.above(control) / control.value, low, high)


def _require_positive(control: ArmValue, rule: Rule) -> None:
    se = sqrt(control.error)
    if control.value <= 0 or control.value <= rule.quantile(inf) * se:
        raise LabError(
            f"Control's mean is {control.value:.4g} with a standard error of {se:.4g}: not clearly above 0.",
            "Read the absolute effect: a share of nothing, or of a loss, says nothing.",
        )


def _fieller(control: ArmValue, treated: ArmValue, rule: Rule, covariance: float) -> tuple[float, float]:
    freedom = error_of(control, treated, rule.pooled)[1]
    q = rule.quantile(inf if rule.normal else freedom)
    top, bottom = _errors(control, treated, rule.pooled)
    below, ratio = control.value, treated.value / control.value
    g = q * q * bottom / below**2
    if g >= 1:
        raise LabError(
            "The relative effect has no bounded interval: control may as well be 0.",
            "Read the absolute effect, or wait for more units.",
        )
    inside = (
        top - 2 * ratio * covariance + ratio**2 * bottom - g * (top - covariance**2 / bottom if bottom else 0)
    )
    half = q / below * sqrt(max(inside, 0.0))
    middle = ratio - (g * covariance / bottom if bottom else 0.0)
    low, high = (middle - half) / (1 - g) - 1, (middle + half) / (1 - g) - 1
    return (-inf if rule.alternative == "less" else low), (inf if rule.alternative == "greater" else high)


def _delta(control: ArmValue, treated: ArmValue, rule: Rule, covariance: float) -> tuple[float, float]:
    top, bottom = _errors(control, treated, rule.pooled)
    ratio = treated.value / control.value
    error = (top - 2 * ratio * covariance + ratio**2 * bottom) / control.value**2
    freedom = error_of(control, treated, rule.pooled)[1]
    return rule.ends(ratio - 1, sqrt(error), inf if rule.normal else freedom)


def _logarithmic(control: ArmValue, treated: ArmValue, rule: Rule, covariance: float) -> tuple[float, float]:
    if treated.value <= 0:
        raise LabError(
            "The treated mean is not above 0, so it has no logarithm.",
            "Set `relative: fieller`, or read the absolute effect.",
        )
    logs = [ArmValue(log(arm.value), arm.variance / arm.value**2, arm.n) for arm in (control, treated)]
    error, freedom = error_of(logs[0], logs[1], rule.pooled)
    error -= 2 * covariance / (control.value * treated.value)
    difference = logs[1].value - logs[0].value
    low, high = rule.ends(difference, sqrt(error), inf if rule.normal else freedom)
    return exp(low) - 1, (exp(high) - 1 if isfinite(high) else inf)


def _errors(control: ArmValue, treated: ArmValue, one_variance: bool) -> tuple[float, float]:
    """Variances of the treated and of the control value."""
    if not one_variance:
        return treated.error, control.error
    freedom = control.n + treated.n - 2
    common = ((control.n - 1) * control.variance + (treated.n - 1) * treated.variance) / freedom
    return common / treated.n, common / control.n
