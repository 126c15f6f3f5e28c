import numpy as np
import pytest
from scipy import stats

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.targeting.draw import (
    EXPLORATION,
    HOLDOUT,
    LEAST,
    POLICY,
    draw,
    propensities,
    roles,
    scale_exploration,
)
from retention_lab.targeting.limits import CountCap, Limits, MoneyCap

IDS = [f"c{i}" for i in range(400)]


def test_propensity_is_holdout_plus_exploration_plus_the_rest_on_the_choice() -> None:
    feasible = np.array([[True, True], [True, False]])
    p = propensities(np.array([2, 0]), feasible, roles(feasible, 0.1, 0.12))
    np.testing.assert_allclose(p, [[0.1 + 0.04, 0.04, 0.04 + 0.78], [0.1 + 0.06 + 0.78, 0.06, 0.0]])


def test_every_feasible_arm_keeps_a_hundredth() -> None:
    feasible = np.ones((3, 4), dtype=bool)
    feasible[1, 2:] = False
    p = propensities(np.zeros(3, dtype=np.int64), feasible, roles(feasible, 0.1, 0.0))
    assert p[:, 1:][feasible].min() == pytest.approx(LEAST)
    assert (p[1, 3:] == 0).all()


def test_a_draw_depends_on_the_customer_and_the_launch_only() -> None:
    feasible, choice = audience(400, 3, seed=1)
    shares = roles(feasible, 0.1, 0.2)
    here = draw(IDS, choice, feasible, shares, "winback-2026-06-01/7")
    order = np.random.default_rng(2).permutation(400)[:300]
    some = roles(feasible[order], 0.1, 0.2)
    there = draw([IDS[i] for i in order], choice[order], feasible[order], some, "winback-2026-06-01/7")
    assert here.arm[order].tolist() == there.arm.tolist()
    assert here.role[order].tolist() == there.role.tolist()
    other = draw(IDS, choice, feasible, shares, "winback-2026-07-01/7")
    assert (here.role != other.role).mean() > 0.2


def test_role_tells_what_the_arm_can_be() -> None:
    feasible, choice = audience(400, 3, seed=3)
    found = draw(IDS, choice, feasible, roles(feasible, 0.2, 0.3), "a")
    assert (found.arm[found.role == HOLDOUT] == 0).all()
    assert (found.arm[found.role == POLICY] == choice[found.role == POLICY]).all()
    explored = found.role == EXPLORATION
    assert set(found.arm[explored]) == {0, 1, 2, 3}
    assert all(feasible[i, a - 1] for i, a in enumerate(found.arm) if a)


@pytest.mark.slow
def test_in_a_thousand_launches_the_arms_agree_with_their_logged_propensities() -> None:
    """Chi-square with one degree of freedom for each arm, over all roles and given exploration.

    Each launch has 60 customers with feasible offers, choices and shares of its own. The count of an arm is a
    sum of independent indicators with variance sum p(1 - p), so over 60,000 customers (count - expected)² /
    variance is chi-square. Eight such tests at .001 in total: a right draw passes with .999, at a fixed seed.
    """
    rng = np.random.default_rng(11)
    excess, variance = np.zeros((2, 4)), np.zeros((2, 4))
    ids = IDS[:60]
    for launch in range(1000):
        feasible, choice = audience(60, 3, seed=launch)
        shares = roles(feasible, rng.uniform(0, 0.4), rng.uniform(0, 0.5))
        found = draw(ids, choice, feasible, shares, f"launch-{launch}")
        np.testing.assert_allclose(found.propensity.sum(axis=1), 1.0, atol=1e-12)
        assert (found.propensity[np.arange(60), found.arm] > 0).all()
        hit = np.eye(4)[found.arm]
        excess[0] += (hit - found.propensity).sum(axis=0)
        variance[0] += (found.propensity * (1 - found.propensity)).sum(axis=0)
        explored = found.role == EXPLORATION
        allowed = np.append(np.ones((60, 1), dtype=bool), feasible, axis=1)[explored]
        given = allowed / allowed.sum(axis=1, keepdims=True)
        excess[1] += (hit[explored] - given).sum(axis=0)
        variance[1] += (given * (1 - given)).sum(axis=0)
    p_values = stats.chi2.sf(excess**2 / variance, 1)
    assert p_values.min() > 0.001 / 8


def test_roles_come_as_often_as_they_should() -> None:
    feasible, choice = audience(20_000, 2, seed=5)
    shares = roles(feasible, 0.1, 0.2)
    found = draw([str(i) for i in range(20_000)], choice, feasible, shares, "b")
    for role, share in ((HOLDOUT, 0.1), (EXPLORATION, 0.2), (POLICY, 0.7)):
        off = (found.role == role).mean() - share
        assert abs(off) < 4 * np.sqrt(share * (1 - share) / 20_000)  # four standard errors


