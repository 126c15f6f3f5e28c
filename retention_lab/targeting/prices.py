"""Prices of everything that is scarce: the Lagrangian dual of the allocation, and the bound that it proves.

At prices for money, offers and groups every customer's best choice is found alone, and what all customers'
best reduced values and the limits themselves are then worth is never less than the best plan: a bound,
whatever the prices. The prices that make it smallest are nearly those at which everything scarce is just
used up. With many customers they are first sought on a part, whose prices differ by its own chance only;
the bound is always taken over all.

Sources: Fisher (1981), Management Science 27(1), doi:10.1287/mnsc.27.1.1 (the bound);
Byrd, Lu, Nocedal, Zhu (1995), SIAM Journal on Scientific Computing 16(5), doi:10.1137/0916069 (the search).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, nnls

from retention_lab.arrays import Floats, Ints
from retention_lab.targeting import price_loops

_FIRST, _THEN = 16_384, 131_072  # customers of whom prices are sought first, and on whom they are bettered
_PASSES = 500  # over the customers, of a search from nothing
_STEPS = 4  # at most, with the curvature known
_NUDGE = 0.03  # of a price's unit, to see what it does to all uses
_WHOLE = 2.0**61  # sums stay below it, so that whole numbers hold them


@dataclass(frozen=True, slots=True)
class Problem:
    """n customers, K offers, D moneys, C counted caps, G groups.

    value: (n, K), -inf where an offer cannot be made. amount: D of (n, K) moneys, budget first; most: (D,).
    caps: (C, K) 1 where an offer counts; most_count: (C,). group: (n,); least: (G,) customers with an offer.
    scales: (1 + D,) whole numbers per unit of value and of each money, as fine as 64 bits hold.
    usual: (1 + D,) what a customer's best offer is worth, and the dearest costs in each money, on average.
    """

    value: Floats
    amount: tuple[Floats, ...]
    most: Floats
    caps: Ints
    most_count: Floats
    group: Ints
    least: Floats
    scales: Floats
    usual: Floats

    def part(self, rows: np.ndarray) -> "Problem":
        """The same for some customers, who get their part of everything."""
        share = len(rows) / len(self.value)
        return Problem(
            self.value[rows],
            tuple(each[rows] for each in self.amount),
            self.most * share,
            self.caps,
            self.most_count * share,
            self.group[rows],
            self.least * share,
            self.scales,
            self.usual,
        )


def sizes(value: Floats, amount: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    """(1 + D,) largest number of value and of each money, and (1 + D,) sums of every customer's largest."""
    found = [price_loops.largest(value, each) for each in (value, *amount)]
    return np.array([top for top, _ in found]), np.array([whole for _, whole in found])


def whole_scales(top: Floats, n: int) -> Floats:
    """Scales at which the sums of n numbers up to `top` are whole numbers that 64 bits hold."""
    return np.array([_power(_WHOLE / (max(1, n) * each)) if each > 0 else 1.0 for each in top])


@dataclass(frozen=True, slots=True)
class Prices:
    """What a unit more of each limit would be worth.

    money: (D,) value per money. count: (C,) value per contact. group: (G,) value given up per customer of a
    group who would rather have gone without.
    """

    money: Floats
    count: Floats
    group: Floats

    def fee(self, caps: Ints) -> Floats:
        """(K,) what a contact with each offer costs in value."""
        return np.asarray(self.count @ caps, dtype=np.float64)


def best_prices(problem: Problem) -> tuple[Prices, float]:
    """Prices that make the bound small, and the bound: no plan within the limits is worth more."""
    unit = _units(problem)
    start = np.zeros(len(unit))
    rows = _sample(problem, _FIRST)
    if rows is None:
        found = _search(problem, start, unit)
    else:
        found = _search(problem.part(rows), start, unit)
        more = _sample(problem, _THEN)
        wider = problem if more is None else problem.part(more)
        root = _curvature_root(wider, found, unit)
        for of in (wider, problem):
            found = _steps(of, found, unit, root)
    return _prices(problem, found * unit), _dual(problem, found * unit)[0]


