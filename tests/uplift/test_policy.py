import numpy as np
import pytest

from retention_lab.uplift.policy import (
    best_constant,
    budget_gain,
    greedy_policy,
    policy_gain,
    policy_value,
    share_policy,
)

COST = np.array([0.0, 0.1, 0.4])


def draw(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Net value per arm, a model's prediction of it, and noisy scores."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    net = np.column_stack([np.zeros(rows), 0.4 * x[:, 0] + 0.1, 0.5 * x[:, 1] + 0.2]) - COST
    return net, 0.8 * net[:, 1:] + 0.05, net + 0.3 * rng.normal(size=(rows, 3))


def test_the_greedy_policy_takes_the_best_offer_or_none() -> None:
    net = np.array([[0.2, 0.1], [-0.1, 0.3], [-0.2, -0.1], [0.0, 0.0]])
    np.testing.assert_array_equal(greedy_policy(net), [1, 2, 0, 0])


def test_the_gain_over_a_constant_is_zero_for_that_constant() -> None:
    _, _, gamma = draw(200, 1)
    same = policy_gain(gamma, np.full(200, 2), 2)
    assert (same.value, same.se, same.p_value) == (0.0, 0.0, 1.0)


def test_the_value_of_a_constant_is_its_mean_score() -> None:
    _, _, gamma = draw(200, 1)
    assert policy_value(gamma, np.full(200, 1)).value == pytest.approx(gamma[:, 1].mean())


def test_the_best_constant_is_the_one_with_the_best_lower_bound() -> None:
    rng = np.random.default_rng(1)
    gamma = np.column_stack([np.zeros(500), 0.5 + rng.normal(size=500), 0.7 + 30 * rng.normal(size=500)])
    assert best_constant(gamma) == 1


def test_a_share_takes_the_best_customers_with_their_best_offer() -> None:
    net = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, -0.1], [0.1, 0.0]])
    choice = share_policy(net, 0.5)
    np.testing.assert_array_equal(choice.treated, [1, 1, 0, 0])
    np.testing.assert_array_equal(choice.offer, [1, 2, 1, 1])
    np.testing.assert_array_equal(choice.probabilities(3)[:2], [[0, 1, 0], [0, 0, 1]])


def test_nobody_is_treated_at_an_expected_loss() -> None:
    choice = share_policy(np.array([[0.9], [-0.2], [-0.3], [-0.1]]), 0.5)
    np.testing.assert_array_equal(choice.treated, [1, 0, 0, 0])
    assert choice.share == 0.25
    assert not choice.binding


def test_a_tie_at_the_cut_is_treated_in_part() -> None:
    choice = share_policy(np.full((10, 1), 0.3), 0.2)
    np.testing.assert_allclose(choice.treated, 0.2)
    np.testing.assert_allclose(choice.probabilities(2).sum(axis=1), 1.0)


def test_the_same_spend_at_random_is_worth_its_share_of_the_average() -> None:
    net, predicted, _ = draw(5000, 2)
    choice = share_policy(predicted, 0.2)
    spend = np.mean(choice.treated * COST[choice.offer])
    chosen = np.mean(choice.treated * net[np.arange(5000), choice.offer])
    for offer in (1, 2):
        expected = chosen - spend / COST[offer] * net[:, offer].mean()
        assert budget_gain(net, choice, offer, COST).value == pytest.approx(expected)


def test_without_costs_the_spend_is_the_number_of_customers() -> None:
    net, predicted, _ = draw(5000, 2)
    choice = share_policy(predicted, 0.2)
    chosen = np.mean(choice.treated * net[np.arange(5000), choice.offer])
    found = budget_gain(net, choice, 1, np.zeros(3)).value
    assert found == pytest.approx(chosen - 0.2 * net[:, 1].mean())


def test_a_spend_beyond_everybody_gives_the_offer_to_everybody() -> None:
    net = np.column_stack([np.zeros(100), np.full(100, 0.2), np.full(100, 1.0)])
    choice = share_policy(net[:, 1:], 1.0)
    assert budget_gain(net, choice, 1, COST).value == pytest.approx(1.0 - 0.2)


def test_treating_nobody_gains_nothing() -> None:
    _, _, gamma = draw(100, 3)
    choice = share_policy(np.full((100, 2), -1.0), 0.2)
    nothing = budget_gain(gamma, choice, 1, COST)
    assert (nothing.value, nothing.se, nothing.p_value) == (0.0, 0.0, 1.0)


def test_a_single_offer_to_random_customers_gains_nothing_over_itself() -> None:
    rng = np.random.default_rng(4)
    gamma = np.column_stack([np.zeros(333), rng.normal(size=333)])
    same = budget_gain(gamma, share_policy(np.full((333, 1), 0.1), 0.2), 1, np.zeros(2))
    assert (same.value, same.se, same.p_value) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_intervals_cover_the_truth_as_often_as_they_say(share: float) -> None:
    net, predicted, _ = draw(1_000_000, 99)
    truth = budget_gain(net, share_policy(predicted, share), 2, COST).value
    runs, covered = 500, 0
    for seed in range(runs):
        _, predicted, gamma = draw(1000, seed)
        found = budget_gain(gamma, share_policy(predicted, share), 2, COST)
        covered += found.low <= truth <= found.high
    assert abs(covered / runs - 0.95) < 0.032  # 3.2 binomial standard errors
