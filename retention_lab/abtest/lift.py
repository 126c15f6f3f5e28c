"""How much better or worse an arm is than control, in the metric's own unit."""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy.special import ndtri, stdtrit

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.tails import Alternative, miss_per_side, normal_test, student_test
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Rule:
    """How intervals are made. confidence: of the interval; normal: normal quantiles instead of Student's;
    pooled: one variance for both arms; alternative: `greater` leaves the interval open above; reach: standard
    errors from the estimate to an end where something else than one look fixes them."""

    confidence: float = 0.95
    normal: bool = False
    pooled: bool = False
    alternative: Alternative = "two_sided"
    reach: float | None = None

    def quantile(self, freedom: float) -> float:
        """Standard errors from the estimate to an end."""
        if self.reach is not None:
            return self.reach
        miss = miss_per_side(self.confidence, self.alternative)
        return -float(ndtri(miss) if self.normal or freedom == inf else stdtrit(freedom, miss))

    def ends(self, value: float, se: float, freedom: float) -> tuple[float, float]:
        """The interval; the side that the alternative does not ask about is open."""
        half = self.quantile(freedom) * se
        low = -inf if self.alternative == "less" else value - half
        high = inf if self.alternative == "greater" else value + half
        return low, high


@dataclass(frozen=True, slots=True)
class Lift:
    """value: of the effect; se; low, high: its interval, infinite on an open side; p_value: against 0, and
    log10_p, which stays exact where the p-value is below 1e-300; freedom: degrees of freedom, infinite where
    quantiles are normal."""

    value: float
    se: float
    low: float
    high: float
    p_value: float
    log10_p: float
    freedom: float


def absolute_lift(
    control: ArmValue, treated: ArmValue, rule: Rule | None = None, covariance: float = 0.0
) -> Lift:
    """Treated less control, in the metric's own unit: Welch's interval, or Student's where `rule.pooled`.

    covariance: of the two values, where arms share something.
    On heavily skewed spend with small or unequal arms it misses more often than it says: see `skewed.py`.
    Raises LabError where neither arm varies.
    Source: Welch (1947), Biometrika 34, doi:10.1093/biomet/34.1-2.28.

    >>> lift = absolute_lift(ArmValue(0.200, 0.1600, 10_000), ArmValue(0.212, 0.1671, 10_000))
    >>> f"{lift.value:+.3f} [{lift.low:+.3f}, {lift.high:+.3f}]"
    '+0.012 [+0.001, +0.023]'
    """
    rule = rule or Rule()
    error, freedom = error_of(control, treated, rule.pooled)
    error -= 2 * covariance
    if error <= 0:
        raise LabError(
            "No unit differs from the others in either arm, so that no spread can be seen.",
            "Check the metric's column, or wait for units that differ.",
        )
    value, se = treated.above(control), sqrt(error)
    freedom = inf if rule.normal else freedom
    found = (
        normal_test(value / se, rule.alternative)
        if rule.normal
        else student_test(value / se, freedom, rule.alternative)
    )
    return Lift(value, se, *rule.ends(value, se, freedom), found.p_value, found.log10_p, freedom)


def error_of(control: ArmValue, treated: ArmValue, one_variance: bool) -> tuple[float, float]:
    """Variance of the difference, and its degrees of freedom."""
    if one_variance:
        freedom = control.n + treated.n - 2
        common = ((control.n - 1) * control.variance + (treated.n - 1) * treated.variance) / freedom
        return common * (1 / control.n + 1 / treated.n), float(freedom)
    error = control.error + treated.error
    if error <= 0:
        return 0.0, 1.0
    shares = np.array([control.error, treated.error]) / error  # as shares: squares of tiny errors vanish
    return error, float(1 / np.sum(shares**2 / np.array([control.n - 1, treated.n - 1])))
