"""An interval for the difference of two shares that covers in every sample, for small counts.

It holds all differences that neither one-sided exact score test rejects. For a difference, the outcomes that
speak as strongly as the one found are those with as large a score statistic; their probability depends on
control's share, which nobody knows, so the largest is taken over the shares that both arms allow but for one
chance in a million, which is then added to the p-value.

Sources: Chan and Zhang (1999), Biometrics 55(4), doi:10.1111/j.0006-341X.1999.01202.x (two one-sided tests by
the score); Berger and Boos (1994), JASA 89(427), doi:10.1080/01621459.1994.10476836 (the allowed shares).
"""

from math import log, sqrt

import numpy as np
from scipy.special import betaincinv, ndtri

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.exact_tests import first_true, refuse_many
from retention_lab.abtest.nuisance import log_masses, supremum
from retention_lab.abtest.roots import crossing, last_positive
from retention_lab.abtest.score import difference_score, difference_scores
from retention_lab.abtest.tails import (
    Alternative,
    HypothesisTest,
    bounded,
    deviate,
    from_log_p,
    miss_per_side,
)
from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_LEFT_OUT = 1e-6  # chance that the true share is not among those looked at
_SAME = 1e-10  # relative: statistics that differ by less are ties parted by rounding
_PLACES = 1e-8  # to which a limit is found
_LOWEST = -1 + _PLACES  # at -1 itself no outcome has an error
_REACH = 9.0  # standard errors beyond which an outcome's chance no longer counts


def exact_difference(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """Treated share less control's; p-value against no difference, of the same tests.

    The standard error is the interval's length over twice its deviate. For n of a few thousand.

    Raises LabError with more than 6,000 units, or a confidence so high that 1e-6 counts.
    """
    refuse_many(control, treated)
    miss = miss_per_side(confidence, alternative)
    if miss < 100 * _LEFT_OUT:
        raise LabError(
            f"An exact interval at {confidence:g} leaves less than {100 * _LEFT_OUT:g} to each side.",
            "Ask for a confidence of at most 0.9998, or use the score interval.",
        )
    low = _lower_limit(control, treated, miss)
    high = -_lower_limit(*_failures(control, treated), miss)
    p_value = exact_difference_test(control, treated, alternative=alternative).p_value
    se = (high - low) / (2 * deviate(confidence, alternative))
    value = treated.share - control.share
    return Estimate(value, se, *bounded(low, high, alternative, (-1.0, 1.0)), p_value)


def exact_difference_test(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> HypothesisTest:
    """Exact test that treated less control is `null`, 0 or a margin, in (-1, 1).

    The statistic is the score statistic; two-sided, the p-value is twice the smaller one-sided one, and no
    p-value is below 1e-6.

    Raises LabError with more than 6,000 units.
    """
    refuse_many(control, treated)
    if not -1 < null < 1:
        raise LabError(
            f"A difference of {null:g} between shares cannot be tested.", "Give one inside -1 to 1."
        )
    counts = control.successes, control.units, treated.successes, treated.units
    found = []
    if alternative != "less":
        found.append(_p_greater(control, treated, null))
    if alternative != "greater":
        found.append(_p_greater(*_failures(control, treated), -null))
    p_value = min(found) * (2 if alternative == "two_sided" else 1)
    return from_log_p(float(difference_scores(*counts, null)), log(min(p_value, 1.0)))


def _lower_limit(control: ArmCounts, treated: ArmCounts, miss: float) -> float:
    """Largest difference up to which the one-sided test rejects all of them."""
    value, z = treated.share - control.share, -float(ndtri(miss))
    if value == -1:
        return -1.0

    def rejected(difference: float) -> float:  # as a deviate, which is nearly a straight line
        p_value = 1.0 if difference >= value else _p_greater(control, treated, difference)
        return min(-float(ndtri(p_value)), 40.0) - z if p_value < 1 else -40.0

    guess = crossing(lambda d: difference_score(control, treated, d) - z, -1.0, value)
    step = max(0.1 * (value - guess), _PLACES)
    low, high = max(guess - step, _LOWEST), min(guess + step, value)
    while low > _LOWEST and rejected(low) <= 0:
        low, high, step = max(low - step, _LOWEST), low, 2 * step
    if rejected(low) <= 0:
        return -1.0
    return last_positive(rejected, low, high if rejected(high) <= 0 else value, _PLACES)


def _p_greater(control: ArmCounts, treated: ArmCounts, difference: float) -> float:
    """Largest probability of a score statistic as large as the one found, if the difference is this."""
    n0, n1 = control.units, treated.units
    found = float(difference_scores(control.successes, n0, treated.successes, n1, difference))
    low0, high0 = _allowed(control)
    low1, high1 = _allowed(treated)
    low = max(low0, low1 - difference, -difference, 0.0)
    high = min(high0, high1 - difference, 1 - difference, 1.0)
    if low >= high:
        return _LEFT_OUT
    reach = _REACH * sqrt(n0) / 2
    rows = np.arange(max(0, int(low * n0 - reach)), min(n0, int(high * n0 + reach) + 1) + 1)
    bar = found - _SAME * abs(found)
    first = first_true(lambda x1: difference_scores(rows, n0, x1, n1, difference) >= bar, len(rows), n1)
    most = min(n1, int((high + difference) * n1 + _REACH * sqrt(n1) / 2) + 1)
    columns = np.arange(min(int(first.min()), most), most + 1)
    start = np.minimum(first - columns[0], len(columns))

    def chance(share: Floats) -> Floats:
        one = np.exp(log_masses(rows, n0, share))
        two = np.exp(log_masses(columns, n1, share + difference))
        at_least = np.concatenate([np.cumsum(two[::-1], axis=0)[::-1], np.zeros((1, len(share)))])
        return np.asarray(np.sum(one * at_least[start], axis=0), dtype=np.float64)

    return min(supremum(chance, low, high, points=48, rounds=4) + _LEFT_OUT, 1.0)


def _allowed(arm: ArmCounts) -> tuple[float, float]:
    """Clopper and Pearson's interval of an arm's share; two of them miss with the chance left out."""
    x, n, miss = arm.successes, arm.units, _LEFT_OUT / 4
    low = float(betaincinv(x, n - x + 1, miss)) if x else 0.0
    high = 1 - float(betaincinv(n - x, x + 1, miss)) if x < n else 1.0
    return low, high


def _failures(control: ArmCounts, treated: ArmCounts) -> tuple[ArmCounts, ArmCounts]:
    """The same arms by their failures, whose difference has the other sign."""
    return ArmCounts(control.failures, control.units), ArmCounts(treated.failures, treated.units)