def _search(problem: Problem, start: Floats, unit: Floats) -> Floats:
    """Prices, in their units, of the smallest bound that was seen."""
    size = max(1, len(problem.value))
    best: tuple[float, Floats] = (math.inf, start)

    def bound(x: Floats) -> tuple[float, Floats]:
        nonlocal best
        value, slope = _dual(problem, x * unit)
        if value < best[0]:
            best = value, x.copy()
        return value / size, slope * unit / size

    options = {"maxfun": _PASSES, "maxiter": _PASSES, "ftol": 1e-13, "gtol": 1e-10}
    minimize(bound, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start), options=options)
    return best[1]


def _steps(problem: Problem, start: Floats, unit: Floats, root: Floats) -> Floats:
    """Newton's steps towards the smallest bound, no price below 0, for as long as they make it smaller."""
    found = start
    bound, slope = _dual(problem, found * unit)
    for _ in range(_STEPS):
        target = root @ found - np.linalg.solve(root.T, slope * unit / len(problem.value))
        wanted = nnls(root, target)[0]
        new_bound, slope = _dual(problem, wanted * unit)
        if new_bound >= bound:
            break
        found, bound = wanted, new_bound
    return found


def _curvature_root(problem: Problem, at: Floats, unit: Floats) -> Floats:
    """(m, m) root R of the bound's second derivatives R'R per customer: what nudged prices do to uses."""
    rows = np.empty((len(at), len(at)))
    for j in range(len(at)):
        up, down = at.copy(), at.copy()
        up[j] += _NUDGE
        down[j] = max(0.0, at[j] - _NUDGE)
        change = _dual(problem, up * unit)[1] - _dual(problem, down * unit)[1]
        rows[j] = change * unit / (up[j] - down[j]) / len(problem.value)
    size, axes = np.linalg.eigh((rows + rows.T) / 2)
    size = np.maximum(size, 1e-6 * max(float(size.max()), 1e-300))  # a price that moves nothing takes no step
    return np.asarray(np.sqrt(size)[:, None] * axes.T, dtype=np.float64)


def _dual(problem: Problem, x: Floats) -> tuple[float, Floats]:
    """The bound at these prices, and its slope in each."""
    prices = _prices(problem, x)
    scales = problem.scales.copy()
    scales[0] = _power(
        scales[0] / (1 + prices.group.max(initial=0.0) * scales[0] * len(problem.value) / _WHOLE)
    )
    sums, counts = np.zeros(len(scales), dtype=np.int64), np.zeros(problem.value.shape[1], dtype=np.int64)
    groups = np.zeros(len(problem.least), dtype=np.int64)
    price_loops.add_up(
        problem.value, problem.amount, prices.money, prices.fee(problem.caps), prices.group, problem.group,
        scales, sums, counts, groups,
    )  # fmt: skip
    total = sums / scales
    left = np.concatenate(
        [problem.most - total[1:], problem.most_count - problem.caps @ counts, groups - problem.least]
    )
    fixed = prices.money @ problem.most + prices.count @ problem.most_count - prices.group @ problem.least
    return float(total[0] + fixed), np.asarray(left, dtype=np.float64)


def _prices(problem: Problem, x: Floats) -> Prices:
    moneys, caps = len(problem.most), len(problem.most_count)
    return Prices(x[:moneys], x[moneys : moneys + caps], x[moneys + caps :])


def _units(problem: Problem) -> Floats:
    """A usual size of each price, so that the search takes steps of one size in all of them."""
    gain = float(problem.usual[0]) or 1.0
    moneys = [gain / mean if mean > 0 else gain for mean in problem.usual[1:]]
    return np.array(moneys + [gain] * (len(problem.most_count) + len(problem.least)))


def _sample(problem: Problem, customers: int) -> np.ndarray | None:
    """Rows of about so many customers, by a hash of their numbers; None where all are not many more."""
    n = len(problem.value)
    if n <= 2 * customers:
        return None
    chosen = np.zeros(n, dtype=np.bool_)
    price_loops.sampled(problem.value.view(np.uint64), np.uint64(int(customers / n * 2**64)), chosen)
    rows = np.flatnonzero(chosen)
    # customers who are many times the same come all or none of them: then everybody has to speak
    return rows if customers / 2 < len(rows) < 2 * customers else None


def _power(x: float) -> float:
    """The power of two below x: whole numbers then lose nothing but their last bits."""
    return float(2.0 ** math.floor(math.log2(x)))
