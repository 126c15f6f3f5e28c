import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.targeting.draw import propensities, roles
from retention_lab.targeting.plan_value import expected_total, held_out_total, under_roles


def test_expected_total_weighs_each_value_with_its_probability() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.2, 0.0, 0.8]])
    assert expected_total(p, np.array([[4.0, -np.inf], [-np.inf, 10.0]])) == pytest.approx(2.0 + 8.0)


def test_choices_without_chance_have_the_probabilities_of_the_draw() -> None:
    rng = np.random.default_rng(1)
    feasible = rng.uniform(size=(50, 3)) < 0.8
    shares = roles(feasible, 0.1, 0.2)
    choice = np.zeros(50, dtype=np.int64)
    np.testing.assert_allclose(
        under_roles(np.eye(4)[choice], feasible, shares), propensities(choice, feasible, shares)
    )


def test_held_out_total_is_the_difference_per_head_times_the_customers() -> None:
    scores = np.array([[1.0, 5.0], [1.0, 2.0], [0.0, -3.0]])
    p = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    found = held_out_total(scores, p, 300)
    assert found.value == pytest.approx((4.0 + 0.5 + 0.0) / 3 * 300)
    assert found.low < found.value < found.high


def test_held_out_value_covers_the_truth_of_the_plan() -> None:
    """Scores are the true values plus noise: 95 % of the intervals hold the population's value per head."""
    inside = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        scores = np.column_stack([np.zeros(200), rng.normal(2.0, 5.0, 200)])
        found = held_out_total(scores, np.tile([0.5, 0.5], (200, 1)), 1_000)
        inside.append(found.low <= 1_000.0 <= found.high)
    assert abs(np.mean(inside) - 0.95) < 0.036  # 3.3 binomial standard errors


def test_shapes_that_disagree_are_refused() -> None:
    with pytest.raises(LabError, match="one probability more"):
        expected_total(np.ones((2, 2)), np.ones((2, 2)))
