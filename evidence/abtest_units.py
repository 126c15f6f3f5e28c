"""Units of simulated A/B tests, a hundred tests at once, as the sums that the analysis reads.

Every unit has four numbers: an outcome, what a ratio divides it by, and the same two from before the test.
Sums are drawn exactly from their own distribution where it is known (normal numbers: a Wishart distribution;
discrete ones: counts of each kind of unit); of spend, all units that bought are drawn. With an effect, the
outcome of every normal unit is larger by .4, a fifth more of the others convert, and each buyer spends a
tenth more.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from retention_lab.abtest.simulation.sums import Layout, ManySums
from retention_lab.arrays import Floats, Ints

TESTS = 100
NUMBERS, ONE, TOTALS = Layout(4, 2, powers=True), Layout(1, 1, powers=True), Layout(2, 2, powers=False)
CLUSTER = 20.0  # units of a cluster, on average
NORMAL_SHIFT, MORE_CONVERT, MORE_SPEND = 0.4, 1.2, 1.1
MEAN, SPREAD = np.array([10.0, 5.0, 10.0, 5.0]), np.array([4.0, 1.0, 4.0, 1.0])
CORRELATION = np.array(
    [[1.0, 0.6, 0.7, 0.4], [0.6, 1.0, 0.4, 0.7], [0.7, 0.4, 1.0, 0.6], [0.4, 0.7, 0.6, 1.0]]
)
STRATA = np.array([-2.0, 0.0, 2.0])  # how far means of normal strata lie from the middle
RATES = np.array([0.05, 0.1, 0.15])  # of strata: how many convert, or buy
ORDERS = np.array([0.7, 0.2, 0.1])  # chances of one, two and three orders of a buyer

Rng = np.random.Generator


@dataclass(frozen=True)
class Arm:
    """One arm of each test. units: sums of the four numbers; strata: of the outcome, in three; clusters:
    (tests, clusters, 2) totals and sizes; buyers, test: amounts and whose they are, of spend."""

    units: ManySums
    strata: list[ManySums]
    clusters: Floats
    buyers: Floats | None = None
    test: Ints | None = None


def normal_arm(rng: Rng, n: int, effect: bool) -> Arm:
    """Outcomes about 10, with a spread of 4."""
    shift = NORMAL_SHIFT if effect else 0.0
    mean = MEAN + np.array([shift, 0, 0, 0])
    units = _normal_sums(rng, np.full(TESTS, n), mean, np.linalg.cholesky(CORRELATION) * SPREAD[:, None])
    sizes = rng.multinomial(n, [1 / 3] * 3, TESTS).T
    strata = [
        _normal_sums(rng, own, np.array([10 + shift + apart]), np.array([[4.0]]))
        for own, apart in zip(sizes, STRATA, strict=True)
    ]
    size = _cluster_sizes(rng, n)
    level = 10 + shift + rng.normal(size=size.shape)
    total = size * level + 4 * np.sqrt(size) * rng.normal(size=size.shape)
    return Arm(units, strata, np.stack([total, size], axis=-1))


def converting_arm(rng: Rng, n: int, effect: bool) -> Arm:
    """A tenth convert; the ratio is of conversions to sessions, one or two."""
    more = MORE_CONVERT if effect else 1.0
    kinds, chance = conversion_kinds(more)
    counts = rng.multinomial(n, chance, TESTS).astype(np.float64)
    units = NUMBERS.sums(counts @ NUMBERS.columns(kinds, np.zeros(4)), np.zeros(4))
    sizes = rng.multinomial(n, [1 / 3] * 3, TESTS).T
    strata = [
        _share_sums(rng.binomial(own, more * rate), own) for own, rate in zip(sizes, RATES, strict=True)
    ]
    size = _cluster_sizes(rng, n)
    total = rng.binomial(size.astype(np.int64), np.minimum(more * rng.beta(2, 18, size.shape), 1.0))
    return Arm(units, strata, np.stack([total.astype(np.float64), size], axis=-1))


def conversion_kinds(more: float) -> tuple[Floats, Floats]:
    """(16, 4) the kinds of unit, and the chance of each: those who converted before do so again in .28, the
    others in .08, and two sessions make it half as likely again as one does, on average."""
    kinds = np.array(list(product((0.0, 1.0), (1.0, 2.0), (0.0, 1.0), (1.0, 2.0))))
    converted, sessions, before, earlier = kinds.T
    of_before = np.where(before == 1, 0.1, 0.9) * np.where(earlier == 2, 0.3, 0.7)
    of_sessions = np.where(sessions == 2, 1, 0) * np.where(earlier == 2, 0.6, 0.2)
    of_sessions = np.where(sessions == 2, of_sessions, np.where(earlier == 2, 0.4, 0.8))
    rate = more * np.where(before == 1, 0.28, 0.08) * np.where(sessions == 2, 1.2, 0.9) / 0.996
    return kinds, of_before * of_sessions * np.where(converted == 1, rate, 1 - rate)


def spending_arm(rng: Rng, n: int, effect: bool) -> Arm:
    """A tenth buy, for lognormal amounts of a log-spread of 1; the ratio is of amounts to orders."""
    both, now, before, _ = rng.multinomial(n, [0.04, 0.06, 0.06, 0.84], TESTS).T
    rows, tests = [], []
    for count, buys, bought in ((both, 1, 1), (now, 1, 0), (before, 0, 1)):
        many = int(count.sum())
        z = rng.normal(size=(2, many))
        z[1] = 0.7 * z[0] + np.sqrt(0.51) * z[1]
        orders = 1.0 + (rng.random((2, many)) > 0.7) + (rng.random((2, many)) > 0.9)
        amounts = np.exp(z)
        numbers = [buys * amounts[0], buys * orders[0], bought * amounts[1], bought * orders[1]]
        rows.append(np.column_stack(numbers))
        tests.append(np.repeat(np.arange(TESTS), count))
    more = MORE_SPEND if effect else 1.0
    values, test = np.concatenate(rows), np.concatenate(tests)
    values[:, 0] *= more
    units = _sums_of(NUMBERS, values, test, n)
    amounts, whose = np.concatenate([rows[0][:, 0], rows[1][:, 0]]) * more, np.concatenate(tests[:2])
    return Arm(units, _spend_strata(rng, amounts, whose, n), _spend_clusters(rng, n, more), amounts, whose)


def cluster_sums(clusters: Floats) -> ManySums:
    """Of (tests, clusters, 2) totals and sizes."""
    rows = np.stack([TOTALS.columns(one, np.zeros(2)) for one in clusters])
    return TOTALS.sums(rows.sum(axis=1), np.zeros(2))


def capped_sums(arm: Arm, n: int, cap: Floats) -> ManySums:
    """Of spend cut at each test's cap."""
    if arm.buyers is None or arm.test is None:
        raise ValueError("only spend is cut")
    return _sums_of(ONE, np.minimum(arm.buyers, cap[arm.test])[:, None], arm.test, n)


