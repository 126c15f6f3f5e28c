import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.worth import Worth


def test_without_a_value_nothing_changes() -> None:
    gamma = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(Worth().net_scores(gamma), gamma)
    np.testing.assert_array_equal(Worth().net_effect(gamma), gamma)


def test_net_value_is_value_less_cost() -> None:
    worth = Worth(0.3, (0.0, 0.1))
    np.testing.assert_allclose(worth.net_scores(np.array([[1.0, 2.0]])), [[0.3, 0.5]])
    np.testing.assert_allclose(worth.net_effect(np.array([[1.0]])), [[0.2]])


def test_effects_and_scores_agree_when_control_costs_something() -> None:
    worth, gamma = Worth(2.0, (0.1, 0.4)), np.array([[1.0, 2.0]])
    net = worth.net_scores(gamma)
    np.testing.assert_allclose(net[:, 1:] - net[:, :1], worth.net_effect(gamma[:, 1:] - gamma[:, :1]))


@pytest.mark.parametrize(("per_unit", "cost"), [(0.0, None), (np.nan, None), (1.0, (0.0, -1.0))])
def test_impossible_values_are_refused(per_unit: float, cost: tuple[float, ...] | None) -> None:
    with pytest.raises(LabError, match="value per unit"):
        Worth(per_unit, cost)


def test_one_cost_per_arm_is_needed() -> None:
    with pytest.raises(LabError, match="2 arms, and there are 3"):
        Worth(1.0, (0.0, 1.0)).net_scores(np.zeros((1, 3)))
