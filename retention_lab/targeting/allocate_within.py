"""Whom to make which offer under a budget and side limits: caps, stock, least shares of groups.

Prices for everything scarce say what each customer's choice should be (`prices`); those customers who care
most about theirs then choose first among what is left, so that the plan keeps every limit to the last unit,
and what is left over goes to upgrades, cheapest in prices first. How much better any plan could be is known:
the prices prove a bound.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.targeting import price_loops
from retention_lab.targeting.limits import Limits, check_limits
from retention_lab.targeting.prices import Prices, Problem, best_prices, sizes, whole_scales
from retention_lab.targeting.upgrades import check_numbers, check_shapes, total

BUDGET = "budget"
_FEW = 20_000  # so many customers are put in order whole
_ROUNDS = 8  # of upgrades from what is left
# how many times the price of money, where the least shares do not fit at the price itself
_HARDER = (1.0, 1.01, 1.03, 1.1, 1.3, 2.0, 4.0, 16.0, 256.0)

# moneys, counted caps, what is left of each, the moneys' scales, and the arms given so far
_State = tuple[tuple[Floats, ...], Ints, Ints, Floats, Ints]


@dataclass(frozen=True, slots=True)
class PlanWithin:
    """The offer of every customer within all limits.

    arm: (n,) 0 = none. spend, gain: totals of the expected cost and value. bound: no plan within the limits
    gains more. prices: by limit, what one unit more of it would earn; `budget` among them.
    used: by limit, money or customers; of a group, those of its customers who get an offer.
    """

    arm: Ints
    spend: float
    gain: float
    bound: float
    prices: Mapping[str, float]
    used: Mapping[str, float]

    @property
    def share_of_bound(self) -> float:
        """Gain over bound: at least so good the plan is. NaN where least shares make every plan lose."""
        if self.bound > 0:
            return self.gain / self.bound
        return 1.0 if self.gain >= self.bound else math.nan


def allocate_within(
    value: Floats, cost: Floats, budget: float | None, limits: Limits, key: Floats | None = None
) -> PlanWithin:
    """Offers of large total value that keep the budget and every limit.

    value: (n, K) net value of each offer against none; -inf where the offer cannot be made.
    cost: (n, K) expected cost charged to the budget, not negative; None as budget is unlimited.
    key: (n,) numbers that order customers who are equal in everything else; without it, their row does.
    The more customers, the closer to the best; `share_of_bound` says how close at least. A larger budget
    gains as much or more but for that part, and without exception along `budgets_within`.

    Raises LabError where shapes disagree, a number is missing, an amount is negative, or no plan was found
    that keeps all limits together.
    """
    problem, names = _problem(value, cost, budget, limits)
    prices, bound = best_prices(problem)
    arm = _within(problem, prices, key)
    if arm is None:
        raise LabError(
            "The budget and the caps do not leave enough for the least shares of the groups.",
            "Raise the budget, the caps or the stock, or lower the shares.",
            key="constraints",
        )
    return _plan(problem, names, prices, bound, arm)


def budgets_within(
    value: Floats, cost: Floats, budgets: Floats, limits: Limits, key: Floats | None = None
) -> tuple[PlanWithin, ...]:
    """A plan for each budget, in the order given; no larger one gains less than a smaller one.

    Where the plan found for a smaller budget is the better one, it stands for the larger budget too.
    """
    found: dict[float, PlanWithin] = {}
    best: PlanWithin | None = None
    for budget in sorted(float(each) for each in budgets):
        plan = allocate_within(value, cost, budget, limits, key)
        if best is not None and best.gain > plan.gain:
            plan = PlanWithin(best.arm, best.spend, best.gain, plan.bound, plan.prices, best.used)
        found[budget] = best = plan
    return tuple(found[float(budget)] for budget in budgets)


def _problem(
    value: Floats, cost: Floats, budget: float | None, limits: Limits
) -> tuple[Problem, tuple[str, ...]]:
    check_shapes(value, cost)
    n, offers = value.shape
    check_limits(limits, n, offers)
    value = np.ascontiguousarray(value, dtype=np.float64)
    if not (value < np.inf).all():
        check_numbers(value, cost)
    moneys = (cost, *(cap.amount for cap in limits.money))
    amount = tuple(np.ascontiguousarray(each, dtype=np.float64) for each in moneys)
    names = (BUDGET, *(cap.name for cap in limits.money), *(cap.name for cap in limits.counts))
    for name, each in zip(names, amount, strict=False):
        _refuse_negative(name, value, each)
    if budget is not None and not budget >= 0:
        raise LabError(f"The budget is {budget:g}.", "Give a number of at least 0, or none for no limit.")
    top, whole = sizes(value, amount)
    most = [math.inf if budget is None else budget, *(cap.most for cap in limits.money)]
    caps = np.zeros((len(limits.counts), offers), dtype=np.int64)
    for c, cap in enumerate(limits.counts):
        caps[c, np.array(cap.offers, dtype=np.int64) - 1] = 1
    least = limits.least
    problem = Problem(
        value=value,
        amount=amount,
        most=np.minimum(most, whole[1:]),  # what the dearest choice of all would cost keeps an infinite cap
        caps=caps,
        most_count=np.array([min(math.floor(cap.most + 1e-9), n) for cap in limits.counts], dtype=np.float64),
        group=np.zeros(n, dtype=np.int64) if least is None else np.ascontiguousarray(least.group),
        least=np.zeros(1) if least is None else least.count.astype(np.float64),
        scales=whole_scales(top, n),
        usual=whole / max(1, n),
    )
    return problem, (*names, *(() if least is None else least.names))


def _within(problem: Problem, prices: Prices, key: Floats | None) -> Ints | None:
    for harder in _HARDER:
        used = Prices(prices.money * harder, prices.count * min(harder, 4.0), prices.group)
        arm = _choose(problem, used, key)
        if arm is not None or not problem.least.any():
            return arm
    return None


def _choose(problem: Problem, prices: Prices, key: Floats | None) -> Ints | None:
    """Those whom the least shares need, then all others, most eager first; then upgrades from the rest."""
    n = len(problem.value)
    reduced, first, second = np.empty_like(problem.value), np.empty(n), np.empty(n)
    price_loops.reduce(
        problem.value, problem.amount, prices.money, prices.fee(problem.caps), reduced, first, second
    )
    needed = _needed(problem, first, key)
    regret = _regret(first, second, needed)
    room = problem.scales[1:]
    left = np.concatenate([np.floor(problem.most * room), problem.most_count]).astype(np.int64)
    state = (problem.amount, problem.caps, left, room, np.zeros(n, dtype=np.int64))
    for unsure in (_first(regret, max(_FEW, n // 10), key), np.ones(n, dtype=np.bool_)):
        arm = np.zeros(n, dtype=np.int64)
        state = (problem.amount, problem.caps, left.copy(), room, arm)
        failed, missed = _serve(reduced, regret, needed, unsure, key, state)
        if failed:
            return None
        if not missed:
            break
    _fill(problem.value, reduced, np.flatnonzero(unsure), key, state)
    return arm


def _regret(first: Floats, second: Floats, needed: Bools) -> Floats:
    """(n,) how much the best arm is ahead of the next; none is one, but not where an offer is needed."""
    ahead = np.where(first < 0, -first, first - np.maximum(second, 0.0))
    possible = needed & (first > -np.inf)
    ahead[possible] = first[possible] - second[possible]
    return np.asarray(ahead, dtype=np.float64)


def _serve(
    reduced: Floats, regret: Floats, needed: Bools, unsure: Bools, key: Floats | None, state: _State
) -> tuple[int, int]:
    """How many of the needed had to go without, and how many of the sure got less than their best.

    Sure of their best, as long as nobody is the worse for it, come in any order; the unsure by eagerness.
    """
    failed = missed = 0
    for who, must in ((needed, True), (~needed, False)):
        sure = np.flatnonzero(who & ~unsure)
        without, less = price_loops.give(sure, must, reduced, *state)
        rest = np.flatnonzero(who & unsure)
        order = rest[_order(-regret[rest], None if key is None else key[rest])]
        failed += without + price_loops.give(order, must, reduced, *state)[0]
        missed += less
    return failed, missed


def _needed(problem: Problem, lead: Floats, key: Floats | None) -> Bools:
    """(n,) whom the least shares need: of each group those to whom its best offer is worth most."""
    needed = np.zeros(len(lead), dtype=np.bool_)
    for g in np.flatnonzero(problem.least):
        members = np.flatnonzero(problem.group == g)
        among = _first(-lead[members], int(problem.least[g]), None if key is None else key[members])
        needed[members[among]] = True
    return needed


def _fill(value: Floats, reduced: Floats, rows: Ints, key: Floats | None, state: _State) -> None:
    """Upgrades from what is left, those of least loss at the prices first, until none fits."""
    upgrade, loss = np.empty(len(rows), dtype=np.int64), np.empty(len(rows))
    for _ in range(_ROUNDS):
        price_loops.better(rows, value, reduced, *state, upgrade, loss)
        wanted = np.flatnonzero(upgrade >= 0)
        order = wanted[_order(loss[wanted], None if key is None else key[rows[wanted]])]
        if not price_loops.swap(rows, order, upgrade, *state):
            return


def _first(loss: Floats, count: int, key: Floats | None) -> Bools:
    """(n,) the `count` of least loss; of those who tie for the last place, the first by key, then by row."""
    if count >= len(loss):
        return np.ones(len(loss), dtype=np.bool_)
    cut = np.partition(loss, count)[count]
    found = loss < cut
    tied = np.flatnonzero(loss == cut)
    order = tied if key is None else tied[np.argsort(key[tied], kind="stable")]
    found[order[: count - int(found.sum())]] = True
    return np.asarray(found, dtype=np.bool_)


def _plan(problem: Problem, names: tuple[str, ...], prices: Prices, bound: float, arm: Ints) -> PlanWithin:
    spent = [total(amount, arm) for amount in problem.amount]
    count = np.bincount(arm, minlength=problem.value.shape[1] + 1)[1:]
    treated = np.bincount(problem.group[arm > 0], minlength=len(problem.least))
    every = (*prices.money, *prices.count, *prices.group)
    used = (*spent, *(float(c) for c in problem.caps @ count), *(float(c) for c in treated))
    return PlanWithin(
        arm,
        spent[0],
        total(problem.value, arm),
        bound,
        {name: float(price) for name, price in zip(names, every, strict=False)},
        dict(zip(names, used, strict=False)),
    )


def _order(loss: Floats, key: Floats | None) -> Ints:
    """Least first, equals by key, then by row."""
    order = np.argsort(loss, kind="stable")
    if key is not None:
        ranked = loss[order]
        same = ranked[1:] == ranked[:-1]
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        among = order[tied]
        order[tied] = among[np.lexsort((key[among], loss[among]))]
    return np.asarray(order, dtype=np.int64)


def _refuse_negative(name: str, value: Floats, amount: Floats) -> None:
    at = price_loops.first_wrong(value, amount)
    if at >= 0:
        raise LabError(
            f"The amount for '{name}' of offer {at % value.shape[1] + 1} for row {at // value.shape[1]} is "
            "negative or no number.",
            "With limits beside the budget every amount has to be at least 0.",
        )
