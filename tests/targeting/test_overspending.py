import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.overspending import cost_risk, worst_cost

CONTACT, PRICE = np.array([0.1, 0.0]), np.array([2.0, 5.0])


def launch(seed: int, customers: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet([6, 3, 1], customers), rng.beta(1, 6, (customers, 2))


def simulated(propensity: np.ndarray, redemption: np.ndarray, seed: int, launches: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    cost = np.zeros(launches)
    for place, (p, r) in enumerate(zip(propensity, redemption, strict=True)):
        arm = rng.choice(3, launches, p=p)
        used = rng.random(launches) < np.append(0.0, r)[arm]
        cost += np.append(0.0, CONTACT)[arm] + np.append(0.0, PRICE)[arm] * used
        assert place >= 0
    return cost


def test_mean_spread_and_chance_are_those_of_many_launches() -> None:
    """4,000 launches of 60 customers: a share's standard error is below .008."""
    propensity, redemption = launch(1, 60)
    cost = simulated(propensity, redemption, 2, 4_000)
    for budget in np.quantile(cost, [0.1, 0.5, 0.9, 0.98]):
        found = cost_risk(propensity, redemption, CONTACT, PRICE, float(budget))
        assert found.chance == pytest.approx((cost > budget).mean(), abs=0.03)
    assert found.mean == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(4_000))
    assert found.spread == pytest.approx(cost.std(), rel=0.05)


def test_an_error_that_all_rates_share_does_not_even_out() -> None:
    propensity, redemption = launch(3, 50_000)
    known = cost_risk(propensity, redemption, CONTACT, PRICE, 0.0)
    budget = known.mean * 1.05
    assert cost_risk(propensity, redemption, CONTACT, PRICE, budget).chance < 0.01
    unsure = cost_risk(propensity, redemption, CONTACT, PRICE, budget, shared_error=0.1)
    rng = np.random.default_rng(4)
    log_spread = np.sqrt(np.log(1.01))
    factor = np.exp(log_spread * rng.normal(size=20_000) - log_spread**2 / 2)
    fixed = float((propensity[:, 1:] * CONTACT).sum())
    assert unsure.chance == pytest.approx(
        (fixed + factor * (known.mean - fixed) + known.spread * rng.normal(size=20_000) > budget).mean(),
        abs=0.015,
    )
    assert unsure.spread > 5 * known.spread


def test_a_plan_under_the_worst_cost_cannot_overspend() -> None:
    rng = np.random.default_rng(5)
    worst = worst_cost(CONTACT, PRICE, 500)
    plan = allocate(rng.normal(1, 1, (500, 2)), worst, 100.0)
    propensity = np.eye(3)[plan.arm]
    found = cost_risk(propensity, np.full((500, 2), 0.4), CONTACT, PRICE, 100.0, shared_error=0.5)
    assert found.worst <= 100
    assert found.chance == 0
    assert found.mean < 0.6 * found.worst


def test_costs_that_are_certain_are_above_the_budget_or_not() -> None:
    propensity, redemption = np.array([[0.0, 1.0]]), np.array([[1.0]])
    for budget, chance in ((2.9, 1.0), (3.0, 0.0)):
        found = cost_risk(propensity, redemption, np.array([1.0]), np.array([2.0]), budget)
        assert (found.chance, found.spread, found.mean) == (chance, 0.0, 3.0)


def test_wrong_chances_are_named() -> None:
    propensity, redemption = launch(6, 3)
    with pytest.raises(LabError, match="redemption rate of row 1"):
        cost_risk(propensity, redemption + np.array([[0], [1], [0]]), CONTACT, PRICE, 1.0)
    with pytest.raises(LabError, match="Propensities are"):
        cost_risk(propensity[:, :2], redemption, CONTACT, PRICE, 1.0)
    with pytest.raises(LabError, match="shared error is -1"):
        cost_risk(propensity, redemption, CONTACT, PRICE, 1.0, shared_error=-1.0)
