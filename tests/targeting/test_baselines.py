import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting import baselines

VALUE = np.array([[1.0, 3.0], [1.0, 2.0], [5.0, -1.0], [1.0, 4.0]])  # means 2 and 2: of equals the first
COST = np.full((4, 2), 2.0)


def test_the_single_offer_is_the_one_with_the_highest_average_where_it_can_be_made() -> None:
    assert baselines.best_offer(VALUE) == 1
    assert baselines.best_offer(VALUE + np.array([0.0, 0.1])) == 2
    only = np.where(np.array([[True, False]] * 3 + [[True, True]]), VALUE, -np.inf)
    assert baselines.best_offer(only) == 2


def test_the_riskiest_come_first_until_the_money_is_spent() -> None:
    risk = np.array([0.1, 0.9, 0.5, 0.7])
    assert baselines.risk_only(risk, VALUE, COST, 5.0).tolist() == [0, 1, 0, 1]
    assert baselines.risk_only(risk, VALUE, COST, None).tolist() == [1, 1, 1, 1]
    assert baselines.risk_only(risk, VALUE, COST, 0.0).tolist() == [0, 0, 0, 0]


def test_the_likeliest_to_respond_to_that_offer_come_first() -> None:
    response = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.4], [0.3, 0.9]])
    assert baselines.response_only(response, VALUE, COST, 4.0).tolist() == [1, 0, 1, 0]


def test_offers_that_cannot_be_made_are_skipped_and_cost_nothing() -> None:
    value = VALUE.copy()
    value[1, 0] = -np.inf
    risk = np.array([0.1, 0.9, 0.5, 0.7])
    assert baselines.best_offer(value) == 1
    assert baselines.risk_only(risk, value, COST, 4.0).tolist() == [0, 0, 1, 1]
    assert baselines.everyone(value).tolist() == [1, 0, 1, 1]


def test_every_way_stays_within_its_budget_whatever_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(1)
    value, cost, score = rng.normal(size=(300, 3)), rng.uniform(0.1, 2, (300, 3)), rng.uniform(size=300)
    order = rng.permutation(300)
    arm = baselines.random_customers(score, value, cost, 60.0)
    spent = sum(cost[row, a - 1] for row, a in enumerate(arm) if a)
    assert 58.0 < spent <= 60.0
    again = baselines.random_customers(score[order], value[order], cost[order], 60.0)
    assert again.tolist() == arm[order].tolist()


def test_nobody_gets_nothing_and_no_possible_offer_is_refused() -> None:
    assert baselines.nobody(3).tolist() == [0, 0, 0]
    with pytest.raises(LabError, match="No offer"):
        baselines.everyone(np.full((2, 2), -np.inf))


def test_all_ways_come_by_the_names_that_plans_use() -> None:
    rng = np.random.default_rng(2)
    value, cost, key = rng.normal(size=(40, 2)), rng.uniform(0.5, 1, (40, 2)), rng.uniform(size=40)
    found = baselines.usual_choices(key, np.column_stack([key, key]), value, cost, 6.0, key)
    assert tuple(found) == baselines.NAMES
    assert found["risk_only"].tolist() == found["random"].tolist() == found["response_only"].tolist()
    assert (found["everyone"] > 0).all()
