"""Whom to make which offer under a budget: the multiple-choice knapsack, by the Lagrangian path.

Taking all customers' upgrades (`upgrades`) from the steepest down until the next one does not fit is optimal
for the linear programme, feasible, and at most one upgrade away from the best choice in whole offers. Every
budget takes a prefix of one order, so the gain never falls as the budget grows.

Source: Sinha and Zoltners (1979), Operations Research 27(3), doi:10.1287/opre.27.3.503.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.targeting.upgrades import total, upgrade_path


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


def allocate(value: Floats, cost: Floats, budget: float | None, key: Floats | None = None) -> Allocation:
    """Offers of the largest total value whose total expected cost is at most `budget`.

    value: (n, K) net value of each offer against none; -inf where the offer cannot be made.
    cost: (n, K) expected cost charged to the budget; may be zero or negative.
    budget: money, at least 0; None is unlimited. key: (n,) numbers that order customers who are equal in
    everything else (a hash of their id, say); without it, their row does.

    Raises LabError where shapes disagree, a number is missing, or the budget is negative.
    """
    path = upgrade_path(value, cost, key)
    upgrades = np.arange(len(path.cost))
    taken = len(upgrades) if budget is None else int(path.affordable(np.array([budget]))[0])
    arm = path.arms(upgrades < taken)
    spend = total(cost, arm)
    while budget is not None and spend > budget and taken > 0:  # the running sum rounds; this one is exact
        taken -= 1
        arm = path.arms(upgrades < taken)
        spend = total(cost, arm)
    return Allocation(arm, spend, total(value, arm), path.price(taken), path.tied_share(taken))


def allocate_at(value: Floats, cost: Floats, dual_price: float) -> Ints:
    """(n,) the offer of each customer when one unit of money must earn more than `dual_price`.

    The same policy on other rows than those it was found on. Customers whose upgrade earns exactly the price
    do not get it; `probabilities_at` gives it to the share that got it.
    """
    path = upgrade_path(value, cost)
    return path.arms(path.slope > dual_price)


def probabilities_at(value: Floats, cost: Floats, dual_price: float, tied_share: float) -> Floats:
    """(n, K + 1) probabilities of the arms under an allocation's price, ties taken with its `tied_share`."""
    path = upgrade_path(value, cost)
    rows = np.arange(len(value))
    out = np.zeros((len(value), value.shape[1] + 1))
    out[rows, path.arms(path.slope > dual_price)] += 1 - tied_share
    out[rows, path.arms(path.slope >= dual_price)] += tied_share
    return out


def curve(value: Floats, cost: Floats, budgets: Floats) -> Curve:
    """Spend, gain and price at each budget, as `allocate` gives them, from one pass over the customers."""
    path = upgrade_path(value, cost)
    budget = np.asarray(budgets, dtype=np.float64)
    taken = path.affordable(budget)
    spend = np.concatenate([[0.0], np.cumsum(path.cost)]) + path.start_cost
    gain = np.concatenate([[0.0], np.cumsum(path.gain)]) + path.start_gain
    price = np.append(path.slope, 0.0)
    return Curve(budget, np.minimum(spend[taken], budget), gain[taken], price[taken])
