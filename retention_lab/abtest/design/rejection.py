"""The chance that a test with one look rejects, by how many standard errors the effect lies from the null."""

from math import log1p, sqrt

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from retention_lab.arrays import Floats

_FAR = 40.0  # in the exponent: exp(-40) and below weigh nothing
_FINE = 4.0  # grid steps per width of the integrand, at which a trapezoid is exact to rounding
_STEEPEST = 200.0  # a shift beyond it rejects always; the grid need not follow


def critical_value(tail: float, freedom: float | None) -> float:
    """What a statistic exceeds with probability `tail` under the null; freedom None: normal."""
    return float(-ndtri(tail)) if freedom is None else float(-stdtrit(freedom, tail))


def rejection(shift: float, critical: float, freedom: float | None, *, two_sided: bool) -> float:
    """P(statistic > critical), with P(statistic < -critical) where the test has two sides.

    shift: true effect less the null, in standard errors, positive in the direction looked for.
    freedom: degrees of freedom of the estimated variance; None where it is taken as known.
    """
    if freedom is None:
        above = float(ndtr(shift - critical))
        return above + float(ndtr(-shift - critical)) if two_sided else above
    error, weight = _estimated_error(freedom, abs(shift))
    chance = ndtr(shift - critical * error)
    if two_sided:
        chance = chance + ndtr(-shift - critical * error)
    return min(float(weight @ chance), 1.0)


def _estimated_error(freedom: float, shift: float) -> tuple[Floats, Floats]:
    """Values and weights of the estimated standard error over the true one, sqrt(chi2 / freedom).

    A trapezoid over the logarithm x, where the density is exp(-freedom * (expm1(2x)/2 - x)): smooth, and
    falling exponentially or faster on both sides, so that the sum converges faster than any power of the
    step, for any freedom, whole or not. Common tables of the noncentral t lose digits, or answer nothing,
    where the shift is large.
    """
    width = min(1 / sqrt(2 * freedom), 0.3, 1 / min(max(shift, 1.0), _STEEPEST))
    step = width / _FINE
    # The exponent is above freedom * x**2 on the right; on the left above 2/3 of it near 0, then a line.
    low = sqrt(1.5 * _FAR / freedom) if freedom > 6 * _FAR else _FAR / freedom + 0.5
    high = min(sqrt(_FAR / freedom), 0.5 * log1p(2 * _FAR / freedom) + 1.0)
    x = step * np.arange(-np.ceil(low / step), np.ceil(high / step) + 1)
    weight = np.exp(-freedom * (np.expm1(2 * x) / 2 - x))
    return np.exp(x), np.asarray(weight / weight.sum(), dtype=np.float64)
