import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix, vstack

from retention_lab.errors import LabError
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.allocate_within import PlanWithin, allocate_within, budgets_within
from retention_lab.targeting.limits import CountCap, LeastShares, Limits, MoneyCap, channel_caps, stock_caps

SHARES = np.array([0.1, 0.3])


def test_a_plan_comes_close_to_the_linear_programme_and_the_bound_is_the_programmes_value() -> None:
    value, cost, limits = shop(2_000, seed=1)
    for budget in (100.0, 200.0, 400.0, None):
        best = linear_programme(value, cost, budget, limits)
        found = allocate_within(value, cost, budget, limits)
        assert found.gain <= best * (1 + 1e-9)
        assert found.gain >= 0.999 * best
        assert best * (1 - 1e-9) <= found.bound <= 1.001 * best


def test_every_limit_is_kept_at_every_budget() -> None:
    value, cost, limits = shop(3_000, seed=2)
    for budget in (180.0, 250.0, 400.0, 900.0, None):
        assert_kept(allocate_within(value, cost, budget, limits), value, cost, budget, limits)


def test_without_limits_it_is_as_good_as_the_path_of_the_budget_alone() -> None:
    value, cost, _ = shop(3_000, seed=3)
    for budget in (50.0, 300.0, None):
        path, found = allocate(value, cost, budget), allocate_within(value, cost, budget, Limits())
        assert found.gain >= path.gain * (1 - 2e-4)  # the path may leave a last upgrade's money unspent
        assert found.bound >= path.gain * (1 - 1e-12)
        assert found.prices["budget"] == pytest.approx(path.dual_price, rel=1e-2, abs=1e-9)


def test_the_order_of_the_rows_does_not_matter() -> None:
    value, cost, limits = shop(3_000, seed=4)
    value, cost = np.round(value, 1), np.round(cost, 1) + 0.1  # many customers alike
    key = np.random.default_rng(1).uniform(size=3_000)
    order = np.random.default_rng(2).permutation(3_000)
    here = allocate_within(value, cost, 300.0, limits, key)
    there = allocate_within(value[order], cost[order], 300.0, permuted(limits, order), key[order])
    assert here.arm[order].tolist() == there.arm.tolist()
    assert (here.gain, here.bound, here.prices) == (there.gain, there.bound, there.prices)


@pytest.mark.slow
def test_nor_does_it_where_prices_are_first_sought_on_a_part_of_the_customers() -> None:
    value, cost, limits = shop(300_000, seed=5)
    key = np.random.default_rng(1).uniform(size=300_000)
    order = np.random.default_rng(2).permutation(300_000)
    here = allocate_within(value, cost, 30_000.0, limits, key)
    there = allocate_within(value[order], cost[order], 30_000.0, permuted(limits, order), key[order])
    assert here.arm[order].tolist() == there.arm.tolist()
    assert here.share_of_bound > 0.9999
    assert_kept(here, value, cost, 30_000.0, limits)


def test_no_larger_budget_gains_less() -> None:
    value, cost, limits = shop(500, seed=6)
    budgets = np.linspace(40, 120, 33)
    plans = budgets_within(value, cost, budgets[::-1], limits)[::-1]
    gains = [plan.gain for plan in plans]
    assert gains == sorted(gains)
    for budget, plan in zip(budgets, plans, strict=True):
        assert_kept(plan, value, cost, float(budget), limits)


def test_scarce_stock_goes_to_those_for_whom_nothing_else_is_nearly_as_good() -> None:
    value = np.array([[10.0, 9.0], [8.0, 1.0]])  # by value alone the first would take the only mug
    limits = Limits(counts=stock_caps(["mug", "mail"], [1, None]))
    found = allocate_within(value, np.ones((2, 2)), None, limits)
    assert found.arm.tolist() == [2, 1]
    assert found.used["stock of mug"] == 1