def caps(arms: tuple[Arm, Arm], n: int, q: float) -> Floats:
    """(tests,) quantiles of both arms' outcomes together, between order statistics."""
    found = np.empty(TESTS)
    place = q * (n - 1)
    for k in range(TESTS):
        own = np.sort(np.concatenate([one.buyers[one.test == k] for one in arms if one.buyers is not None]))
        zeros = n - len(own)
        low, high = (own[int(p) - zeros] for p in (np.floor(place), np.ceil(place)))
        found[k] = low + (place - np.floor(place)) * (high - low)
    return found


def _normal_sums(rng: Rng, n: Ints, mean: Floats, root: Floats) -> ManySums:
    """Exact sums of n normal units: their mean and scatter are independent, the one normal, the other
    Wishart. Third and fourth moments are left out: in so many normal units they never matter."""
    p = len(mean)
    low = np.tril(rng.normal(size=(TESTS, p, p)), -1)
    low[:, range(p), range(p)] = np.sqrt(rng.chisquare(n[:, None] - 1 - np.arange(p)))
    half = root @ low
    middle = mean + rng.normal(size=(TESTS, p)) @ root.T / np.sqrt(n)[:, None]
    total = n[:, None] * middle
    products = half @ half.transpose(0, 2, 1) + total[:, :, None] * middle[:, None, :]
    return ManySums(np.zeros(p), n.astype(np.float64), total, products)


def _share_sums(converted: Ints, n: Ints) -> ManySums:
    layout = Layout(1, 1, powers=True, share=True)
    return layout.sums(np.column_stack([n, converted]).astype(np.float64), np.zeros(1))


def _cluster_sizes(rng: Rng, n: int) -> Floats:
    """(tests, clusters) of very unequal sizes."""
    return 1.0 + rng.negative_binomial(4, 4 / (4 + CLUSTER - 1), (TESTS, round(n / CLUSTER)))


def _sums_of(layout: Layout, values: Floats, test: Ints, n: int) -> ManySums:
    """Of rows, and of as many others as there are units, whose numbers are all 0."""
    columns = layout.columns(values, np.zeros(layout.numbers))
    sums = np.column_stack([np.bincount(test, column, TESTS) for column in columns.T])
    sums[:, 0] = n
    return layout.sums(sums, np.zeros(layout.numbers))


def _spend_strata(rng: Rng, amounts: Floats, test: Ints, n: int) -> list[ManySums]:
    stratum = rng.choice(3, len(amounts), p=RATES / RATES.sum())
    bought = np.stack([np.bincount(test[stratum == s], minlength=TESTS) for s in range(3)])
    others = np.stack([rng.multinomial(n - b, (1 - RATES) / (1 - RATES).sum()) for b in bought.sum(axis=0)]).T
    found = []
    for s in range(3):
        sums = np.column_stack(
            [np.bincount(test[stratum == s], amounts[stratum == s] ** k, TESTS) for k in range(5)]
        )
        sums[:, 0] = bought[s] + others[s]
        found.append(ONE.sums(sums, np.zeros(1)))
    return found


def _spend_clusters(rng: Rng, n: int, more: float) -> Floats:
    size = _cluster_sizes(rng, n)
    buyers = rng.binomial(size.astype(np.int64), rng.beta(2, 18, size.shape)).ravel()
    place = np.repeat(np.arange(buyers.size), buyers)
    total = np.bincount(place, more * rng.lognormal(size=len(place)), buyers.size)
    return np.stack([total.reshape(size.shape), size], axis=-1)
