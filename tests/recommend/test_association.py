import numpy as np
import pytest
from scipy.stats import false_discovery_control

from retention_lab.recommend.association import Association, false_discovery_rate


def test_a_rule_that_is_never_wrong_has_no_bound_of_conviction() -> None:
    found = Association(np.array([10, 5]), np.array([10, 10]), np.array([20, 20]), 100)
    assert found.conviction.tolist() == [np.inf, pytest.approx(1.6)]


def test_sides_that_no_basket_holds_have_no_lift() -> None:
    found = Association(np.array([0, 0]), np.array([0, 4]), np.array([3, 5]), 50)
    low, high = found.lift_interval()
    assert np.isnan([found.confidence[0], found.lift[0], found.conviction[0], low[0], high[0]]).all()
    assert (found.lift[1], low[1]) == (0, 0)
    assert high[1] > 1  # so few baskets do not show that they never come together
    assert found.p_value().tolist() == [1, 1]


def test_the_rate_is_the_usual_one_where_every_test_is_shown() -> None:
    p = np.random.default_rng(1).random(50) ** 3
    np.testing.assert_allclose(false_discovery_rate(p, 50), false_discovery_control(p))


def test_the_interval_of_a_lift_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(100_003)
    cells = np.array([0.06, 0.14, 0.09, 0.71])  # both, left alone, right alone, neither
    truth = 0.06 / (0.20 * 0.15)
    counts = rng.multinomial(2_000, cells, 4_000)
    found = Association(counts[:, 0], counts[:, 0] + counts[:, 1], counts[:, 0] + counts[:, 2], 2_000)
    low, high = found.lift_interval()
    covered = np.mean((low <= truth) & (truth <= high))
    assert abs(covered - 0.95) < 3.3 * np.sqrt(0.95 * 0.05 / 4_000)