def test_a_group_gets_its_least_share_even_where_that_costs_value() -> None:
    value = np.array([[5.0], [4.0], [-1.0], [-2.0]])
    least = LeastShares(np.array([0, 0, 1, 1]), ("north", "south"), np.array([0.0, 0.5]))
    found = allocate_within(value, np.ones((4, 1)), None, Limits(least=least))
    assert found.arm.tolist() == [1, 1, 1, 0]
    assert found.used["south"] == 1
    assert found.prices["south"] == pytest.approx(1.0, abs=1.0)  # between -1 and -2 nobody is in between


def test_limits_that_cannot_be_kept_together_are_refused() -> None:
    least = LeastShares(np.zeros(4, dtype=np.int64), ("all",), np.array([1.0]))
    with pytest.raises(LabError, match="least shares"):
        allocate_within(np.ones((4, 1)), np.ones((4, 1)), 3.0, Limits(least=least))
    assert allocate_within(np.ones((4, 1)), np.ones((4, 1)), 4.0, Limits(least=least)).spend == 4.0


# Values and costs on a coarse grid, so that ties and zeros come often.
NUMBERS = st.integers(-4, 8).map(lambda x: x / 2)
COSTS = st.integers(0, 6).map(lambda x: x / 2)
OFFER = st.tuples(NUMBERS | st.just(-np.inf), COSTS, COSTS)
PROBLEMS = st.lists(st.tuples(OFFER, OFFER), min_size=1, max_size=9)


@settings(deadline=None, max_examples=60)
@given(PROBLEMS, st.integers(0, 20), st.integers(0, 12), st.integers(0, 5))
def test_it_is_feasible_and_below_its_bound_whatever_the_numbers(
    rows: list[tuple[tuple[float, float, float], ...]], budget: int, discount: int, stock: int
) -> None:
    value, cost, off = (np.array([[offer[j] for offer in row] for row in rows]) for j in range(3))
    limits = Limits((MoneyCap("discount", off, discount),), (CountCap("stock", (2,), stock),))
    found = allocate_within(value, cost, budget, limits)
    assert_kept(found, value, cost, budget, limits)
    best = linear_programme(value, cost, budget, limits)
    assert found.gain <= best + 1e-7
    assert found.bound >= best - 1e-7


def test_customers_who_are_all_the_same_share_what_there_is() -> None:
    value, cost = np.ones((200_000, 1)), np.full((200_000, 1), 0.1)
    found = allocate_within(value, cost, 10_000.05, Limits(counts=(CountCap("sms", (1,), 150_000),)))
    assert (found.arm == 1).sum() == 100_000
    assert found.spend <= 10_000.05


def test_caps_come_from_stock_and_channels() -> None:
    found = channel_caps(["sms", None, "sms"], {"sms": 10, "post": 5})
    assert found == (CountCap("channel sms", (1, 3), 10.0),)
    assert stock_caps(["a", "b"], [None, 3]) == (CountCap("stock of b", (2,), 3.0),)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits((MoneyCap("discount", np.ones((1, 1)), 1.0),)), "'discount' has amounts"),
        (Limits((MoneyCap("discount", np.ones((2, 1)), float("nan")),)), "'discount' is capped at nan"),
        (Limits((MoneyCap("discount", np.array([[1.0], [-1.0]]), 1.0),)), "'discount' of offer 1 for row 1"),
        (Limits(counts=(CountCap("sms", (2,), 1.0),)), "'sms' caps an offer"),
        (Limits(least=LeastShares(np.array([0, 1]), ("a",), np.array([0.5]))), "no group"),
        (Limits(least=LeastShares(np.array([0, 0]), ("a",), np.array([1.5]))), "least shares are"),
    ],
)
def test_wrong_limits_are_named(limits: Limits, words: str) -> None:
    with pytest.raises(LabError, match=words):
        allocate_within(np.ones((2, 1)), np.ones((2, 1)), 1.0, limits)


