"""All upgrades of all customers in the order in which a budget takes them.

Each customer's offers, none among them, form an upper hull of value over cost. Its edges are upgrades: more
cost for more value, steepest first. Every budget takes the upgrades from the steepest down until the next one
does not fit.

Source: Sinha and Zoltners (1979), Operations Research 27(3), doi:10.1287/opre.27.3.503.
"""

import math
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Path:
    """All upgrades of all customers, steepest first, after the choice of least cost.

    start: (n,) arms of least cost. row, left, arm, slope, cost, gain: (u,) of each upgrade, in order: the
    customer's row, the arm before and after, value per money, what it costs and gains.
    """

    start: Ints
    row: Ints
    left: Ints
    arm: Ints
    slope: Floats
    cost: Floats
    gain: Floats
    start_cost: float
    start_gain: float

    def affordable(self, budgets: Floats) -> Ints:
        """(b,) how many upgrades fit each; an exact sum may be above a budget by what a running one rounds.

        Raises LabError where a budget is negative or no number.
        """
        wrong = ~(budgets >= 0)
        if wrong.any():
            raise LabError(
                f"The budget is {budgets[wrong][0]:g}.", "Give a number of at least 0, or none for no limit."
            )
        slack = 1e-11 * np.maximum(budgets, abs(self.start_cost))
        found = np.searchsorted(np.cumsum(self.cost), budgets - self.start_cost + slack, side="right")
        return np.asarray(found, dtype=np.int64)

    def price(self, taken: int) -> float:
        """Value per money of the first upgrade that is not among the `taken`; 0 where all are."""
        return float(self.slope[taken]) if taken < len(self.slope) else 0.0

    def tied_share(self, taken: int) -> float:
        """Of the upgrades exactly at the price, the share that is taken; 0 where none is."""
        first, last = self.tied(self.price(taken))
        return (taken - first) / (last - first) if last > first else 0.0

    def tied(self, price: float) -> tuple[int, int]:
        """Where the upgrades of more than this price end, and where those of exactly this price do."""
        if price <= 0:
            return len(self.slope), len(self.slope)
        return (
            int(np.searchsorted(-self.slope, -price, side="left")),
            int(np.searchsorted(-self.slope, -price, side="right")),
        )

    def arms(self, taken: Bools) -> Ints:
        """(n,) arms after these upgrades. taken: (u,) a customer's later upgrades only with the earlier."""
        arm = self.start.copy()
        arm[self.row[taken]] = self.arm[taken]  # of a customer's upgrades the last one stays
        return arm


def upgrade_path(value: Floats, cost: Floats, key: Floats | None = None) -> Path:
    """The upgrades of (n, K) values (-inf where an offer cannot be made) and costs.

    key: (n,) numbers that order customers who are equal in everything else; without it, their row does.
    Raises LabError where shapes disagree or a number is missing.
    """
    from retention_lab.targeting import upgrade_loops  # its compiler takes half a second to load

    check_shapes(value, cost)
    check_numbers(value, cost)
    n, room = len(value), value.size
    start = np.empty(n, dtype=np.int64)
    row, left, arm = (np.empty(room, dtype=np.int64) for _ in range(3))
    slope, extra, gain = (np.empty(room) for _ in range(3))
    offers = np.ascontiguousarray(value, dtype=np.float64), np.ascontiguousarray(cost, dtype=np.float64)
    count = upgrade_loops.upgrades(*offers, start, row, left, arm, slope, extra, gain)
    order = _order(slope[:count], extra[:count], gain[:count], row[:count], key)
    sums = total(cost, start), total(value, start)
    row, left, arm = row[order], left[order], arm[order]
    return Path(start, row, left, arm, slope[order], extra[order], gain[order], *sums)


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
        ("value", ~(value < np.inf)),
        ("cost", (value > -np.inf) & ~np.isfinite(cost)),
    ):
        if wrong.any():
            row, offer = np.argwhere(wrong)[0]
            raise LabError(
                f"The {name} of offer {offer + 1} for row {row} is not a finite number.",
                "Set the value to -inf where an offer cannot be made, and give all others a number.",
            )


def total(amounts: Floats, arm: Ints) -> float:
    """Sum over customers with an offer of its amount. amounts: (n, K). arm: (n,) 0 = none.

    Exact, so that neither row order nor the number of customers shows in it.
    """
    offered = np.flatnonzero(arm)
    return math.fsum(amounts[offered, arm[offered] - 1].tolist())


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
