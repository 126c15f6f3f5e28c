import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.draw import EXPLORATION, LEAST, draw, propensities, roles, scale_exploration
from retention_lab.targeting.plan_value import under_roles
from retention_lab.targeting.thompson import thompson_frequencies


def setting(seed: int, customers: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values under forty draws, costs, feasible offers, favoured chances."""
    rng = np.random.default_rng(seed)
    feasible = rng.random((customers, 3)) < 0.8
    effect = rng.normal(0.3, 1, (customers, 3)) + rng.normal(0, 1, (40, customers, 3))
    draws = np.where(feasible, effect, -np.inf)
    cost = rng.uniform(0.1, 1, (customers, 3))
    return draws, cost, feasible, thompson_frequencies(draws, cost, 40.0)


def test_frequencies_are_those_of_the_plans_under_each_draw() -> None:
    draws, cost, feasible, found = setting(1)
    counts = sum(np.eye(4)[allocate(draw, cost, 40.0).arm] for draw in draws)
    np.testing.assert_allclose(found, counts / 40)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found[:, 1:][~feasible] == 0).all()


def test_a_sure_model_explores_what_it_would_choose_anyway() -> None:
    value, cost = np.array([[2.0], [-1.0]]), np.ones((2, 1))
    np.testing.assert_array_equal(thompson_frequencies([value, value], cost, None), [[0, 1], [1, 0]])


def test_propensities_mix_them_in_exactly_and_every_feasible_arm_keeps_a_hundredth() -> None:
    draws, cost, feasible, favoured = setting(2)
    choice = allocate(draws.mean(axis=0), cost, 40.0).arm
    shares = roles(feasible, 0.1, 0.2, favoured)
    p = propensities(choice, feasible, shares)
    arms = 1 + feasible.sum(axis=1)
    expected = 0.1 * np.eye(4)[0] + 0.7 * np.eye(4)[choice] + (0.2 - LEAST * arms)[:, None] * favoured
    expected += LEAST * np.column_stack([np.ones(len(arms)), feasible])
    np.testing.assert_allclose(p, expected, atol=1e-12)
    np.testing.assert_allclose(p, under_roles(np.eye(4)[choice], feasible, shares), atol=1e-12)


def test_the_draw_agrees_with_what_is_logged() -> None:
    """400 launches of 300 customers; counts of each arm given exploration within four standard errors."""
    draws, cost, feasible, favoured = setting(3)
    choice = allocate(draws.mean(axis=0), cost, 40.0).arm
    shares = roles(feasible, 0.1, 0.3, favoured)
    given = shares.explored(feasible) / shares.exploration[:, None]
    excess, variance = np.zeros(4), np.zeros(4)
    ids = [f"c{i}" for i in range(300)]
    for launch in range(400):
        found = draw(ids, choice, feasible, shares, f"launch-{launch}")
        explored = found.role == EXPLORATION
        excess += (np.eye(4)[found.arm[explored]] - given[explored]).sum(axis=0)
        variance += (given * (1 - given))[explored].sum(axis=0)
    assert (np.abs(excess) < 4 * np.sqrt(variance)).all()


def test_a_budget_scales_favoured_exploration_too() -> None:
    draws, cost, feasible, favoured = setting(4)
    plan = allocate(draws.mean(axis=0), cost, 40.0)
    for budget, scaled in ((None, False), (40.0, True)):
        found = scale_exploration(plan.arm, feasible, cost, (0.02, 0.3), budget, favoured)
        p = propensities(plan.arm, feasible, found.roles)
        assert found.expected_cost == pytest.approx((p[:, 1:] * cost).sum())
        assert found.scaled is scaled
        assert budget is None or found.expected_cost <= budget * (1 + 1e-9)


def test_what_is_no_set_of_chances_is_refused() -> None:
    feasible = np.array([[True, False]])
    with pytest.raises(LabError, match="favoured chances of row 0"):
        roles(feasible, 0.1, 0.2, np.array([[0.5, 0.0, 0.5]]))
    with pytest.raises(LabError, match="favoured chances are"):
        roles(feasible, 0.1, 0.2, np.array([[0.5, 0.5]]))
    with pytest.raises(LabError, match="No draw"):
        thompson_frequencies([], np.ones((1, 1)), None)
