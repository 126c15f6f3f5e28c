"""Whom to make which offer under a budget: the multiple-choice knapsack, by the Lagrangian path.

Each customer's offers, none among them, form an upper hull of value over cost. Its edges are upgrades: more
cost for more value, steepest first. Taking all customers' upgrades from the steepest down until the next one
does not fit is optimal for the linear programme, feasible, and at most one upgrade away from the best choice
in whole offers. Every budget takes a prefix of one order, so the gain never falls as the budget grows.

Source: Sinha and Zoltners (1979), Operations Research 27(3), doi:10.1287/opre.27.3.503.
"""

import math
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError

_BLOCK = 32_768  # customers whose hulls are built at once: their arrays stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Allocation:
    """The offer of every customer, and what one more unit of money would earn.

    arm: (n,) 0 = none, k = the k-th offer. spend, gain: totals of the expected cost and value.
    dual_price: value per money of the first upgrade that was not taken; 0 where all were.
    tied_share: of the upgrades exactly at that price, the share that was taken (0 where none was).
    """

    arm: Ints
    spend: float
    gain: float
    dual_price: float
    tied_share: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What every budget would spend and gain: four arrays of one length."""

    budget: Floats
    spend: Floats
    gain: Floats
    dual_price: Floats


@dataclass(frozen=True, slots=True)
class _Path:
    """All upgrades of all customers, steepest first, after the choice of least cost.

    start: (n,) arms of least cost. row, arm, step, slope, cost, gain: (u,) of each upgrade, in order.
    """

    start: Ints
    row: Ints
    arm: Ints
    step: Ints
    slope: Floats
    cost: Floats
    gain: Floats
    start_cost: float
    start_gain: float


def allocate(value: Floats, cost: Floats, budget: float | None, key: Floats | None = None) -> Allocation:
    """Offers of the largest total value whose total expected cost is at most `budget`.

    value: (n, K) net value of each offer against none; -inf where the offer cannot be made.
    cost: (n, K) expected cost charged to the budget; may be zero or negative.
    budget: money, at least 0; None is unlimited. key: (n,) numbers that order customers who are equal in
    everything else (a hash of their id, say); without it, their row does.

    Raises LabError where shapes disagree, a number is missing, or the budget is negative.
    """
    offers, costs = _checked(value, cost)
    path = _path(offers, costs, key)
    taken = len(path.cost) if budget is None else _affordable(path, checked_budget(budget))
    arm = _arms(path, np.arange(len(path.cost)) < taken)
    spend = _total(costs, arm)
    while budget is not None and spend > budget and taken > 0:  # the running sum rounds; this one is exact
        taken -= 1
        arm = _arms(path, np.arange(len(path.cost)) < taken)
        spend = _total(costs, arm)
    price = float(path.slope[taken]) if taken < len(path.slope) else 0.0
    return Allocation(arm, spend, _total(offers, arm), price, _tied_share(path, taken, price))


def allocate_at(value: Floats, cost: Floats, dual_price: float) -> Ints:
    """(n,) the offer of each customer when one unit of money must earn more than `dual_price`.

    The same policy on other rows than those it was found on. Customers whose upgrade earns exactly the price
    do not get it; `probabilities_at` gives it to the share that got it.
    """
    offers, costs = _checked(value, cost)
    path = _path(offers, costs, None)
    return _arms(path, path.slope > dual_price)


def probabilities_at(value: Floats, cost: Floats, dual_price: float, tied_share: float) -> Floats:
    """(n, K + 1) probabilities of the arms under an allocation's price, ties taken with its `tied_share`."""
    offers, costs = _checked(value, cost)
    path = _path(offers, costs, None)
    rows = np.arange(len(offers))
    out = np.zeros((len(offers), offers.shape[1]))
    out[rows, _arms(path, path.slope > dual_price)] += 1 - tied_share
    out[rows, _arms(path, path.slope >= dual_price)] += tied_share
    return out


def curve(value: Floats, cost: Floats, budgets: Floats) -> Curve:
    """Spend, gain and price at each budget, as `allocate` gives them, from one pass over the customers."""
    offers, costs = _checked(value, cost)
    path = _path(offers, costs, None)
    taken = np.array([_affordable(path, checked_budget(budget)) for budget in budgets], dtype=np.int64)
    spend = np.concatenate([[0.0], np.cumsum(path.cost)]) + path.start_cost
    gain = np.concatenate([[0.0], np.cumsum(path.gain)]) + path.start_gain
    price = np.append(path.slope, 0.0)
    budget = np.asarray(budgets, dtype=np.float64)
    return Curve(budget, np.minimum(spend[taken], budget), gain[taken], price[taken])


def _checked(value: Floats, cost: Floats) -> tuple[Floats, Floats]:
    """(n, K + 1) values and costs with none in front; infeasible offers keep -inf and cost nothing."""
    check_shapes(value, cost)
    check_numbers(value, cost)
    none = np.zeros((len(value), 1))
    return np.hstack([none, value]), np.hstack([none, np.where(value > -np.inf, cost, 0.0)])


def check_shapes(value: Floats, cost: Floats) -> None:
    """Raises LabError where values and costs are not both (n, K)."""
    if value.ndim != 2 or value.shape != cost.shape:
        raise LabError(
            f"Values are {value.shape} and costs {cost.shape}; both must be customers by offers.",
            "Provide one value and one cost for each customer and offer.",
        )


def check_numbers(value: Floats, cost: Floats) -> None:
    """Raises LabError where a number is missing or infinite; a value of -inf needs no cost."""
    for name, wrong in (
        ("value", np.isnan(value) | (value == np.inf)),
        ("cost", (value > -np.inf) & ~np.isfinite(cost)),
    ):
        if wrong.any():
            row, offer = np.argwhere(wrong)[0]
            raise LabError(
                f"The {name} of offer {offer + 1} for row {row} is not a finite number.",
                "Set the value to -inf where an offer cannot be made, and give all others a number.",
            )