def test_a_missing_number_is_named() -> None:
    with pytest.raises(LabError, match="value of offer 1 for row 0"):
        allocate_within(np.array([[np.nan]]), np.ones((1, 1)), 1.0, Limits())


def test_nobody_to_choose_for_is_an_empty_plan() -> None:
    found = allocate_within(np.zeros((0, 2)), np.zeros((0, 2)), 10.0, Limits())
    assert (len(found.arm), found.spend, found.gain, found.share_of_bound) == (0, 0.0, 0.0, 1.0)


def shop(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, Limits]:
    rng = np.random.default_rng(seed)
    cost = np.array([0.1, 0.5, 1.0]) * rng.uniform(0.5, 1.5, (rows, 3))
    value = rng.gamma(1.0, 1.0, (rows, 1)) * rng.normal(0.6, 1, (rows, 3)) * np.sqrt(cost) - 0.3 * cost
    value[rng.random((rows, 3)) < 0.05] = -np.inf
    limits = Limits(
        (MoneyCap("discount", cost * rng.uniform(0.2, 1, (rows, 3)), 0.08 * rows),),
        (*stock_caps(["a", "b", "c"], [None, 0.05 * rows, None]), CountCap("sms", (1, 2), 0.2 * rows)),
        LeastShares(rng.choice(2, rows, p=[0.8, 0.2]), ("many", "few"), SHARES),
    )
    return value, cost, limits


def permuted(limits: Limits, order: np.ndarray) -> Limits:
    least = limits.least
    assert least is not None
    return Limits(
        tuple(MoneyCap(cap.name, cap.amount[order], cap.most) for cap in limits.money),
        limits.counts,
        LeastShares(least.group[order], least.names, least.share),
    )


def assert_kept(
    found: PlanWithin, value: np.ndarray, cost: np.ndarray, budget: float | None, limits: Limits
) -> None:
    rows = np.flatnonzero(found.arm)
    arm = found.arm[rows] - 1
    assert np.isfinite(value[rows, arm]).all()
    assert found.spend == pytest.approx(cost[rows, arm].sum())
    assert budget is None or found.spend <= budget
    for money in limits.money:
        assert found.used[money.name] == pytest.approx(money.amount[rows, arm].sum())
        assert found.used[money.name] <= money.most
    for cap in limits.counts:
        assert found.used[cap.name] == np.isin(found.arm, cap.offers).sum() <= cap.most
    if limits.least is not None:
        treated = np.bincount(limits.least.group[rows], minlength=len(limits.least.names))
        size = np.bincount(limits.least.group, minlength=len(limits.least.names))
        assert (treated >= limits.least.share * size - 1e-9).all()


def linear_programme(value: np.ndarray, cost: np.ndarray, budget: float | None, limits: Limits) -> float:
    rows, offers = value.shape
    possible = np.isfinite(value).ravel()
    owner, kind = np.repeat(np.arange(rows), offers), np.tile(np.arange(1, offers + 1), rows)
    lines, bounds = [], []
    if budget is not None:
        lines.append(cost.ravel())
        bounds.append(budget)
    for money in limits.money:
        lines.append(money.amount.ravel())
        bounds.append(money.most)
    for cap in limits.counts:
        lines.append(np.isin(kind, cap.offers).astype(float))
        bounds.append(np.floor(cap.most))
    if limits.least is not None:
        for g, least in enumerate(limits.least.count):
            lines.append(-(limits.least.group[owner] == g).astype(float))
            bounds.append(-least)
    one_each = coo_matrix((np.ones(rows * offers), (owner, np.arange(rows * offers))))
    found = linprog(
        -np.where(possible, value.ravel(), 0),
        A_ub=vstack([csr_matrix(np.array(lines)), one_each]),
        b_ub=np.append(bounds, np.ones(rows)),
        bounds=[(0, 1 if ok else 0) for ok in possible],
    )
    assert found.success
    return float(-found.fun)
