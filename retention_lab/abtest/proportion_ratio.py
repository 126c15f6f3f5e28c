"""The ratio of two shares of converted units, treated over control; less 1 it is the relative difference."""

from math import exp, inf, log, sqrt

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.proportions import Variance, corrected, difference_error
from retention_lab.abtest.roots import crossing
from retention_lab.abtest.score import ratio_score
from retention_lab.abtest.tails import Alternative, bounded, deviate, normal_test
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

BOUNDS = (0.0, inf)
FURTHEST = 100.0  # a logarithm beyond that of any ratio of counts


def log_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    variance: Variance = "separate",
    correction: bool = False,
) -> Estimate:
    """The ratio with a normal interval and test of its logarithm; p-value against 1.

    variance, correction: as in `wald_difference`, carried over to the logarithm.

    Raises LabError when nobody converted in one of the arms, or everybody in both.
    Source: Katz, Baptista, Azen, Pike (1978), Biometrics 34(3), doi:10.2307/2530610.
    """
    if not (control.successes and treated.successes):
        raise LabError(
            f"{control.successes} control and {treated.successes} treated units converted, and 0 has no "
            "logarithm.",
            "Use the score ratio, or the difference of the shares.",
        )
    error = difference_error(control, treated, variance)
    if variance == "separate":
        log_error = sqrt(_inverse_less(control) + _inverse_less(treated))
    else:
        both = (control.successes + treated.successes) / (control.units + treated.units)
        log_error = error / (both if variance == "pooled" else control.share)
    step = (1 / control.units + 1 / treated.units) / 2 / control.share if correction else 0.0
    value = log(treated.share / control.share)
    half = deviate(confidence, alternative) * log_error + step
    test = normal_test(corrected(value, step, alternative) / log_error, alternative)
    return _exponential(value, log_error, half, alternative, test.p_value)


def adjusted_log_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """`log_ratio` after half a success more in each arm; the value is the adjusted ratio.

    It shrinks towards 1 and stands where an arm has no success; the score ratio keeps its level better.

    Raises LabError when everybody converted in both arms.
    Source: Walter (1975), Biometrika 62(2), doi:10.1093/biomet/62.2.371.
    """
    if not (control.failures or treated.failures):
        raise LabError(
            "Every unit of both arms converted, so the logarithm of the ratio has no known error.",
            "Use the score ratio.",
        )
    (x0, n0), (x1, n1) = ((arm.successes + 0.5, arm.units + 0.5) for arm in (control, treated))
    value, error = log(x1 / n1 / (x0 / n0)), sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
    half = deviate(confidence, alternative) * error
    return _exponential(value, error, half, alternative, normal_test(value / error, alternative).p_value)


def score_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 1.0,
) -> Estimate:
    """The ratio with the interval of all ratios that the score test does not reject; p-value against `null`.

    The standard error is the interval's length over twice its deviate.

    Raises LabError when nobody converted in control, where the ratio has no value.
    Source: Koopman (1984), Biometrics 40(2), doi:10.2307/2531405.
    """
    if not control.successes:
        raise LabError(
            f"None of the {control.units} units of control converted, so the ratio has no value.",
            "Use the difference of the shares.",
        )
    if null <= 0:
        raise LabError(
            f"A ratio of {null:g} cannot be tested.", "Give a ratio above 0; 1 means no difference."
        )
    z = deviate(confidence, alternative)

    def score(log_of_ratio: float) -> float:
        return ratio_score(control, treated, exp(log_of_ratio))

    low = exp(crossing(lambda x: score(x) - z, -FURTHEST, FURTHEST)) if treated.successes else 0.0
    high = exp(crossing(lambda x: score(x) + z, -FURTHEST, FURTHEST))
    test = normal_test(ratio_score(control, treated, null), alternative)
    value = treated.share / control.share
    return Estimate(value, (high - low) / (2 * z), *bounded(low, high, alternative, BOUNDS), test.p_value)


def _inverse_less(arm: ArmCounts) -> float:
    """Variance of the logarithm of an arm's share."""
    return arm.failures / arm.successes / arm.units


def _exponential(value: float, error: float, half: float, alternative: Alternative, p: float) -> Estimate:
    """From the logarithm's scale back to the ratio's."""
    low, high = bounded(exp(value - half), exp(value + half), alternative, BOUNDS)
    return Estimate(exp(value), exp(value) * error, low, high, p)
