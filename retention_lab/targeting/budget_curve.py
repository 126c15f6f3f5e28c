"""What every budget would earn, on held-out randomised rows, with a band that holds for all budgets at once.

A plan's budget is a prefix of one order of upgrades, so one pass over the rows values them all: each upgrade
adds the difference of its two arms' doubly robust scores. Whoever looks along the curve for the best budget,
or for the largest one that is safe, looks at many intervals; the band is as wide as the largest of all the
errors along the curve, whose correlation is that of the rows.

Sources: Chernozhukov, Chetverikov, Kato (2013), Annals of Statistics 41(6), doi:10.1214/13-AOS1161 (the
multiplier bootstrap of a largest error); Imai and Li (2023), JASA 118(541), doi:10.1080/01621459.2021.1923511
(treatment rules under a budget).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate, unit_codes
from retention_lab.targeting.allocate_within import BUDGET, budgets_within
from retention_lab.targeting.draw import Roles
from retention_lab.targeting.limits import NO_LIMITS, Limits
from retention_lab.targeting.upgrades import Path, upgrade_path

_DRAWS = 10_000  # of the largest error along the curve


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """m randomised rows that no part of the plan was fitted on, like the audience.

    value, cost: (m, K) by the model that chooses, value -inf where an offer cannot be made.
    scores: (m, K + 1) doubly robust scores in money, net of cost for a profit.
    group: (m,) customers, or None where each row is one.
    roles: the launch's for these rows, None for the policy alone; feasible: (m, K) what may be explored,
    None for what the model may choose. key: (m,) numbers that order equals.
    limits: the audience's caps, with the amounts and groups of these rows, which get their part of each.
    """

    value: Floats
    cost: Floats
    scores: Floats
    group: np.ndarray | None = None
    roles: Roles | None = None
    feasible: Bools | None = None
    key: Floats | None = None
    limits: Limits = NO_LIMITS

    def part(self, rows: Bools) -> "HeldOutRows":
        """The same for some of the rows."""
        roles = self.roles
        return HeldOutRows(
            self.value[rows],
            self.cost[rows],
            self.scores[rows],
            None if self.group is None else self.group[rows],
            None if roles is None else roles.part(rows),
            None if self.feasible is None else self.feasible[rows],
            None if self.key is None else self.key[rows],
            self.limits.part(rows),
        )


@dataclass(frozen=True, slots=True)
class CurveBand:
    """Totals over the audience against none for all, one for each budget.

    budget, dual_price, low, high: (b,). profit: each with an interval of its own; low..high: the band, which
    holds every true value at once as often as its confidence says. width: of the band, in standard errors.
    """

    budget: Floats
    profit: tuple[Estimate, ...]
    low: Floats
    high: Floats
    dual_price: Floats
    width: float

    @property
    def largest_safe(self) -> float | None:
        """The largest of the budgets at which the lower edge of the band is above zero; None: at none."""
        safe = self.budget[self.low > 0]
        return float(safe.max()) if len(safe) else None

    @property
    def best(self) -> int:
        """Place of the budget of the largest estimated profit, of equals the smallest budget."""
        value = np.array([each.value for each in self.profit])
        return int(np.lexsort((self.budget, -value))[0])


@dataclass(frozen=True, slots=True)
class Recommended:
    """A budget chosen on some rows, and its total profit on the others: chance did not choose it there."""

    budget: float
    profit: Estimate


def curve_band(
    rows: HeldOutRows, budgets: Floats, customers: int, *, confidence: float = 0.95, seed: int = 0
) -> CurveBand:
    """The curve over money for an audience of so many `customers`, with its band.

    The rows spend the same money a head. Customers whom the model holds to be equal share what is left.
    Raises LabError where shapes disagree, there are fewer than two customers, or no budget is given.
    """
    budget = np.asarray(budgets, dtype=np.float64)
    if not len(budget):
        raise LabError("No budget is given to value.", "Give at least one.")
    gains, price = _gains(rows, budget, customers)
    group = None if rows.group is None else unit_codes(rows.group)
    width = _width(gains, group, confidence, seed)
    wide = 2 * float(ndtr(width)) - 1
    profit = [mean_estimate(gain, group, confidence=confidence).scaled(customers) for gain in gains]
    band = [mean_estimate(gain, group, confidence=wide).scaled(customers) for gain in gains]
    low, high = np.array([each.low for each in band]), np.array([each.high for each in band])
    return CurveBand(budget, tuple(profit), low, high, price, width)


def recommended_budget(
    rows: HeldOutRows, chooses: Bools, budgets: Floats, customers: int, *, confidence: float = 0.95
) -> Recommended:
    """The budget of the largest profit on the rows that choose, valued on the other rows.

    chooses: (m,), all rows of a customer on one side. Raises LabError as `curve_band` does.
    """
    curve = curve_band(rows.part(chooses), budgets, customers)
    budget = float(curve.budget[curve.best])
    return Recommended(budget, profit_at(rows.part(~chooses), budget, customers, confidence=confidence))


def profit_at(rows: HeldOutRows, budget: float, customers: int, *, confidence: float = 0.95) -> Estimate:
    """Total profit of one budget, fixed before these rows were seen."""
    gains, _ = _gains(rows, np.array([budget]), customers)
    return mean_estimate(gains[0], rows.group, confidence=confidence).scaled(customers)


def profit_difference(
    rows: HeldOutRows, other: HeldOutRows, budget: float, customers: int, *, confidence: float = 0.95
) -> Estimate:
    """Total profit of one way to value offers less that of another, on the same rows and money, paired."""
    ours, theirs = (_gains(each, np.array([budget]), customers)[0][0] for each in (rows, other))
    return mean_estimate(ours - theirs, rows.group, confidence=confidence).scaled(customers)


def next_money(
    rows: HeldOutRows, budget: float, more: float, customers: int, *, confidence: float = 0.95
) -> Estimate:
    """What each unit of money adds to profit between `budget` and `budget + more`, on held-out rows.

    The dual price says the same by the model that chose; this is what randomised customers say of it.
    Raises LabError where `more` is not above 0.
    """
    if not more > 0:
        raise LabError(f"The next money is {more:g}.", "Give an amount above 0.")
    gains, _ = _gains(rows, np.array([budget, budget + more]), customers)
    step = mean_estimate(gains[1] - gains[0], rows.group, confidence=confidence)
    return step.scaled(customers / more)


def _gains(rows: HeldOutRows, budget: Floats, customers: int) -> tuple[Floats, Floats]:
    """(b, m) scores of each row over none under each budget's launch, and (b,) prices of money."""
    if rows.scores.shape != (len(rows.value), rows.value.shape[1] + 1):
        raise LabError(
            f"Scores are {rows.scores.shape} for values of {rows.value.shape}.",
            "Give a score for none and one for each offer.",
        )
    a_head = budget * (len(rows.value) / customers)
    if rows.limits.empty:
        path = upgrade_path(rows.value, rows.cost, rows.key)
        taken = path.affordable(a_head)
        policy = _along(path, rows.scores, taken)
        price = np.array([path.price(int(each)) for each in taken])
    else:
        policy, price = _within(rows, a_head, rows.limits.scaled(len(rows.value) / customers))
    if rows.roles is None:
        return policy, price
    explored = rows.roles.explored(rows.value > -np.inf if rows.feasible is None else rows.feasible)
    follows = 1 - rows.roles.holdout - rows.roles.exploration
    beside = np.einsum("ij,ij->i", explored[:, 1:], rows.scores[:, 1:] - rows.scores[:, :1])
    return policy * follows + beside, price


