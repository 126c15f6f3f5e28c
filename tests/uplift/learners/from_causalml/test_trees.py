import numpy as np
import pytest

from retention_lab.uplift.learners.from_causalml.trees import Trees, from_nodes


def stump(threshold: float, missing_left: bool, low: float, high: float) -> dict[str, np.ndarray]:
    """Control gets 0 everywhere; the offer gets `low` up to the threshold of column 0, `high` above."""
    return {
        "left": np.array([1, -1, -1]),
        "right": np.array([2, -1, -1]),
        "feature": np.array([0, -2, -2]),
        "threshold": np.array([threshold, -2.0, -2.0]),
        "missing_left": np.array([missing_left, False, False]),
        "value": np.array([[0.0, 0.0], [0.0, low], [0.0, high]]),
    }


def test_each_row_gets_the_mean_over_the_trees() -> None:
    trees = from_nodes([stump(0.0, True, 1.0, 2.0), stump(1.0, False, 10.0, 20.0)])
    values = np.array([[-1.0], [0.0], [0.5], [3.0], [np.nan]])
    np.testing.assert_array_equal(trees.effect(values)[:, 0], [5.5, 5.5, 6.0, 11.0, 10.5])


def test_values_are_compared_in_single_precision_as_they_were_in_training() -> None:
    trees = from_nodes([stump(float(np.float32(0.1)), True, 1.0, 2.0)])
    # 0.1 in double precision is below, its single-precision neighbour that the threshold was cut from equal
    just_above = np.nextafter(float(np.float32(0.1)), 1.0)
    np.testing.assert_array_equal(trees.effect(np.array([[0.1], [just_above], [0.11]]))[:, 0], [1, 1, 2])


def test_a_value_beyond_single_precision_goes_to_its_side() -> None:
    trees = from_nodes([stump(0.0, True, 1.0, 2.0)])
    np.testing.assert_array_equal(trees.effect(np.array([[1e300], [-1e300]]))[:, 0], [2.0, 1.0])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_row_is_answered_alone_as_among_others(rows: int) -> None:
    trees = from_nodes([stump(0.0, True, 1 / 3, 2 / 3)])
    values = np.array([[-1.0], [1.0]])
    np.testing.assert_array_equal(trees.effect(values[:rows]), trees.effect(values)[:rows])


def test_the_files_hold_the_same_trees_and_nothing_but_arrays() -> None:
    trees = from_nodes([stump(0.25, True, 1 / 3, 2 / 3), stump(np.inf, False, 0.1, 0.2)])
    again = Trees.from_bytes(trees.to_bytes())
    assert again.to_bytes() == trees.to_bytes()
    for name in Trees.__slots__:
        np.testing.assert_array_equal(getattr(again, name), getattr(trees, name))
        assert getattr(again, name).dtype == getattr(trees, name).dtype != object
