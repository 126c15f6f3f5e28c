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

from scipy.special import log_ndtr, ndtri

from retention_lab.abtest.binomial import log_binomial_at_least, log_binomial_at_most
from retention_lab.abtest.histogram import Histogram, check_share
from retention_lab.abtest.roots import crossing, last_true
from retention_lab.abtest.tails import Alternative, HypothesisTest, bounded, deviate, normal_test
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class _Limits:
    """value: the arm's quantile; low, high: its limits, infinite where the arm has too few units for one."""

    value: float
    low: float
    high: float

    def logarithms(self) -> "_Limits":
        return _Limits(*(log(x) if x > 0 else -inf for x in (self.value, self.low, self.high)))


_Arms = tuple[_Limits, _Limits]


def arm_quantile(arm: Histogram, q: float, *, confidence: float = 0.95) -> Estimate:
    """The q-th quantile of an arm, in the values' unit, with an interval that holds for any distribution.

    Where the interval is one value, so many units tie there that the limits do too, and the error is 0.

    Raises LabError when the arm has too few units for limits at this confidence.
    """
    z = deviate(confidence)
    limits = _finite(arm, q, z)
    low, high = _ranks(arm.total, q, z)
    misses = exp(log_binomial_at_most(low - 1, arm.total, q)) + exp(log_binomial_at_least(high, arm.total, q))
    se = (limits.high - limits.low) / (2 * -float(ndtri(misses / 2)))
    return Estimate(limits.value, se, limits.low, limits.high)


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
    z = deviate(confidence, alternative)
    arms = _finite(control, q, z), _finite(treated, q, z)
    _refuse_common_tie(arms, q)
    low, high = _joined(*arms)
    test = quantile_test(control, treated, q, alternative=alternative, null=null)
    value, se = arms[1].value - arms[0].value, (high - low) / (2 * z)
    return Estimate(value, se, *bounded(low, high, alternative, (-inf, inf)), test.p_value)


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
    z = deviate(confidence, alternative)
    arms = _finite(control, q, z), _finite(treated, q, z)
    _refuse_common_tie(arms, q)
    if min(arms[0].low, arms[1].low) <= 0:
        raise LabError(
            f"The {q:g} quantile of an arm, or its lower limit, is not above 0, so no ratio can be taken.",
            "Ask for the absolute difference, or for a higher quantile.",
        )
    one, two = (arm.logarithms() for arm in arms)
    low, high = _joined(one, two)
    ratio, se = exp(two.value - one.value), (high - low) / (2 * z)

    def logarithms(at: float) -> _Arms:
        return _limits(control, q, at).logarithms(), _limits(treated, q, at).logarithms()

    furthest = max(_furthest(arm.total, q) for arm in (control, treated))
    p_value = normal_test(_touching(logarithms, 0.0, furthest), alternative).p_value
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
    check_share(q)
    _refuse_common_tie((_limits(control, q, deviate(0.95)), _limits(treated, q, deviate(0.95))), q)
    furthest = max(_furthest(arm.total, q) for arm in (control, treated))
    z = _touching(lambda at: (_limits(control, q, at), _limits(treated, q, at)), null, furthest)
    return normal_test(z, alternative)


def _touching(arms_at: Callable[[float], _Arms], null: float, furthest: float) -> float:
    """The deviate at which the interval touches the null, with the sign of the difference from it."""
    one, two = arms_at(0.0)
    difference = two.value - one.value - null

    def gap(z: float) -> float:
        low, high = _joined(*arms_at(z))
        return low - null if difference > 0 else null - high

    z = crossing(gap, 0.0, furthest) if difference else 0.0
    return z if difference > 0 else -z


def _joined(one: _Limits, two: _Limits) -> tuple[float, float]:
    """Interval of the second value less the first."""
    difference = two.value - one.value
    low = difference - hypot(two.value - two.low, one.high - one.value)
    high = difference + hypot(two.high - two.value, one.value - one.low)
    return low, high


def _finite(arm: Histogram, q: float, z: float) -> _Limits:
    check_share(q)
    limits = _limits(arm, q, z)
    if isfinite(limits.low) and isfinite(limits.high):
        return limits
    rarest, log_miss = log(max(q, 1 - q)), float(log_ndtr(-z))
    raise LabError(
        f"{arm.total} units of an arm are too few for limits of the {q:g} quantile.",
        f"Wait for {int(log_miss / rarest) + 1} units, or choose a quantile nearer the median.",
    )


def _refuse_common_tie(arms: _Arms, q: float) -> None:
    if len({x for arm in arms for x in (arm.low, arm.value, arm.high)}) == 1:
        raise LabError(
            f"The {q:g} quantile lies inside a tie of both arms, where nothing could move it.",
            "Compare the share of units above that value, the ranks, or a quantile outside the tie.",
        )


def _limits(arm: Histogram, q: float, z: float) -> _Limits:
    """Limits that miss on either side with at most the chance of a normal deviate beyond z.

    Of a bin, the lower limit takes the lower edge and the upper the upper one: inside it nothing is known.
    """
    value, (low_rank, high_rank) = arm.quantile(q), _ranks(arm.total, q, z)
    low = float(arm.order_statistic_bounds([low_rank])[0][0]) if low_rank >= 1 else -inf
    high = float(arm.order_statistic_bounds([high_rank])[1][0]) if high_rank <= arm.total else inf
    return _Limits(value, min(low, value), max(high, value))


def _ranks(n: int, q: float, z: float) -> tuple[int, int]:
    """Ranks of the limits among n units; 0 and n + 1 where there is no such unit."""
    log_miss = float(log_ndtr(-z))

    def too_low(rank: int) -> bool:
        return rank == 0 or log_binomial_at_most(rank - 1, n, q) <= log_miss

    def too_high(steps: int) -> bool:
        return steps == 0 or log_binomial_at_least(n + 1 - steps, n, q) <= log_miss

    return last_true(too_low, 0, n), n + 1 - last_true(too_high, 0, n)


def _furthest(n: int, q: float) -> float:
    """A deviate so large that an arm of n units has no limits at it on either side."""
    return sqrt(2 * n * max(-log(q), -log(1 - q))) + 1.0
