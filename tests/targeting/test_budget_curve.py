from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.allocate import allocate, probabilities_at
from retention_lab.targeting.allocate_within import allocate_within
from retention_lab.targeting.budget_curve import (
    HeldOutRows,
    curve_band,
    next_money,
    profit_at,
    profit_difference,
    recommended_budget,
)
from retention_lab.targeting.draw import roles
from retention_lab.targeting.limits import CountCap, LeastShares, Limits, MoneyCap
from retention_lab.targeting.plan_value import held_out_total, under_roles

BUDGETS = np.linspace(0, 900, 10)


def held_out(seed: int, rows: int = 2_000, noise: float = 3.0) -> HeldOutRows:
    """Values by a fair model, scores that are right on average."""
    rng = np.random.default_rng(seed)
    effect = rng.normal(0.0, 1, (rows, 2)) * np.array([0.5, 1.0])
    cost = rng.uniform(0.1, 1, (rows, 2))
    value = effect + rng.normal(0, 0.5, (rows, 2)) - cost
    value[rng.random((rows, 2)) < 0.1] = -np.inf
    net = np.column_stack([np.zeros(rows), effect - cost])
    scores = net + rng.normal(0, noise, (rows, 3)) + rng.normal(2, 1, (rows, 1))
    return HeldOutRows(value, cost, scores, key=rng.random(rows))


