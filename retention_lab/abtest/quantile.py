"""Quantiles of arms and how they differ, with limits from order statistics alone.

The limits of one arm are two of its own values, chosen by the binomial distribution: they hold for every
distribution, with ties, zeros or tails of any weight, and without a density to estimate. The arms' limits are
joined by the distance from each value to its limit (MOVER), so a skewed arm keeps its skewed interval; the
p-value is the level at which that interval touches the null.

Sources: Thompson (1936), Annals of Mathematical Statistics 7(3), doi:10.1214/aoms/1177732502 (limits of a
quantile); Price and Bonett (2001), Journal of Statistical Computation and Simulation 68(3),
doi:10.1080/00949650108812071 (standard error); Zou and Donner (2008), Statistics in Medicine 27(10),
doi:10.1002/sim.3095 (MOVER).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, expm1, hypot, inf, isfinite, log, sqrt

import numpy as np
from scipy.special import log_ndtr, ndtri

from retention_lab.abtest.binomial import log_binomial_at_least, log_binomial_at_most
from retention_lab.abtest.histogram import Histogram
from retention_lab.abtest.roots import crossing, last_true
from retention_lab.abtest.tails import Alternative, HypothesisTest, bounded, deviate, normal_test
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_Limits = tuple[float, float, float]  # value, low, high; infinite where the arm has too few units for a limit
_SURE = 1e-10  # relative, of the deviate of a p-value


def arm_quantile(arm: Histogram, q: float, *, confidence: float = 0.95) -> Estimate:
    """The q-th quantile of an arm, in the values' unit, with an interval that holds for any distribution.

    Where the interval is one value, so many units tie there that the limits do too, and the error is 0.

    Raises LabError when the arm has too few units for limits at this confidence.
    """
    z, found = deviate(confidence), _arm(arm, q)
    value, low, high = found.finite_limits(z)
    low_rank, high_rank = found.ranks(z)
    n = arm.total
    misses = exp(log_binomial_at_most(low_rank - 1, n, q)) + exp(log_binomial_at_least(high_rank, n, q))
    return Estimate(value, (high - low) / (2 * -float(ndtri(misses / 2))), low, high)


def quantile_difference(
    control: Histogram,
    treated: Histogram,
    q: float,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> Estimate:
    """Treated quantile less control's, in the values' unit; p-value against the difference `null`.

    Raises LabError when an arm has too few units, or when the quantile lies inside a tie of both arms.
    """
    z, one, two = deviate(confidence, alternative), _arm(control, q), _arm(treated, q)
    limits = one.finite_limits(z), two.finite_limits(z)
    _refuse_common_tie(*limits, q)
    low, high = _joined(*limits)
    touching = _touching(lambda at: _joined(one.limits(at), two.limits(at)), null, one, two)
    p_value = normal_test(touching, alternative).p_value
    ends = bounded(low, high, alternative, (-inf, inf))
    return Estimate(two.value - one.value, (high - low) / (2 * z), *ends, p_value)


def relative_quantile_difference(
    control: Histogram,
    treated: Histogram,
    q: float,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """Treated quantile over control's, less 1; p-value against no difference.

    It is the difference of logarithms: a quantile of logarithms is the logarithm of the quantile.

    Raises LabError as `quantile_difference`, and when a quantile or its lower limit is not above 0.
    """
    z, one, two = deviate(confidence, alternative), _arm(control, q), _arm(treated, q)
    limits = one.finite_limits(z), two.finite_limits(z)
    _refuse_common_tie(*limits, q)
    if min(limits[0][1], limits[1][1]) <= 0:
        raise LabError(
            f"The {q:g} quantile of an arm, or its lower limit, is not above 0, so no ratio can be taken.",
            "Ask for the absolute difference, or for a higher quantile.",
        )

    def joined(at: float) -> tuple[float, float]:
        return _joined(_logarithms(one.limits(at)), _logarithms(two.limits(at)))

    low, high = joined(z)
    ratio, se = two.value / one.value, (high - low) / (2 * z)
    p_value = normal_test(_touching(joined, 0.0, one, two), alternative).p_value
    ends = bounded(expm1(low), expm1(high), alternative, (-1.0, inf))
    return Estimate(ratio - 1, ratio * se, *ends, p_value)


def quantile_test(
    control: Histogram,
    treated: Histogram,
    q: float,
    *,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> HypothesisTest:
    """Test that treated less control is `null`; the statistic is the deviate whose interval touches it.

    With few units the p-value has a floor: an arm of n units says nothing beyond its largest and smallest.

    Raises LabError when the quantile lies inside a tie of both arms.
    """
    one, two, z = _arm(control, q), _arm(treated, q), deviate(0.95)
    _refuse_common_tie(one.limits(z), two.limits(z), q)
    touching = _touching(lambda at: _joined(one.limits(at), two.limits(at)), null, one, two)
    return normal_test(touching, alternative)


@dataclass(frozen=True, slots=True)
class _Arm:
    """value: its q-th quantile; through: (b,) units up to each key; low, high: (b,) values it stands for."""

    q: float
    value: float
    through: Ints
    low: Floats
    high: Floats

    def limits(self, z: float) -> _Limits:
        """Limits that miss on either side with at most the chance of a normal deviate beyond z.

        Of a bin, the lower limit takes the lower edge and the upper one the upper: inside, nothing is known.
        """
        n = int(self.through[-1])
        low_rank, high_rank = self.ranks(z)
        low = float(self.low[np.searchsorted(self.through, low_rank)]) if low_rank >= 1 else -inf
        high = float(self.high[np.searchsorted(self.through, high_rank)]) if high_rank <= n else inf
        return self.value, min(low, self.value), max(high, self.value)

    def finite_limits(self, z: float) -> _Limits:
        """The same; raises LabError where there are too few units for them."""
        limits = self.limits(z)
        if isfinite(limits[1]) and isfinite(limits[2]):
            return limits
        rarest, log_miss = log(max(self.q, 1 - self.q)), float(log_ndtr(-z))
        raise LabError(
            f"{int(self.through[-1])} units of an arm are too few for limits of the {self.q:g} quantile.",
            f"Wait for {int(log_miss / rarest) + 1} units, or choose a quantile nearer the median.",
        )

    def ranks(self, z: float) -> tuple[int, int]:
        """Ranks of the limits; 0, and 1 more than there are units, where there is no such unit."""
        n, log_miss = int(self.through[-1]), float(log_ndtr(-z))

        def too_low(rank: int) -> bool:
            return rank == 0 or log_binomial_at_most(rank - 1, n, self.q) <= log_miss

        def too_high(steps: int) -> bool:
            return steps == 0 or log_binomial_at_least(n + 1 - steps, n, self.q) <= log_miss

        width = 10 + int(z * z)  # by which the normal distribution's ranks may be off
        below, above = (n * share - z * sqrt(n * share * (1 - share)) for share in (self.q, 1 - self.q))
        return _last_near(too_low, below, width, n), n + 1 - _last_near(too_high, above, width, n)

    def furthest(self) -> float:
        """A deviate so large that the arm has no limits at it on either side."""
        return sqrt(2 * int(self.through[-1]) * max(-log(self.q), -log(1 - self.q))) + 1.0


def _arm(counts: Histogram, q: float) -> _Arm:
    return _Arm(q, counts.quantile(q), np.cumsum(counts.counts), *counts.edges)


def _last_near(holds: Callable[[int], bool], guess: float, width: int, n: int) -> int:
    """`last_true` of 0 to n, quick where the guess is off by less than `width`."""
    low, high = (min(max(int(guess) + side * width, 0), n) for side in (-1, 1))
    return last_true(holds, low if holds(low) else 0, n if holds(high) else high)


def _touching(joined: Callable[[float], tuple[float, float]], null: float, one: _Arm, two: _Arm) -> float:
    """The deviate at which the interval touches the null, with the sign of the difference from it."""
    difference = two.value - one.value - null
    if difference == 0:
        return 0.0

    def gap(z: float) -> float:
        low, high = joined(z)
        return low - null if difference > 0 else null - high

    z = crossing(gap, 0.0, max(one.furthest(), two.furthest()), _SURE)
    return z if difference > 0 else -z


def _joined(one: _Limits, two: _Limits) -> tuple[float, float]:
    """Interval of the second value less the first."""
    (value0, low0, high0), (value1, low1, high1) = one, two
    difference = value1 - value0
    down, up = hypot(value1 - low1, high0 - value0), hypot(high1 - value1, value0 - low0)
    return difference - down, difference + up


def _logarithms(limits: _Limits) -> _Limits:
    value, low, high = (log(x) if x > 0 else -inf for x in limits)
    return value, low, high


def _refuse_common_tie(one: _Limits, two: _Limits, q: float) -> None:
    if len({*one, *two}) == 1:
        raise LabError(
            f"The {q:g} quantile lies inside a tie of both arms, where nothing could move it.",
            "Compare the share of units above that value, the ranks, or a quantile outside the tie.",
        )