def _along(path: Path, scores: Floats, taken: Ints) -> Floats:
    """(b, m) each row's score over none after so many upgrades; those tied at the price count in part."""
    n = len(scores)
    worth = scores[path.row, path.arm] - scores[path.row, path.left]
    now = scores[np.arange(n), path.start] - scores[:, 0]
    found, reached = np.empty((len(taken), n)), 0
    for place in np.argsort(taken, kind="stable"):
        first, last = path.tied(path.price(int(taken[place])))
        now = now + np.bincount(path.row[reached:first], worth[reached:first], n)
        reached = first
        share = path.tied_share(int(taken[place]))
        tied = np.bincount(path.row[first:last], worth[first:last], n) if share > 0 else 0.0
        found[place] = now + share * tied
    return found


def _within(rows: HeldOutRows, budgets: Floats, limits: Limits) -> tuple[Floats, Floats]:
    """As `_along`, where every budget is allocated within the limits too, and (b,) prices of money."""
    plans = budgets_within(rows.value, rows.cost, budgets, limits, rows.key)
    at = np.arange(len(rows.scores))
    policy = np.stack([rows.scores[at, plan.arm] - rows.scores[:, 0] for plan in plans])
    return policy, np.array([plan.prices[BUDGET] for plan in plans])


def _width(gains: Floats, group: Ints | None, confidence: float, seed: int) -> float:
    """How many standard errors the largest error along the curve stays within, as often as asked for.

    Multipliers of the rows that are normal give errors that are normal with the rows' correlation: they are
    drawn at once for all rows.
    """
    rest = gains - gains.mean(axis=1, keepdims=True)
    if group is not None:
        rest = np.stack([np.bincount(group, each) for each in rest])
    covariance = rest @ rest.T
    spread = np.sqrt(np.diag(covariance))
    varies = spread > 1e-12 * max(float(spread.max()), 1e-300)
    alone = float(ndtri(0.5 + confidence / 2))
    if varies.sum() < 2:
        return alone
    correlation = covariance[np.ix_(varies, varies)] / np.outer(spread[varies], spread[varies])
    size, axes = np.linalg.eigh(correlation)
    root = axes * np.sqrt(np.maximum(size, 0.0))
    normal = np.random.default_rng(seed).normal(size=(_DRAWS, len(size)))
    return max(alone, float(np.quantile(np.abs(normal @ root.T).max(axis=1), confidence)))
