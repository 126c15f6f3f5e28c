"""Score statistics of two shares: the distance from a null in its own standard errors.

The variance is that of the likeliest pair of shares that obeys the null, so it is right where the question is
asked, and not 0 merely because nobody converted. All carry Miettinen and Nurminen's factor N / (N - 1). Where
numerator and variance vanish together the statistic is 0, where the variance alone does it is infinite.

Source: Miettinen and Nurminen (1985), Statistics in Medicine 4(2), doi:10.1002/sim.4780040211; Farrington and
Manning (1990), Statistics in Medicine 9(12), doi:10.1002/sim.4780091208.
"""

from typing import Any

import numpy as np

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.arrays import Floats


def difference_score(control: ArmCounts, treated: ArmCounts, difference: float) -> float:
    """Of the null that treated less control is `difference`, in [-1, 1]; falls as the null rises."""
    counts = control.successes, control.units, treated.successes, treated.units
    return float(difference_scores(*counts, difference))


def difference_scores(x0: Any, n0: Any, x1: Any, n1: Any, difference: float) -> Floats:
    """`difference_score` of arrays of counts that broadcast: x0 of n0 in control, x1 of n1 treated."""
    one, two = restricted_shares(x0, n0, x1, n1, difference)
    variance = two * (1 - two) / n1 + one * (1 - one) / n0
    return _over(np.asarray(x1) / n1 - np.asarray(x0) / n0 - difference, variance, n0 + n1)


def ratio_score(control: ArmCounts, treated: ArmCounts, ratio: float) -> float:
    """Of the null that treated over control is `ratio` > 0; falls as the null rises."""
    n0, n1, n = control.units, treated.units, control.units + treated.units
    both = control.successes + treated.successes
    b = ratio * (n1 + control.successes) + treated.successes + n0
    root = np.sqrt(max(b * b - 4 * n * ratio * both, 0.0))
    one = min(2 * both / (b + root), 1.0)  # the smaller root, in the form that cancels no digits
    two = min(ratio * one, 1.0)
    variance = two * (1 - two) / n1 + ratio * ratio * one * (1 - one) / n0
    return float(_over(np.float64(treated.share - ratio * control.share), np.float64(variance), n))


def odds_ratio_score(control: ArmCounts, treated: ArmCounts, ratio: float) -> float:
    """Of the null that treated odds over control's are `ratio` > 0; falls as the null rises.

    Some but not all of the units must have converted.
    """
    n0, n1, n = control.units, treated.units, control.units + treated.units
    both = control.successes + treated.successes
    a, b = n0 * (ratio - 1), n1 * ratio + n0 - both * (ratio - 1)
    root = float(np.sqrt(max(b * b + 4 * a * both, 0.0)))
    one = 2 * both / (b + root) if b > 0 else (root - b) / (2 * a)
    if one < 0.5:
        two = ratio * one / (1 - one + ratio * one)
    else:  # 1 - one may have lost its digits; the expected successes sum to those found
        two = min(max((both - n0 * one) / n1, 0.0), 1.0)
    spread1, spread0 = n1 * two * (1 - two), n0 * one * (1 - one)
    information = spread1 * spread0 / (spread1 + spread0) if spread1 > 0 and spread0 > 0 else 0.0
    return float(_over(np.float64(treated.successes - n1 * two), np.float64(information), n))


def restricted_shares(x0: Any, n0: Any, x1: Any, n1: Any, difference: float) -> tuple[Floats, Floats]:
    """Likeliest shares of control and treated whose difference is given: the middle root of a cubic."""
    d, n = difference, n0 + n1
    both = np.asarray(x0, dtype=np.float64) + x1
    c2 = ((n1 + 2 * n0) * d - n - both) / n
    c1 = ((n0 * d - n - 2 * np.asarray(x0)) * d + both) / n
    c0 = np.asarray(x0) * d * (1 - d) / n
    q = c2**3 / 27 - c1 * c2 / 6 + c0 / 2
    size = np.sqrt(np.maximum(c2 * c2 / 9 - c1 / 3, 0.0))
    cube = size**3
    cosine = np.clip(np.divide(np.abs(q), cube, out=np.zeros_like(q * cube), where=cube > 0), 0.0, 1.0)
    signed = np.where(q < 0, -size, size)
    one = 2 * signed * np.cos((np.pi + np.arccos(cosine)) / 3) - c2 / 3
    low, high = max(0.0, -d), min(1.0, 1 - d)
    for _ in range(2):  # Newton's steps bring back the digits that the arc cosine loses near a double root
        one = _polished(np.clip(one, low, high), c2, c1, c0)
    one = np.clip(one, low, high)
    return one, np.clip(one + d, 0.0, 1.0)


def _polished(x: Floats, c2: Floats, c1: Floats, c0: Floats) -> Floats:
    value = ((x + c2) * x + c1) * x + c0
    slope = (3 * x + 2 * c2) * x + c1  # negative at the middle root
    step = np.divide(value, slope, out=np.zeros_like(value), where=slope < 0)
    return np.asarray(np.where(np.abs(step) < 1e-3, x - step, x), dtype=np.float64)


def _over(numerator: Floats | np.float64, variance: Floats | np.float64, n: Any) -> Floats:
    error = np.sqrt(np.maximum(variance, 0.0) * n / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(numerator == 0, 0.0, numerator / error), dtype=np.float64)
