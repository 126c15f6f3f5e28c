"""P-values that stay exact where they underflow, and the deviates of intervals.

A test of a million customers easily has p below 1e-308, which a float cannot hold. So every p-value comes
with its log10, taken from the logarithm of the tail itself; and no tail is ever 1 less the other one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import exp, isfinite, log, log1p, pi, sqrt
from typing import Literal

import numpy as np
from scipy.special import betaln, chdtrc, gammaln, log_ndtr, ndtri, stdtr

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

Alternative = Literal["two_sided", "greater", "less"]

_SMALL = 1e-200  # below it a library's tail is replaced by its logarithm, well before it underflows
_LN10 = log(10.0)


@dataclass(frozen=True, slots=True)
class HypothesisTest:
    """statistic: in the test's own unit; p_value: 0 where no float can hold it; log10_p: exact even there."""

    statistic: float
    p_value: float
    log10_p: float


def from_log_p(statistic: float, log_p: float) -> HypothesisTest:
    """The test whose p-value has the natural logarithm `log_p`; at most 1."""
    log_p = min(log_p, 0.0)
    return HypothesisTest(float(statistic), exp(log_p), log_p / _LN10)


def normal_test(z: float, alternative: Alternative = "two_sided") -> HypothesisTest:
    """Of a statistic that is standard normal where the null holds.

    >>> round(normal_test(-50.0).log10_p, 6)
    -544.665306
    """
    return from_log_p(z, _of_sides(_finite(z), alternative, lambda x: float(log_ndtr(-x))))


def student_test(t: float, freedom: float, alternative: Alternative = "two_sided") -> HypothesisTest:
    """Of a statistic that has Student's distribution with `freedom` > 0 where the null holds.

    Raises LabError when the statistic or the freedom is not a number that allows it.
    """
    if not (isfinite(freedom) and freedom > 0):
        raise LabError(
            f"Student's distribution was asked for with {freedom:g} degrees of freedom.",
            "Provide at least two units per arm, or use the normal distribution.",
        )
    return from_log_p(t, _of_sides(_finite(t), alternative, lambda x: log_student_tail(x, freedom)))


def chi_squared_test(statistic: float, freedom: int) -> HypothesisTest:
    """Of a statistic >= 0 that is chi-squared with `freedom` >= 1 where the null holds."""
    tail = float(chdtrc(freedom, _finite(statistic)))
    return from_log_p(statistic, log(tail) if tail > _SMALL else _far_chi_squared(statistic, freedom))


def log_student_tail(t: float, freedom: float) -> float:
    """log P(T > t) of Student's distribution, exact however far out."""
    tail = float(stdtr(freedom, -t))
    return log(tail) if tail > _SMALL else _far_student(t, freedom)


def deviate(confidence: float, alternative: Alternative = "two_sided") -> float:
    """How many standard errors a normal interval reaches: on both sides, or on the one it bounds.

    Raises LabError when the confidence is not between 0 and 1, ends excluded.

    >>> round(deviate(0.95), 3), round(deviate(0.95, "greater"), 3)
    (1.96, 1.645)
    """
    miss = miss_per_side(confidence, alternative)
    return -float(ndtri(miss))


def miss_per_side(confidence: float, alternative: Alternative = "two_sided") -> float:
    """Chance that an interval leaves to each side it bounds."""
    if not 0 < confidence < 1:
        raise LabError(
            f"The confidence {confidence:g} is not between 0 and 1.", "Write 0.95 for 95 per cent."
        )
    return (1 - confidence) / (2 if alternative == "two_sided" else 1)


def bounded(
    low: float, high: float, alternative: Alternative, bounds: tuple[float, float]
) -> tuple[float, float]:
    """An interval inside `bounds`, open on the side of which `alternative` says nothing.

    `greater` asks how small the truth can be, so its interval ends at the upper bound.
    """
    low = bounds[0] if alternative == "less" else max(low, bounds[0])
    high = bounds[1] if alternative == "greater" else min(high, bounds[1])
    return low, high


def _of_sides(x: float, alternative: Alternative, log_tail: Callable[[float], float]) -> float:
    """log p of a statistic whose distribution is symmetric about 0."""
    if alternative == "greater":
        return log_tail(x)
    if alternative == "less":
        return log_tail(-x)
    return log(2.0) + log_tail(abs(x))


def _finite(statistic: float) -> float:
    if not isfinite(statistic):
        raise LabError(
            f"The test statistic is {statistic}, so it has no p-value.",
            "Check that both arms have units and that the metric varies.",
        )
    return float(statistic)


@cache
def _laguerre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.laguerre.laggauss(60)
    return np.asarray(nodes, dtype=np.float64), np.asarray(weights, dtype=np.float64)


def _far_student(t: float, freedom: float) -> float:
    """log P(T > t) for t far out, where the tail beyond t is one Gauss-Laguerre integral.

    With w the rise of freedom/2 * log(1 + T^2/freedom) beyond its value at t, the integrand is exp(-w) times
    a function that hardly moves.
    """
    nodes, weights = _laguerre()
    root = sqrt(freedom) / t  # t itself may be too large to be squared
    nearness = root * root
    log_one_plus = log1p(nearness) - 2 * log(root) if root < 1 else log1p(1 / nearness)
    inner = np.sqrt(1 - nearness * np.expm1(-2 * nodes / freedom))
    integral = float(weights @ (1 / inner)) / t
    log_scale = -float(betaln(freedom / 2, 0.5)) - log(freedom) / 2
    if freedom > 1e4:  # betaln loses digits to cancellation; the ratio of gammas has an asymptotic series
        log_scale = -log(2 * pi) / 2 - 1 / (4 * freedom) + 1 / (24 * freedom**3)
    return log_scale - (freedom - 1) / 2 * log_one_plus + log(integral)


def _far_chi_squared(x: float, freedom: int) -> float:
    """log P(X > x) for x far out: exp(-x/2) times a Gauss-Laguerre integral."""
    nodes, weights = _laguerre()
    half = freedom / 2
    integral = float(weights @ np.exp((half - 1) * np.log1p(2 * nodes / x)))
    return (half - 1) * log(x / 2) - x / 2 - float(gammaln(half)) + log(integral)
