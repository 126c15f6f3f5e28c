import numpy as np
import pyarrow as pa
import pytest

from retention_lab.churn.labels import contract_ended, given, inactive
from retention_lab.errors import LabError


def test_a_given_label_is_compared_as_text_whatever_its_type() -> None:
    assert given(pa.chunked_array([[1.0, 0.0]]), "1").tolist() == [1.0, 0.0]
    assert given(pa.chunked_array([[True, False]]), "true").tolist() == [1.0, 0.0]


def test_a_missing_label_is_refused_with_its_row() -> None:
    with pytest.raises(LabError, match="row 3 first"):
        given(pa.chunked_array([["Yes", "No", None]]), "Yes")


def test_a_value_that_nobody_has_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(LabError, match="No, Yes"):
        given(pa.chunked_array([["Yes", "No"]]), "yes")


def test_an_order_at_the_start_counts_and_one_at_the_end_does_not() -> None:
    left = inactive(np.array([0, 1, 2]), np.array([10, 20, 9]), customers=4, start=10, end=20)
    assert left.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_orders_outside_the_window_change_nothing() -> None:
    rng = np.random.default_rng(1)
    customer, at = rng.integers(0, 50, 300), rng.integers(0, 100, 300)
    inside = (at >= 40) & (at < 60)
    whole = inactive(customer, at, 50, 40, 60)
    np.testing.assert_array_equal(whole, inactive(customer[inside], at[inside], 50, 40, 60))


def test_an_empty_window_and_a_stranger_are_refused() -> None:
    with pytest.raises(LabError, match="window"):
        inactive(np.array([0]), np.array([1]), 1, 5, 5)
    with pytest.raises(LabError, match="none of the customers"):
        inactive(np.array([3]), np.array([1]), 2, 0, 5)


def test_only_those_with_a_contract_can_end_it() -> None:
    started = np.array([0, 0, 0, 15, 0])
    ended = np.array([12, 20, 5, 0, 0])
    still_open = np.array([False, False, False, True, True])
    left = contract_ended(started, ended, still_open, start=10, end=20)
    np.testing.assert_array_equal(left, [1.0, 0.0, np.nan, np.nan, 0.0])


def test_a_contract_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(LabError, match="row 1 first"):
        contract_ended(np.array([5]), np.array([4]), np.array([False]), 0, 9)
