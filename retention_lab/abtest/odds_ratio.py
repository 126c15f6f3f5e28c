"""The ratio of the odds to convert, treated over control: the scale of logistic regression."""

from math import exp, log, sqrt

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.proportion_ratio import BOUNDS, FURTHEST
from retention_lab.abtest.roots import crossing
from retention_lab.abtest.score import odds_ratio_score
from retention_lab.abtest.tails import Alternative, bounded, deviate, normal_test
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


def logit_odds_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """The odds ratio with a normal interval and test of its logarithm; p-value against 1.

    Raises LabError when an arm has no success or no failure.
    Source: Woolf (1955), Annals of Human Genetics 19(4), doi:10.1111/j.1469-1809.1955.tb01348.x.
    """
    if 0 in (control.successes, control.failures, treated.successes, treated.failures):
        raise LabError(
            "An arm has no success or no failure, and odds of 0 have no logarithm.",
            "Use the score or the adjusted odds ratio.",
        )
    return _logit(control, treated, 0.0, confidence, alternative)


def adjusted_odds_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """`logit_odds_ratio` after half a success and half a failure more in each arm; the value too.

    Source: Gart and Zweifel (1967), Biometrika 54(1/2), doi:10.1093/biomet/54.1-2.181.
    """
    return _logit(control, treated, 0.5, confidence, alternative)


def score_odds_ratio(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
    null: float = 1.0,
) -> Estimate:
    """The odds ratio with the interval of all that the score test does not reject; p-value against `null`.

    The standard error is the interval's length over twice its deviate.

    Raises LabError when control has no success or treated no failure, where the ratio has no value.
    Source: Miettinen and Nurminen (1985), Statistics in Medicine 4(2), doi:10.1002/sim.4780040211.
    """
    if not (control.successes and treated.failures):
        raise LabError(
            f"Control has {control.successes} successes and treated {treated.failures} failures, so the odds "
            "ratio has no value.",
            "Use the difference of the shares.",
        )
    if null <= 0:
        raise LabError(
            f"An odds ratio of {null:g} cannot be tested.", "Give one above 0; 1 means no difference."
        )
    z = deviate(confidence, alternative)
    value = treated.successes / treated.failures * (control.failures / control.successes)

    def score(log_of_ratio: float) -> float:
        return odds_ratio_score(control, treated, exp(log_of_ratio))

    low = exp(crossing(lambda x: score(x) - z, -FURTHEST, FURTHEST)) if value else 0.0
    high = exp(crossing(lambda x: score(x) + z, -FURTHEST, FURTHEST))
    test = normal_test(odds_ratio_score(control, treated, null), alternative)
    return Estimate(value, (high - low) / (2 * z), *bounded(low, high, alternative, BOUNDS), test.p_value)


def _logit(
    control: ArmCounts, treated: ArmCounts, added: float, confidence: float, alternative: Alternative
) -> Estimate:
    cells = [x + added for arm in (treated, control) for x in (arm.successes, arm.failures)]
    value = log(cells[0] / cells[1]) - log(cells[2] / cells[3])
    error = sqrt(sum(1 / x for x in cells))
    half = deviate(confidence, alternative) * error
    low, high = bounded(exp(value - half), exp(value + half), alternative, BOUNDS)
    p_value = normal_test(value / error, alternative).p_value
    return Estimate(exp(value), exp(value) * error, low, high, p_value)
