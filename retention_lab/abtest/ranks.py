"""Whether the units of one arm tend to have larger values than those of the other, from histograms alone.

The effect is the chance that a treated unit has more than a control unit, half of ties counted: 0.5 is none.
It asks about typical units, not about sums: for money, read it beside the mean, not in its place.
"""

from math import comb, exp, inf, log, log1p, sqrt

import numpy as np
from scipy.special import stdtrit

from retention_lab.abtest.histogram import Histogram, side_by_side
from retention_lab.abtest.roots import crossing
from retention_lab.abtest.tails import (
    Alternative,
    HypothesisTest,
    bounded,
    deviate,
    from_log_p,
    miss_per_side,
    normal_test,
    student_test,
)
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_MOST_PAIRS = 2_500  # of units, for the exact distribution


def mann_whitney_test(
    control: Histogram,
    treated: Histogram,
    *,
    alternative: Alternative = "two_sided",
    correction: bool = True,
) -> HypothesisTest:
    """Mann and Whitney's U test by the normal distribution, corrected for ties and for continuity.

    The statistic is U of treated: pairs in which treated is ahead, ties half. It tests that the arms have one
    distribution; where they may have the same typical value but another spread, use `brunner_munzel_test`.

    Raises LabError when all units have the same value.
    Source: Mann and Whitney (1947), Annals of Mathematical Statistics 18(1), doi:10.1214/aoms/1177730491.
    """
    _, in_control, in_treated = side_by_side(control, treated)
    u = _pairs_ahead(in_control, in_treated)
    m, n = float(control.total), float(treated.total)
    ties = np.asarray(in_control + in_treated, dtype=np.float64)
    total = m + n
    tied = total * float(np.sum((ties / total) ** 3)) - 1 / total  # sum of t^3 - t, over the total's square
    variance = m * n / 12 * (total + 1 - tied / (1 - 1 / total))
    if len(ties) == 1 or variance <= 0:
        raise LabError("All units have the same value, so none is ahead.", "Look at another metric.")
    gap, step = u - m * n / 2, 0.5 if correction else 0.0
    if alternative == "two_sided":
        z = max(abs(gap) - step, 0.0)
    else:
        z = gap - step if alternative == "greater" else gap + step
    return with_statistic(u, normal_test(z / sqrt(variance), alternative))


def mann_whitney_exact_test(
    control: Histogram, treated: Histogram, *, alternative: Alternative = "two_sided"
) -> HypothesisTest:
    """Mann and Whitney's U test by all ways to deal the values found to the arms; for tiny samples.

    Two-sided, twice the smaller side.

    Raises LabError with more than 2,500 pairs of units, or where values are known by bins only.
    """
    pairs = control.total * treated.total
    if pairs > _MOST_PAIRS:
        raise LabError(
            f"{control.total} and {treated.total} units make {pairs} pairs, more than {_MOST_PAIRS}.",
            "Use `mann_whitney_test`: with so many units the normal distribution is exact enough.",
        )
    if not (control.exact and treated.exact):
        raise LabError("The values are known by bins only.", "Count the values themselves: there are few.")
    _, in_control, in_treated = side_by_side(control, treated)
    u = _pairs_ahead(in_control, in_treated)
    chances = _dealt(in_control + in_treated, treated.total)
    found = round(2 * u)
    more, fewer = log(chances[found:].sum()), log(chances[: found + 1].sum())
    if alternative == "two_sided":
        return from_log_p(u, log(2.0) + min(more, fewer))
    return from_log_p(u, more if alternative == "greater" else fewer)


