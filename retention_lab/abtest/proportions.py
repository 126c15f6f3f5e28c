"""The difference of two shares of converted units, treated less control, by the methods the field uses.

`score_difference` keeps its level best and stands everywhere, also where nobody or everybody converted;
`newcombe_difference` is nearly as good in closed form; `wald_difference` is the textbook's, for large counts.
"""

from math import hypot, sqrt
from typing import Literal

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.roots import crossing
from retention_lab.abtest.score import difference_score
from retention_lab.abtest.tails import Alternative, bounded, deviate, normal_test
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

Variance = Literal["separate", "pooled", "control"]
_BOUNDS = (-1.0, 1.0)


def wald_difference(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
    variance: Variance = "separate",
    correction: bool = False,
) -> Estimate:
    """The difference with the textbook's interval, and the z-test of the same variance.

    variance: `separate` by arm, `pooled` over both, or `control`'s for both. correction: for continuity; it
    widens the interval and takes the same off the difference that is tested, but never turns its sign.
    Too short for small or extreme counts: prefer `newcombe_difference` there.

    Raises LabError when that variance is 0: nobody, or everybody, converted.
    """
    value = treated.share - control.share
    se = difference_error(control, treated, variance)
    step = (1 / control.units + 1 / treated.units) / 2 if correction else 0.0
    half = deviate(confidence, alternative) * se + step
    p_value = normal_test(corrected(value - null, step, alternative) / se, alternative).p_value
    return Estimate(value, se, *bounded(value - half, value + half, alternative, _BOUNDS), p_value)


def agresti_caffo_difference(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> Estimate:
    """The difference with Wald's interval and test after one more success and one more failure in each arm.

    The value is the observed difference; the interval is centred on the adjusted one.
    Source: Agresti and Caffo (2000), The American Statistician 54(4), doi:10.1080/00031305.2000.10474560.
    """
    one, two = (ArmCounts(arm.successes + 1, arm.units + 2) for arm in (control, treated))
    value, se = two.share - one.share, difference_error(one, two)
    half = deviate(confidence, alternative) * se
    p_value = normal_test((value - null) / se, alternative).p_value
    ends = bounded(value - half, value + half, alternative, _BOUNDS)
    return Estimate(treated.share - control.share, se, *ends, p_value)


def newcombe_difference(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """The difference with the interval joined from the arms' Wilson intervals; p-value against no difference.

    The p-value is the level at which the interval touches 0; the standard error, its length over twice its
    deviate.
    Source: Newcombe (1998), Statistics in Medicine 17(8),
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I (method 10).
    """
    z = deviate(confidence, alternative)
    value = treated.share - control.share
    low, high = _joined_wilson(control, treated, z)

    def gap(at: float) -> float:
        ends = _joined_wilson(control, treated, at)
        return ends[0] if value > 0 else -ends[1]

    furthest = 100 * sqrt(control.units + treated.units)  # where the arms' intervals are all but 0 to 1
    touching = crossing(gap, 0.0, furthest) if value else 0.0
    test = normal_test(touching if value > 0 else -touching, alternative)
    return Estimate(value, (high - low) / (2 * z), *bounded(low, high, alternative, _BOUNDS), test.p_value)


def score_difference(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> Estimate:
    """The difference with the interval of all differences that the score test does not reject.

    The standard error is the interval's length over twice its deviate.
    Source: Miettinen and Nurminen (1985), Statistics in Medicine 4(2), doi:10.1002/sim.4780040211.
    """
    z = deviate(confidence, alternative)
    value = treated.share - control.share

    def score(difference: float) -> float:
        return difference_score(control, treated, difference)

    low = crossing(lambda d: score(d) - z, -1.0, value)
    high = crossing(lambda d: score(d) + z, value, 1.0)
    test = normal_test(score(null), alternative)
    ends = bounded(low, high, alternative, _BOUNDS)
    return Estimate(value, (high - low) / (2 * z), *ends, test.p_value)


def wilson_interval(arm: ArmCounts, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of one arm's share.

    Source: Wilson (1927), JASA 22(158), doi:10.1080/01621459.1927.10502953.
    """
    return _wilson(arm, deviate(confidence))


def difference_error(control: ArmCounts, treated: ArmCounts, variance: Variance = "separate") -> float:
    """Standard error of the difference; raises LabError where it would be 0."""
    one, two = control.share, treated.share
    if variance == "pooled":
        one = two = (control.successes + treated.successes) / (control.units + treated.units)
    elif variance == "control":
        two = one
    squared = one * (1 - one) / control.units + two * (1 - two) / treated.units
    if squared == 0:
        raise LabError(
            f"{control.successes} of {control.units} control and {treated.successes} of {treated.units} "
            f"treated units converted, so the {variance} variance is 0 and shows no error.",
            "Use the score method, which stands where nobody or everybody converted.",
        )
    return sqrt(squared)


def corrected(difference: float, step: float, alternative: Alternative) -> float:
    """A difference moved by `step` towards 0, not past it, where it speaks for the alternative."""
    if alternative == "less" or (alternative == "two_sided" and difference < 0):
        return min(difference + step, 0.0) if difference < 0 else difference
    return max(difference - step, 0.0) if difference > 0 else difference


def _joined_wilson(control: ArmCounts, treated: ArmCounts, z: float) -> tuple[float, float]:
    (low0, high0), (low1, high1) = _wilson(control, z), _wilson(treated, z)
    value = treated.share - control.share
    low = value - hypot(treated.share - low1, high0 - control.share)
    high = value + hypot(high1 - treated.share, control.share - low0)
    return low, high


def _wilson(arm: ArmCounts, z: float) -> tuple[float, float]:
    spread = z * z / arm.units
    centre = (arm.share + spread / 2) / (1 + spread)
    half = sqrt(spread) * sqrt(arm.share * (1 - arm.share) + spread / 4) / (1 + spread)
    low = centre - half if arm.successes else 0.0  # exactly, where rounding would leave a trace
    high = centre + half if arm.failures else 1.0
    return low, high
