from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from retention_lab import targeting
from retention_lab.errors import LabError
from retention_lab.targeting.allocate import Allocation, allocate, allocate_at, curve, probabilities_at
from retention_lab.targeting.upgrades import upgrade_path


def test_takes_the_best_value_for_the_money() -> None:
    value = np.array([[10.0], [9.0], [1.0]])
    cost = np.array([[10.0], [1.0], [1.0]])
    found = allocate(value, cost, 2.0)
    assert found.arm.tolist() == [0, 1, 1]
    assert (found.spend, found.gain, found.dual_price) == (2.0, 10.0, 1.0)


def test_without_a_budget_everyone_gets_the_best_offer_that_earns_something() -> None:
    value, cost = problem(200, 3, seed=1)
    found = allocate(value, cost, None)
    best = np.where(value.max(axis=1) > 0, value.argmax(axis=1) + 1, 0)
    assert found.arm.tolist() == best.tolist()
    assert found.dual_price == 0


def test_is_within_one_upgrade_of_the_linear_programme() -> None:
    value, cost = problem(300, 4, seed=2)
    for budget in (0.0, 5.0, 40.0, 160.0):
        bound = linear_programme(value, cost, budget)
        found = allocate(value, cost, budget)
        assert found.spend <= budget
        assert bound - value.max() <= found.gain <= bound + 1e-9


def test_the_dual_price_is_what_the_next_unit_of_money_earns() -> None:
    value, cost = problem(300, 4, seed=3)
    found = allocate(value, cost, 60.0)
    slope = linear_programme(value, cost, found.spend + 0.01) - linear_programme(value, cost, found.spend)
    assert found.dual_price == pytest.approx(slope / 0.01, rel=1e-5)


def test_matches_every_possible_choice_where_all_offers_cost_the_same() -> None:
    value, _ = problem(6, 2, seed=4)
    cost = np.ones_like(value)
    best = max(
        total(value, np.array(arms)) for arms in product(range(3), repeat=6) if sum(a > 0 for a in arms) <= 3
    )
    assert allocate(value, cost, 3.0).gain == pytest.approx(best)


# Values and costs on a coarse grid, so that ties, zeros and negative costs come often.
NUMBERS = st.integers(-4, 8).map(lambda x: x / 2)
PROBLEMS = st.integers(1, 3).flatmap(
    lambda offers: st.lists(
        st.tuples(*[st.tuples(NUMBERS | st.just(-np.inf), NUMBERS) for _ in range(offers)]),
        min_size=1,
        max_size=8,
    )
)


@settings(deadline=None, max_examples=80)
@given(PROBLEMS, st.lists(st.integers(0, 40).map(lambda x: x / 4), min_size=2, max_size=6))
def test_is_feasible_monotone_and_optimal_whatever_the_numbers(
    rows: list[tuple[tuple[float, float], ...]], budgets: list[float]
) -> None:
    value, cost = (
        np.array([[o[0] for o in row] for row in rows]),
        np.array([[o[1] for o in row] for row in rows]),
    )
    found = [allocate(value, cost, budget) for budget in sorted(budgets)]
    gains = [each.gain for each in found]
    assert gains == sorted(gains)
    for budget, each in zip(sorted(budgets), found, strict=True):
        assert each.spend <= budget
        assert np.isfinite(each.gain)
        assert each.spend == pytest.approx(total(cost, each.arm))
        bound = linear_programme(value, cost, budget)
        spread = float(np.ptp(np.append(value[np.isfinite(value)], 0.0)))
        assert bound - spread - 1e-7 <= each.gain <= bound + 1e-7
    assert allocate(value, cost, None).gain >= gains[-1]


def test_the_order_of_the_rows_does_not_matter() -> None:
    value, cost = problem(500, 3, seed=5)
    value, cost = np.round(value, 1), np.round(cost, 1) + 0.1  # many ties
    key = np.random.default_rng(1).uniform(size=500)
    order = np.random.default_rng(2).permutation(500)
    here, there = allocate(value, cost, 50.0, key), allocate(value[order], cost[order], 50.0, key[order])
    assert here.arm[order].tolist() == there.arm.tolist()
    assert (here.spend, here.gain, here.dual_price) == (there.spend, there.gain, there.dual_price)