def probability_of_superiority(
    control: Histogram,
    treated: Histogram,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """Chance that a treated unit has more than a control unit, ties half; p-value against 0.5.

    The interval and the test are Brunner and Munzel's on the scale of log odds, so they stay inside 0 and 1.

    Raises LabError when an arm has fewer than two units, or the arms do not overlap: use
    `superiority_score_interval` there.
    Source: Brunner and Munzel (2000), Biometrical Journal 42(1),
    doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U.
    """
    chance, se, freedom = _placements(control, treated)
    logit, logit_error = log(chance) - log1p(-chance), se / (chance * (1 - chance))
    half = -float(stdtrit(freedom, miss_per_side(confidence, alternative))) * logit_error
    low, high = (1 / (1 + exp(-(logit + side * half))) for side in (-1, 1))
    p_value = student_test(logit / logit_error, freedom, alternative).p_value
    return Estimate(chance, se, *bounded(low, high, alternative, (0.0, 1.0)), p_value)


def brunner_munzel_test(
    control: Histogram, treated: Histogram, *, alternative: Alternative = "two_sided"
) -> HypothesisTest:
    """Test that neither arm is ahead, whatever their spreads; the statistic has Student's distribution.

    Raises LabError and source as `probability_of_superiority`.
    """
    chance, se, freedom = _placements(control, treated)
    return student_test((chance - 0.5) / se, freedom, alternative)


def superiority_score_interval(
    control: Histogram,
    treated: Histogram,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """As `probability_of_superiority`, by a score interval that stands even where the arms do not overlap.

    Its variance supposes one scale for both arms, and no ties: with many ties it is too long. The standard
    error is the interval's length over twice its deviate.
    Source: Newcombe (2006), Statistics in Medicine 25(4), doi:10.1002/sim.2324 (method 5).
    """
    _, in_control, in_treated = side_by_side(control, treated)
    m, n = control.total, treated.total
    chance, z = _pairs_ahead(in_control, in_treated) / (m * n), deviate(confidence, alternative)

    def score(truth: float) -> float:
        spread = truth * (1 - truth) / (m * n)
        shape = (1 - truth) / (2 - truth) + truth / (1 + truth)
        variance = spread * (1 + ((m + n) / 2 - 1) * shape)
        if variance > 0:
            return (chance - truth) / sqrt(variance)
        return 0.0 if chance == truth else (chance - truth) * inf

    low = crossing(lambda truth: score(truth) - z, 0.0, chance)
    high = crossing(lambda truth: score(truth) + z, chance, 1.0)
    p_value = normal_test(score(0.5), alternative).p_value
    ends = bounded(low, high, alternative, (0.0, 1.0))
    return Estimate(chance, (high - low) / (2 * z), *ends, p_value)


def with_statistic(statistic: float, test: HypothesisTest) -> HypothesisTest:
    """The same test with its statistic in another unit."""
    return HypothesisTest(statistic, test.p_value, test.log10_p)


def _pairs_ahead(in_control: Ints, in_treated: Ints) -> float:
    """Pairs in which treated has more, ties half; of (b,) counts by ascending value."""
    return float(np.dot(np.asarray(in_treated, dtype=np.float64), _below(in_control)))


def _below(counts: Ints) -> Floats:
    """(b,) units below each value, and half of those at it."""
    return np.asarray(np.cumsum(counts) - counts / 2, dtype=np.float64)


def _placements(control: Histogram, treated: Histogram) -> tuple[float, float, float]:
    """Chance that treated is ahead, its standard error, and the degrees of freedom of that."""
    _, in_control, in_treated = side_by_side(control, treated)
    m, n = control.total, treated.total
    if min(m, n) < 2:
        raise LabError(
            f"The arms have {m} and {n} units, and one unit shows no spread.", "Provide at least two per arm."
        )
    ahead, behind = _below(in_control) / m, _below(in_treated) / n  # of each value, among the other arm's
    chance = float(np.dot(in_treated, ahead)) / n
    var_treated = float(np.dot(in_treated, (ahead - chance) ** 2)) / (n - 1) / n
    var_control = float(np.dot(in_control, (behind - (1 - chance)) ** 2)) / (m - 1) / m
    variance = var_treated + var_control
    if variance == 0:
        raise LabError(
            "The arms do not overlap, or all units have one value, so the chance has no known error.",
            "Use `superiority_score_interval`, which stands there.",
        )
    freedom = variance**2 / (var_treated**2 / (n - 1) + var_control**2 / (m - 1))
    return chance, sqrt(variance), freedom


def _dealt(ties: Ints, n: int) -> Floats:
    """(2 m n + 1,) chance of each value of 2 U when n of the values, tied as given, are dealt to treated.

    A group of t equal values, k of them dealt to treated with j dealt from the values below, adds to U the
    control units below times k, and half of the ties k (t - k).
    """
    m = int(ties.sum()) - n
    ways = np.zeros((n + 1, 2 * m * n + 1))
    ways[0, 0] = 1.0
    below = 0
    for t in (int(tie) for tie in ties):
        after = np.zeros_like(ways)
        for k in range(min(t, n) + 1):
            choices = float(comb(t, k))
            for j in range(min(below, n - k) + 1):
                added = k * (2 * (below - j) + t - k)
                if below - j <= m and 0 <= added < ways.shape[1]:
                    after[j + k, added:] += choices * ways[j, : ways.shape[1] - added]
        ways, below = after, below + t
    return np.asarray(ways[n] / ways[n].sum(), dtype=np.float64)
