"""Tests of two shares that keep their level in every sample, for small counts.

Fisher's test asks given the total of conversions and is cautious. Barnard's and Boschloo's ask for the worst
common share, order the outcomes by the z statistic and by Fisher's p-value, and find more; they are for a few
thousand units, beyond which the score test has the same answer.
"""

from collections.abc import Callable
from math import log

import numpy as np

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.binomial import log_hypergeometric, log_sum
from retention_lab.abtest.nuisance import Region, log_supremum
from retention_lab.abtest.tails import Alternative, HypothesisTest, from_log_p
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

MOST_UNITS = 6_000  # of both arms, for the tests that search for the worst share
_MOST_TABLES = 2_000_000  # for Fisher's
_SAME = 1e-10  # relative: probabilities and statistics that differ by less are ties parted by rounding


def fisher_test(
    control: ArmCounts, treated: ArmCounts, *, alternative: Alternative = "two_sided"
) -> HypothesisTest:
    """Fisher's exact test; two-sided, of outcomes no likelier than the one found.

    The statistic is the treated successes.

    Raises LabError with more than two million conversions.
    Source: Fisher (1922), Journal of the Royal Statistical Society 85(1), doi:10.2307/2340521.

    >>> round(fisher_test(ArmCounts(1, 10), ArmCounts(6, 10)).p_value, 4)
    0.0573
    """
    drawn, found = control.successes + treated.successes, treated.successes
    tables = np.arange(max(0, drawn - control.units), min(treated.units, drawn) + 1)
    if len(tables) > _MOST_TABLES:
        raise LabError(
            f"{drawn} conversions make {len(tables)} possible outcomes, too many to add up.",
            "Use the score or the z-test: so many conversions leave no difference.",
        )
    logs = log_hypergeometric(tables, treated.units, control.units, drawn)
    if alternative == "greater":
        chosen = tables >= found
    elif alternative == "less":
        chosen = tables <= found
    else:
        chosen = logs <= logs[tables == found] + _SAME
    return from_log_p(found, 0.0 if chosen.all() else log_sum(logs[chosen]))


def barnard_test(
    control: ArmCounts, treated: ArmCounts, *, alternative: Alternative = "two_sided"
) -> HypothesisTest:
    """Barnard's unconditional test by the pooled z statistic, which is the test's statistic.

    Raises LabError with more than 6,000 units.
    Source: Suissa and Shuster (1985), Journal of the Royal Statistical Society A 148(4), doi:10.2307/2981892.
    """
    refuse_many(control, treated)
    n0, n1 = control.units, treated.units
    found = float(_pooled_z(control.successes, n0, treated.successes, n1))
    rows = np.arange(n0 + 1)
    low, high = np.full(n0 + 1, -1), np.full(n0 + 1, n1 + 1)
    size = abs(found) if alternative == "two_sided" else found
    if alternative != "less":
        bar = size - _SAME * abs(size)
        high = first_true(lambda x1: _pooled_z(rows, n0, x1, n1) >= bar, n0 + 1, n1)
    if alternative != "greater":
        bar = (-size if alternative == "two_sided" else size) + _SAME * abs(size)
        low = first_true(lambda x1: _pooled_z(rows, n0, x1, n1) > bar, n0 + 1, n1) - 1
    return from_log_p(found, log_supremum(Region(low, high, n1)))


def boschloo_test(
    control: ArmCounts, treated: ArmCounts, *, alternative: Alternative = "two_sided"
) -> HypothesisTest:
    """Boschloo's unconditional test by Fisher's one-sided p-value, which is its statistic.

    One-sided, its p-value is never above Fisher's; two-sided, it is twice the smaller one-sided p-value.

    Raises LabError with more than 6,000 units.
    Source: Boschloo (1970), Statistica Neerlandica 24(1), doi:10.1111/j.1467-9574.1970.tb00104.x.
    """
    refuse_many(control, treated)
    greater, less = (
        _boschloo(control, treated, greater=side) if alternative in (word, "two_sided") else (0.0, np.inf)
        for side, word in ((True, "greater"), (False, "less"))
    )
    (log_fisher, log_p) = min(greater, less, key=lambda pair: pair[1])
    return from_log_p(float(np.exp(log_fisher)), log_p + (log(2.0) if alternative == "two_sided" else 0.0))


def _boschloo(control: ArmCounts, treated: ArmCounts, *, greater: bool) -> tuple[float, float]:
    """Logarithms of Fisher's p-value and of Boschloo's; `less` asks the same of failures."""
    one, two = (arm.successes if greater else arm.failures for arm in (control, treated))
    n0, n1 = control.units, treated.units
    found = float(log_fisher_greater(np.array([one]), n0, np.array([two]), n1)[0])
    bar, rows = found + _SAME * max(1.0, abs(found)), np.arange(n0 + 1)
    high = first_true(lambda x1: log_fisher_greater(rows, n0, x1, n1) <= bar, n0 + 1, n1)
    return found, log_supremum(Region(np.full(n0 + 1, -1), high, n1))


def log_fisher_greater(x0: Ints, n0: int, x1: Ints, n1: int) -> Floats:
    """(m,) logarithms of Fisher's one-sided p-value of (m,) outcomes: as many treated successes, or more.

    Summed away from the outcome, on the side where the terms fall.
    """
    drawn = x0 + x1
    upper = x1 * (n0 + n1) >= drawn * n1  # at or above its expectation
    k = np.where(upper, x1, x1 - 1)  # else 1 less the outcomes below
    step = np.where(upper, 1, -1)
    first = log_hypergeometric(k, n1, n0, drawn)
    term = np.ones(len(x1))
    total = np.ones(len(x1))
    for _ in range(n1 + 1):
        up = (drawn - k) * (n1 - k) / np.maximum((k + 1) * (n0 - drawn + k + 1.0), 1)
        down = k * (n0 - drawn + k) / np.maximum((drawn - k + 1.0) * (n1 - k + 1), 1)
        term = term * np.where(upper, up, down)
        if not (term > 1e-17 * total).any():
            break
        total, k = total + term, k + step
    logs = first + np.log(total)
    below = np.minimum(np.exp(np.where(upper, -1.0, logs)), 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(upper, np.minimum(logs, 0.0), np.log1p(-below)), dtype=np.float64)


def first_true(holds: Callable[[Ints], np.ndarray], rows: int, last: int) -> Ints:
    """(rows,) smallest number from 0 to `last` at which a condition holds that stays true, or last + 1."""
    low, high = np.zeros(rows, dtype=np.int64), np.full(rows, last + 1, dtype=np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        true = holds(np.minimum(middle, last)) & (middle <= last)
        open_ = low < high
        high = np.where(open_ & true, middle, high)
        low = np.where(open_ & ~true, middle + 1, low)
    return low


def _pooled_z(x0: Ints | int, n0: int, x1: Ints | int, n1: int) -> Floats:
    pooled = (np.asarray(x0) + x1) / (n0 + n1)
    difference = np.asarray(x1) / n1 - np.asarray(x0) / n0
    error = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    return np.asarray(np.where(error > 0, difference / np.where(error > 0, error, 1), 0.0), dtype=np.float64)


def refuse_many(control: ArmCounts, treated: ArmCounts) -> None:
    """Raise LabError where the arms have more units than an exact answer is worth."""
    units = control.units + treated.units
    if units > MOST_UNITS:
        raise LabError(
            f"{units} units are too many for an exact answer, at most {MOST_UNITS} are allowed.",
            "Use the score method: with so many units it has the same answer.",
        )