def test_a_budget_of_many_equal_cents_is_used_whole_and_never_exceeded() -> None:
    value, cost = np.ones((100_000, 1)), np.full((100_000, 1), 0.1)
    found = allocate(value, cost, 5_000.0)
    assert (found.arm == 1).sum() == 50_000
    assert found.spend <= 5_000.0
    assert found.tied_share == 0.5


def test_the_price_gives_the_same_choice_on_the_same_rows() -> None:
    value, cost = problem(1_000, 4, seed=6)
    found = allocate(value, cost, 100.0)
    assert allocate_at(value, cost, found.dual_price).tolist() == found.arm.tolist()


def test_ties_at_the_price_are_shared_out_as_probabilities() -> None:
    value, cost = np.ones((10, 1)), np.ones((10, 1))
    found = allocate(value, cost, 4.0)
    p = probabilities_at(value, cost, found.dual_price, found.tied_share)
    np.testing.assert_allclose(p, np.tile([0.6, 0.4], (10, 1)))


def test_the_curve_tells_what_each_budget_would_earn() -> None:
    value, cost = problem(400, 3, seed=7)
    budgets = np.linspace(0, 400, 9)
    found = curve(value, cost, budgets)
    each = [allocate(value, cost, budget) for budget in budgets]
    np.testing.assert_allclose(found.gain, [one.gain for one in each])
    np.testing.assert_allclose(found.spend, [one.spend for one in each])
    np.testing.assert_allclose(found.dual_price, [one.dual_price for one in each])


def test_offers_that_cannot_be_made_are_never_chosen() -> None:
    value, cost = problem(100, 3, seed=8)
    value[:, 1] = -np.inf
    cost[:, 1] = np.nan
    assert 2 not in allocate(value, cost, None).arm
    assert 2 not in allocate(value, cost, 30.0).arm


def test_nobody_to_choose_for_is_an_empty_allocation() -> None:
    found = allocate(np.zeros((0, 2)), np.zeros((0, 2)), 10.0)
    assert found == Allocation(found.arm, 0.0, 0.0, 0.0, 0.0)
    assert len(found.arm) == 0


@pytest.mark.parametrize(
    ("value", "cost", "budget", "words"),
    [
        (np.ones((2, 1)), np.ones((2, 2)), 1.0, "customers by offers"),
        (np.array([[np.nan]]), np.ones((1, 1)), 1.0, "value of offer 1 for row 0"),
        (np.ones((1, 1)), np.array([[np.nan]]), 1.0, "cost of offer 1 for row 0"),
        (np.ones((1, 1)), np.ones((1, 1)), -1.0, "budget is -1"),
        (np.ones((1, 1)), np.ones((1, 1)), float("nan"), "budget is nan"),
    ],
)
def test_wrong_inputs_are_named(value: np.ndarray, cost: np.ndarray, budget: float, words: str) -> None:
    with pytest.raises(LabError, match=words):
        allocate(value, cost, budget)


def test_it_is_reached_from_the_package_as_the_documentation_says() -> None:
    assert targeting.allocate(np.ones((2, 1)), np.ones((2, 1)), 1.0).spend == 1.0


def test_an_upgrade_leaves_the_arm_that_the_one_before_it_reached() -> None:
    value, cost = problem(200, 4, seed=9)
    path = upgrade_path(value, cost)
    arm = path.start.copy()
    for row, left, reached in zip(path.row, path.left, path.arm, strict=True):
        assert arm[row] == left
        arm[row] = reached
    assert arm.tolist() == allocate(value, cost, None).arm.tolist()


def problem(rows: int, offers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.3, 1, (rows, offers)), rng.uniform(0.05, 1.5, (rows, offers))


def total(amounts: np.ndarray, arm: np.ndarray) -> float:
    return float(sum(amounts[row, a - 1] for row, a in enumerate(arm) if a))


def linear_programme(value: np.ndarray, cost: np.ndarray, budget: float) -> float:
    rows, offers = value.shape
    possible = np.isfinite(value).ravel()
    one_each = np.kron(np.eye(rows), np.ones(offers))
    found = linprog(
        -np.where(possible, value.ravel(), 0),
        A_ub=np.vstack([np.where(possible, cost.ravel(), 0), one_each]),
        b_ub=np.append(budget, np.ones(rows)),
        bounds=[(0, 1 if ok else 0) for ok in possible],
    )
    return float(-found.fun)