def test_each_point_is_the_plans_own_held_out_total() -> None:
    rows = held_out(1)
    feasible = rows.value > -np.inf
    launch = replace(rows, roles=roles(feasible, 0.1, 0.15), group=np.arange(2_000) // 2)
    found = curve_band(launch, BUDGETS, 4_000)
    for budget, profit, price in zip(BUDGETS, found.profit, found.dual_price, strict=True):
        plan = allocate(rows.value, rows.cost, budget / 2, rows.key)
        chances = probabilities_at(rows.value, rows.cost, plan.dual_price, plan.tied_share)
        assert launch.roles is not None
        mixed = under_roles(chances, feasible, launch.roles)
        expected = held_out_total(launch.scores, mixed, 4_000, launch.group)
        np.testing.assert_allclose(
            [profit.value, profit.low, profit.high], [expected.value, expected.low, expected.high]
        )
        assert price == plan.dual_price


def test_customers_held_to_be_equal_share_what_is_left() -> None:
    rows = HeldOutRows(np.ones((4, 1)), np.ones((4, 1)), np.array([[0.0, 1], [0, 2], [0, 3], [0, 6]]))
    found = curve_band(rows, np.array([0.0, 1.0, 4.0]), 4)
    assert [each.value for each in found.profit] == pytest.approx([0.0, 3.0, 12.0])


def test_the_band_is_wider_than_each_interval_and_no_wider_than_bonferroni_says() -> None:
    found = curve_band(held_out(2), BUDGETS[1:], 2_000)
    assert 1.96 < found.width < 2.773  # of nine normal errors, each at .05 / 9
    for low, high, each in zip(found.low, found.high, found.profit, strict=True):
        assert low < each.low < each.value < each.high < high


def test_one_budget_needs_no_band() -> None:
    found = curve_band(held_out(3), np.array([0.0, 300.0]), 2_000)
    assert found.width == pytest.approx(1.96, abs=1e-3)
    assert (found.low[1], found.high[1]) == pytest.approx((found.profit[1].low, found.profit[1].high))


def test_the_best_budget_is_valued_by_rows_that_did_not_choose_it() -> None:
    rows = held_out(4)
    chooses = np.arange(2_000) % 2 == 0
    found = recommended_budget(rows, chooses, BUDGETS, 2_000)
    first = curve_band(rows.part(chooses), BUDGETS, 2_000)
    assert found.budget == BUDGETS[np.argmax([each.value for each in first.profit])]
    assert found.profit == profit_at(rows.part(~chooses), found.budget, 2_000)


@pytest.mark.slow
def test_choosing_and_valuing_on_the_same_rows_flatters_and_two_folds_do_not() -> None:
    """Offers without any effect: the true profit of every budget is 0. 300 seeds."""
    same, other = [], []
    for seed in range(300):
        rng = np.random.default_rng(100_000 + seed)
        rows = HeldOutRows(
            rng.uniform(0, 1, (400, 1)), rng.uniform(0.5, 1, (400, 1)), rng.normal(0, 1, (400, 2))
        )
        budgets = np.linspace(20, 250, 8)
        curve = curve_band(rows, budgets, 400)
        same.append(curve.profit[curve.best].value)
        other.append(recommended_budget(rows, np.arange(400) < 200, budgets, 400).profit.value)
    error = np.std(other) / np.sqrt(300)
    assert abs(np.mean(other)) < 3.3 * error
    assert np.mean(same) > 5 * error


def test_the_largest_safe_budget_has_the_bands_lower_edge_above_zero() -> None:
    found = curve_band(held_out(5, 20_000, noise=1.0), BUDGETS * 10, 20_000)
    safe = found.largest_safe
    assert safe is not None
    assert found.low[found.budget == safe][0] > 0
    assert (found.low[found.budget > safe] <= 0).all()
    noise = replace(held_out(6), scores=np.random.default_rng(1).normal(size=(2_000, 3)))
    assert curve_band(noise, BUDGETS, 2_000).largest_safe is None


def test_the_next_money_is_the_slope_of_the_curve() -> None:
    rows = held_out(7)
    found = next_money(rows, 100.0, 50.0, 2_000)
    curve = curve_band(rows, np.array([100.0, 150.0]), 2_000)
    assert found.value == pytest.approx((curve.profit[1].value - curve.profit[0].value) / 50)
    many = held_out(7, 20_000)
    true = np.where(many.value > -np.inf, many.value, 0)
    exact = replace(many, scores=np.column_stack([np.zeros(20_000), true]))
    price = curve_band(exact, np.array([1_000.0, 1_050.0]), 20_000).dual_price
    assert price[1] < next_money(exact, 1_000.0, 50.0, 20_000).value < price[0]


def test_a_difference_of_two_ways_to_value_is_paired() -> None:
    rows = held_out(8)
    assert profit_difference(rows, rows, 200.0, 2_000).value == 0
    worse = replace(rows, value=np.where(rows.value > -np.inf, -rows.value, -np.inf))
    found = profit_difference(rows, worse, 200.0, 2_000)
    alone = profit_at(rows, 200.0, 2_000).value - profit_at(worse, 200.0, 2_000).value
    assert found.value == pytest.approx(alone)


def test_wrong_inputs_are_named() -> None:
    rows = held_out(9, 50)
    with pytest.raises(LabError, match="Scores are"):
        curve_band(replace(rows, scores=rows.scores[:, :2]), BUDGETS, 50)
    with pytest.raises(LabError, match="No budget"):
        curve_band(rows, np.array([]), 50)
    with pytest.raises(LabError, match="budget is -1"):
        curve_band(rows, np.array([-1.0]), 50)
    with pytest.raises(LabError, match="next money is 0"):
        next_money(rows, 1.0, 0.0, 50)


def test_within_limits_each_point_is_a_plan_that_keeps_its_part_of_them() -> None:
    rows = held_out(11)
    discount = np.random.default_rng(1).uniform(0.5, 2, (2_000, 2))
    limits = Limits(
        money=(MoneyCap("discounts", discount, 800.0),),
        counts=(CountCap("stock", (1,), 300.0),),
        least=LeastShares(np.arange(2_000) % 2, ("others", "few"), np.array([0.0, 0.4])),
    )
    launch = replace(rows, roles=roles(rows.value > -np.inf, 0.1, 0.1), limits=limits)
    budgets = np.array([500.0, 900.0])
    found = curve_band(launch, budgets, 4_000)
    for budget, profit in zip(budgets, found.profit, strict=True):
        plan = allocate_within(rows.value, rows.cost, budget / 2, limits.scaled(0.5), rows.key)
        assert plan.used["stock"] <= 150
        assert plan.used["discounts"] <= 400
        mixed = under_roles(np.eye(3)[plan.arm], rows.value > -np.inf, launch.roles)  # type: ignore[arg-type]
        assert profit.value == pytest.approx(held_out_total(launch.scores, mixed, 4_000).value)
    assert (
        found.profit[1].value < curve_band(replace(launch, limits=Limits()), budgets, 4_000).profit[1].value
    )


def test_some_of_the_rows_keep_their_own_amounts_and_groups() -> None:
    limits = Limits(
        money=(MoneyCap("m", np.arange(6.0).reshape(3, 2), 9.0),),
        least=LeastShares(np.array([0, 1, 1]), ("a", "b"), np.array([0.0, 0.5])),
    )
    some = limits.part(np.array([False, True, True]))
    assert some.money[0].amount.tolist() == [[2.0, 3.0], [4.0, 5.0]]
    assert some.least is not None
    assert some.least.group.tolist() == [1, 1]
    assert limits.scaled(0.5).money[0].most == 4.5