def checked_budget(budget: float) -> float:
    """The budget as a number. Raises LabError where it is negative or none."""
    if not budget >= 0:
        raise LabError(f"The budget is {budget}.", "Give a number of at least 0, or none for no limit.")
    return float(budget)


def _path(offers: Floats, costs: Floats, key: Floats | None) -> _Path:
    blocks = [_upgrades(offers, costs, first) for first in range(0, len(offers), _BLOCK)]
    start = np.concatenate([np.zeros(0, dtype=np.int64), *(start for start, _ in blocks)])
    steps = [step for _, found in blocks for step in found]
    columns: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * 3 + [np.zeros(0)] * 3
    if steps:
        columns = [np.concatenate(column) for column in zip(*steps, strict=True)]
    row, arm, step, slope, cost, gain = columns
    order = _order(slope, cost, gain, row, key)
    sums = _total(costs, start), _total(offers, start)
    return _Path(start, row[order], arm[order], step[order], slope[order], cost[order], gain[order], *sums)


def _upgrades(offers: Floats, costs: Floats, first: int) -> tuple[Ints, list[tuple[np.ndarray, ...]]]:
    """Start and upgrades of a block of customers: row, arm, step, slope, cost and gain of each upgrade."""
    block = slice(first, first + _BLOCK)
    value, cost = np.ascontiguousarray(offers[block].T), np.ascontiguousarray(costs[block].T)
    start = _cheapest(value, cost)
    rows = np.arange(len(start))
    now_value, now_cost, limit = value[start, rows], cost[start, rows], np.full(len(rows), np.inf)
    steps: list[tuple[np.ndarray, ...]] = []
    while len(rows):
        arm, slope = _steepest(value, cost, now_value, now_cost)
        more = arm >= 0
        rows, arm, slope, limit = rows[more], arm[more], slope[more], limit[more]
        value, cost = value[:, more], cost[:, more]
        at = np.arange(len(rows))
        next_value, next_cost = value[arm, at], cost[arm, at]
        slope = np.minimum(
            slope, np.nextafter(limit, -np.inf)
        )  # a hull's slopes fall, whatever rounding says
        step = np.full(len(rows), len(steps))
        steps.append(
            (rows + first, arm, step, slope, next_cost - now_cost[more], next_value - now_value[more])
        )
        now_value, now_cost, limit = next_value, next_cost, slope
    return start, steps


def _cheapest(value: Floats, cost: Floats) -> Ints:
    """Arm of least cost, of those the one of most value: where every path starts."""
    best = np.zeros(value.shape[1], dtype=np.int64)
    least, most = cost[0].copy(), value[0].copy()
    for k in range(1, len(value)):
        possible = value[k] > -np.inf
        better = possible & ((cost[k] < least) | ((cost[k] == least) & (value[k] > most)))
        best[better] = k
        least = np.where(better, cost[k], least)
        most = np.where(better, value[k], most)
    return best


def _steepest(value: Floats, cost: Floats, now_value: Floats, now_cost: Floats) -> tuple[Ints, Floats]:
    """Next corner of each hull: most value per cost, of equals the farthest; -1 where value cannot grow."""
    arm = np.full(len(now_value), -1, dtype=np.int64)
    slope, reach = np.zeros(len(now_value)), np.zeros(len(now_value))
    for k in range(len(value)):
        gain, extra = value[k] - now_value, cost[k] - now_cost
        up = (gain > 0) & (extra > 0)
        ratio = np.divide(gain, extra, out=np.zeros_like(gain), where=up)
        better = up & ((ratio > slope) | ((ratio == slope) & (extra > reach)))
        arm[better] = k
        slope = np.where(better, ratio, slope)
        reach = np.where(better, extra, reach)
    return arm, slope


def _order(slope: Floats, cost: Floats, gain: Floats, row: Ints, key: Floats | None) -> Ints:
    """Steepest first; among equal slopes the cheapest, then by key, then by row."""
    order = np.argsort(-slope)
    sorted_slope = slope[order]
    same = sorted_slope[1:] == sorted_slope[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):
        among = order[tied]
        name = row if key is None else key[row]
        inner = np.lexsort((row[among], name[among], gain[among], cost[among], -slope[among]))
        order[tied] = among[inner]
    return np.asarray(order, dtype=np.int64)


def _affordable(path: _Path, budget: float) -> int:
    """How many upgrades fit; the tolerance is that of a running sum, `allocate` checks the exact one."""
    room = budget - path.start_cost
    spend = np.cumsum(path.cost)
    return int(np.searchsorted(spend, room + 1e-11 * max(abs(budget), abs(path.start_cost)), side="right"))


def _arms(path: _Path, taken: Bools) -> Ints:
    arm = path.start.copy()
    for step in range(int(path.step.max(initial=-1)) + 1):
        now = taken & (path.step == step)
        arm[path.row[now]] = path.arm[now]
    return arm


def _tied_share(path: _Path, taken: int, price: float) -> float:
    tied = np.flatnonzero(path.slope == price)
    return float(np.mean(tied < taken)) if price > 0 and len(tied) else 0.0


def _total(amounts: Floats, arm: Ints) -> float:
    return total(amounts[:, 1:], arm)


def total(amounts: Floats, arm: Ints) -> float:
    """Sum over customers with an offer of its amount. amounts: (n, K). arm: (n,) 0 = none.

    Exact, so that neither row order nor the number of customers shows in it.
    """
    offered = np.flatnonzero(arm)
    return math.fsum(amounts[offered, arm[offered] - 1].tolist())