def test_exploration_is_as_asked_where_the_budget_has_room() -> None:
    feasible, choice = audience(100, 2, seed=6)
    found = scale_exploration(choice, feasible, np.ones((100, 2)), (0.1, 0.2), 1_000.0)
    assert not found.scaled
    assert found.floor_kept
    assert found.used == pytest.approx(0.2)
    assert found.expected_cost == pytest.approx(expected(choice, feasible, np.ones((100, 2)), found.roles))


@pytest.mark.parametrize(("budget_factor", "floor_kept"), [(2.0, True), (1.0, False)])
def test_exploration_shrinks_until_the_launch_fits_the_budget(budget_factor: float, floor_kept: bool) -> None:
    feasible = np.ones((400, 2), dtype=bool)
    choice = np.where(np.arange(400) < 20, 1, 0)
    cost = np.tile([1.0, 2.0], (400, 1))
    budget = 20.0 * budget_factor
    found = scale_exploration(choice, feasible, cost, (0.1, 0.3), budget)
    assert found.scaled
    assert found.floor_kept is floor_kept
    assert found.used < 0.3
    assert "lowered from 0.3" in found.detail
    assert found.expected_cost <= budget * (1 + 1e-9)
    assert found.expected_cost == pytest.approx(budget, rel=1e-6)
    assert found.expected_cost == pytest.approx(expected(choice, feasible, cost, found.roles))


def test_choices_that_break_the_budget_are_refused() -> None:
    feasible = np.ones((10, 1), dtype=bool)
    with pytest.raises(LabError, match="more than the budget"):
        scale_exploration(np.ones(10, dtype=np.int64), feasible, np.ones((10, 1)), (0.1, 0.1), 2.0)


@pytest.mark.parametrize(("most", "floor_kept"), [(30.0, True), (20.5, False)])
def test_exploration_shrinks_until_the_launch_keeps_every_cap(most: float, floor_kept: bool) -> None:
    feasible = np.ones((400, 2), dtype=bool)
    choice = np.where(np.arange(400) < 20, 2, 0)
    caps = Limits(counts=(CountCap("stock of mug", (2,), most), CountCap("stock of pen", (1,), 400.0)))
    found = scale_exploration(choice, feasible, np.ones((400, 2)), (0.1, 0.3), None, limits=caps)
    launched = propensities(choice, feasible, found.roles)[:, 2].sum()
    assert launched <= most * (1 + 1e-9)
    assert launched == pytest.approx(most, rel=1e-6)
    assert found.floor_kept is floor_kept
    assert "go beyond 'stock of mug'" in found.detail
    assert "pen" not in found.detail


def test_a_cap_in_money_is_kept_beside_the_budget() -> None:
    feasible, choice = audience(400, 2, seed=7)
    choice = np.where(np.arange(400) < 10, choice, 0)
    discount = np.where(feasible, 5.0, 0.0)
    money = MoneyCap("discount budget", discount, 60.0)
    found = scale_exploration(
        choice, feasible, np.ones((400, 2)), (0.1, 0.2), 1_000.0, limits=Limits(money=(money,))
    )
    assert expected(choice, feasible, discount, found.roles) == pytest.approx(60.0, rel=1e-6)
    assert found.expected_cost == pytest.approx(expected(choice, feasible, np.ones((400, 2)), found.roles))


def test_choices_beyond_a_cap_are_refused() -> None:
    feasible = np.ones((10, 1), dtype=bool)
    caps = Limits(counts=(CountCap("stock of mug", (1,), 2.0),))
    with pytest.raises(LabError, match=r"take 9\.00 after the holdout, more than the stock of mug of 2\.00"):
        scale_exploration(
            np.ones(10, dtype=np.int64), feasible, np.ones((10, 1)), (0.1, 0.1), None, limits=caps
        )


def test_shares_that_leave_nothing_to_the_policy_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="leave nothing"):
        roles(np.ones((1, 2), dtype=bool), 0.6, 0.6)
    with pytest.raises(ConfigurationError, match="holdout is 1"):
        roles(np.ones((1, 2), dtype=bool), 1.0, 0.0)


def test_a_customer_twice_and_an_impossible_choice_are_refused() -> None:
    feasible = np.zeros((2, 1), dtype=bool)
    shares = roles(feasible, 0.1, 0.1)
    with pytest.raises(LabError, match="come twice"):
        draw(["a", "a"], np.zeros(2, dtype=np.int64), feasible, shares, "s")
    with pytest.raises(LabError, match="row 1"):
        draw(["a", "b"], np.array([0, 1]), feasible, shares, "s")


def audience(rows: int, offers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    feasible = rng.uniform(size=(rows, offers)) < 0.8
    wish = rng.integers(0, offers + 1, rows)
    allowed = np.append(np.ones((rows, 1), dtype=bool), feasible, axis=1)
    return feasible, np.where(allowed[np.arange(rows), wish], wish, 0)


def expected(choice: np.ndarray, feasible: np.ndarray, cost: np.ndarray, shares: object) -> float:
    p = propensities(choice, feasible, shares)  # type: ignore[arg-type]
    return float((p[:, 1:] * np.where(feasible, cost, 0)).sum())
