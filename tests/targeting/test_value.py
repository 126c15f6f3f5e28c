import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.value import expected_cost, net_value


def test_value_is_effect_less_contact_cost_less_redemption_cost_where_redeemed() -> None:
    effect = np.array([[10.0, 4.0], [-1.0, 0.0]])
    redemption = np.array([[0.5, 0.0], [0.25, 1.0]])
    value = net_value(effect, redemption, np.array([1.0, 0.5]), np.array([4.0, 2.0]))
    np.testing.assert_allclose(value, [[10 - 1 - 2, 4 - 0.5], [-1 - 1 - 1, -0.5 - 2]])


def test_what_is_charged_to_the_budget_is_what_the_value_lacks() -> None:
    rng = np.random.default_rng(1)
    effect, redemption = rng.normal(size=(50, 3)), rng.uniform(size=(50, 3))
    contact, redeemed = np.array([0.1, 0.2, 0.3]), np.array([0.0, 5.0, 1.0])
    cost = expected_cost(redemption, contact, redeemed)
    np.testing.assert_allclose(net_value(effect, redemption, contact, redeemed) + cost, effect)


def test_an_offer_that_cannot_be_made_has_the_value_minus_infinity() -> None:
    ones = np.ones((2, 1))
    value = net_value(ones, ones, np.zeros(1), np.zeros(1), feasible=np.array([[True], [False]]))
    assert value.tolist() == [[1.0], [-np.inf]]


@pytest.mark.parametrize(
    ("effect", "redemption", "contact", "words"),
    [
        (np.ones((2, 2)), np.ones((2, 1)), np.zeros(1), "redemption probabilities"),
        (np.array([[np.nan]]), np.array([[0.5]]), np.zeros(1), "effect of offer 1 on row 0"),
        (np.ones((2, 1)), np.array([[0.5], [1.5]]), np.zeros(1), "row 1 redeems offer 1"),
        (np.ones((2, 1)), np.array([[0.5], [np.nan]]), np.zeros(1), "not between 0 and 1"),
        (np.ones((1, 1)), np.ones((1, 1)), np.array([np.inf]), "cost_per_contact"),
        (np.ones((1, 1)), np.ones((1, 1)), np.zeros(2), "cost_per_contact"),
    ],
)
def test_wrong_inputs_are_named(
    effect: np.ndarray, redemption: np.ndarray, contact: np.ndarray, words: str
) -> None:
    with pytest.raises(LabError, match=words):
        net_value(effect, redemption, contact, np.zeros(redemption.shape[1]))
