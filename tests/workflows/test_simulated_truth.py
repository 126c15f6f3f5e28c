import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.simulate import retailer
from retention_lab.workflows.plan_files import PlannedRows
from retention_lab.workflows.simulated_truth import PlanTruth, plan_truth


def rows(ids: list[str], offers: tuple[str, ...]) -> PlannedRows:
    n, k = len(ids), len(offers)
    arms = np.full((n, k + 1), 1 / (k + 1))
    return PlannedRows(
        np.array(ids), offers, np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n), arms, np.zeros(n)
    )


def test_customers_and_offers_keep_their_own_truth_in_any_order() -> None:
    truth = retailer(200, 1).truth
    ids = truth.customer_ids.to_pylist()
    found = plan_truth(truth, rows([ids[7], ids[3]], ("message", "coupon_10")), None)
    offer = truth.arms.index("message")
    expected = truth.expected_profit[7, offer] - truth.expected_profit[7, 0]
    assert found.gain[0, 0] == expected
    assert found.cost[1, 1] == truth.expected_cost[3, truth.arms.index("coupon_10")]


def test_an_offer_that_the_retailer_does_not_have_is_named() -> None:
    truth = retailer(200, 1).truth
    with pytest.raises(LabError, match="no offer 'cake'"):
        plan_truth(truth, rows([truth.customer_ids[0].as_py()], ("cake",)), None)


def test_the_best_choices_beat_those_of_wrong_beliefs() -> None:
    known = PlanTruth(np.array([[2.0], [1.0], [-1.0]]), np.ones((3, 1)), np.ones((3, 1), dtype=bool), 1.0)
    assert known.best().tolist() == [1, 0, 0]
    assert known.earns(known.best()) == 2.0
    wrong = known.best(np.array([[0.0], [1.0], [5.0]]))
    assert known.earns(wrong) == -1.0
