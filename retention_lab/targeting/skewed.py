"""Intervals for totals of heavy-tailed outcomes that were measured against a small holdout.

Most customers buy nothing and a few buy much, and each customer without an offer stands for many with one. A
small holdout that misses the big spenders then has too low a mean and, with it, too low a standard error:
the usual intervals miss more often than they say, and nearly always on one side. Three things cure this. The
spread is pooled over customers with and without an offer, so it no longer hangs on the holdout's luck. It
grows with the mean that is being tested, as it does where offers change how often customers buy rather than
how much at once: high means are judged by their own spread, as Wilson's interval does for shares. And the
quantiles are those of a skewed distribution with the pooled third moment.

Sources: Wilson (1927), JASA 22(158), doi:10.1080/01621459.1927.10502953 (the spread at the value tested);
Johnson (1978), JASA 73(363), doi:10.1080/01621459.1978.10480051 (skewness in tests of means);
Zou and Donner (2008), Statistics in Medicine 27(10), doi:10.1002/sim.3095 (a difference from two intervals);
O'Neill (2014), The American Statistician 68(4), doi:10.1080/00031305.2014.966589 (freedom under kurtosis).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv, ndtr, ndtri, stdtrit

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.estimate import Estimate

MOST_SKEWED = 6.0  # beyond it the mean of a type III distribution leaves the middle 95 % of itself


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows with an offer and the rows without one that stand for them; (n,) arrays of one length.

    outcome: contribution, say, adjusted for what was known before. cost: taken off rows with an offer.
    treated: has the offer. weight: how many rows each stands for: those with an offer for themselves (1).
    group: 0, 1, … within which rows were drawn at random.
    """

    outcome: Floats
    cost: Floats
    treated: Bools
    weight: Floats
    group: Ints


@dataclass(frozen=True, slots=True)
class _Moments:
    """Totals with and without the offer, and the variance and third moment of each total's error.

    base: the total without an offer if offers had no effect, at which the pooled moments hold.
    freedom: degrees of freedom of the pooled variance under the kurtosis found.
    """

    offered: float
    offered_variance: float
    offered_third: float
    without: float
    without_variance: float
    without_third: float
    base: float
    freedom: float


def total_difference(rows: Comparison, *, confidence: float = 0.95) -> Estimate:
    """Total over treated rows of outcome less cost, less what they would have had without the offer."""
    moments = _moments(rows)
    value = moments.offered - moments.without
    tail = (1 - confidence) / 2
    scale = _scale(moments, moments.without)
    se = float(np.sqrt(moments.offered_variance + moments.without_variance * scale))
    low, high = _edge(moments, tail, lower=True), _edge(moments, tail, lower=False)
    return Estimate(value, se, low, high, _p_value(value, low if value > 0 else high, tail))


def _moments(rows: Comparison) -> _Moments:
    net = np.where(rows.treated, rows.outcome - rows.cost, rows.outcome)
    groups = int(rows.group.max()) + 1
    count = np.bincount(rows.group, minlength=groups)
    cell = 2 * rows.group + rows.treated
    size = np.bincount(cell, minlength=2 * groups).clip(1)
    centred = net - (np.bincount(cell, net, 2 * groups) / size)[cell]
    second = np.bincount(rows.group, centred**2, groups) / (count - 2).clip(1)
    third = np.bincount(rows.group, centred**3, groups) / count.clip(1)
    fourth = np.bincount(rows.group, centred**4, groups) / count.clip(1)

    mine, theirs = np.where(rows.treated, rows.weight, 0.0), np.where(rows.treated, 0.0, rows.weight)
    pooled = np.bincount(rows.group, rows.outcome, groups) / count.clip(1)
    load = np.bincount(rows.group, rows.weight**2, groups)
    noise = float(np.sum(load**2 * np.maximum(fourth - second**2, 0.0) / count.clip(1)))
    variance = float(load @ second)
    return _Moments(
        offered=float(mine @ net),
        offered_variance=float(mine**2 @ second[rows.group]),
        offered_third=float(mine**3 @ third[rows.group]),
        without=float(theirs @ net),
        without_variance=float(theirs**2 @ second[rows.group]),
        without_third=float(theirs**3 @ third[rows.group]),
        base=float(mine @ pooled[rows.group]),
        freedom=max(4.0, 2 * variance**2 / noise) if noise > 0 else np.inf,
    )


def _scale(moments: _Moments, total: float) -> float:
    """Spread of the total without an offer, relative to its pooled spread, if its true value were `total`."""
    if moments.base <= 0:  # returns outweigh sales: no mean for the spread to grow with
        return 1.0
    return min(max(total / moments.base, 0.05), 20.0)


def _edge(moments: _Moments, tail: float, *, lower: bool) -> float:
    """One end of the interval: the ends of both totals, combined as for a difference of independent parts."""
    value = moments.offered - moments.without
    sign = 1.0 if lower else -1.0
    deviate = _quantile(moments.offered_third, moments.offered_variance, moments.freedom, tail, upper=lower)
    mine = deviate * np.sqrt(moments.offered_variance)
    theirs = _without_end(moments, tail, upper=lower) - moments.without
    return float(value - sign * np.hypot(mine, theirs))


def _without_end(moments: _Moments, tail: float, *, upper: bool) -> float:
    """The total without an offer that would just not be refuted by the one that was seen."""
    if moments.without_variance <= 0:
        return moments.without

    def surprise(total: float) -> float:
        scale = _scale(moments, total)
        variance, third = moments.without_variance * scale, moments.without_third * scale
        deviate = _quantile(third, variance, moments.freedom, tail, upper=not upper)
        return float(moments.without - total - deviate * np.sqrt(variance))

    return _root(surprise, moments.without, np.sqrt(moments.without_variance), upper=upper)


def _root(function: Callable[[float], float], start: float, unit: float, *, upper: bool) -> float:
    """Zero of a falling function on one side of `start`; the bracket doubles until it holds one."""
    step = unit if upper else -unit
    while (function(start + step) > 0) is upper:
        step *= 2
    return float(brentq(function, start, start + step, xtol=1e-9 * unit))


def _quantile(third: float, variance: float, freedom: float, tail: float, *, upper: bool) -> float:
    """Quantile of a standardised error with this skewness (Pearson's type III), widened as t is."""
    if variance <= 0:
        return 0.0
    probability = 1 - tail if upper else tail
    normal = ndtri(probability)
    widen = stdtrit(freedom, probability) / normal if np.isfinite(freedom) else 1.0
    skewness = float(np.clip(third / variance**1.5, -MOST_SKEWED, MOST_SKEWED))
    if abs(skewness) < 1e-4:
        return float(normal * widen)
    shape = 4 / skewness**2
    side = probability if skewness > 0 else 1 - probability
    return float(np.sign(skewness) * (gammaincinv(shape, side) - shape) / np.sqrt(shape) * widen)


def _p_value(value: float, edge: float, tail: float) -> float:
    """Two-sided against zero: `2 x tail` where the interval just reaches it, elsewhere as of a normal."""
    if value == 0 or edge == value:
        return 1.0 if value == 0 else 0.0
    surprise = value / (value - edge) * ndtri(1 - tail)
    return float(2 * ndtr(-abs(surprise)))
