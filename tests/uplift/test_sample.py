import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.sample import UpliftSample, observed_propensity

X, ARM, Y = np.zeros((4, 2)), np.array([0, 1, 0, 1]), np.array([0.0, 1.0, 1.0, 0.0])


def test_a_plain_matrix_and_lists_are_enough() -> None:
    sample = UpliftSample(X, [0, 1, 0, 1], [0, 1, 1, 0], np.full((4, 2), 0.5))
    assert len(sample) == 4
    assert sample.arm_count == 2
    assert sample.binary


def test_money_is_not_binary() -> None:
    assert not UpliftSample(X, ARM, np.array([0.0, 1.0, 2.5, 0.0])).binary


def test_picking_rows_keeps_arms_propensities_and_customers() -> None:
    sample = UpliftSample(X, ARM, Y, np.full((4, 2), 0.5), ["a", "b", "c", "d"])
    part = sample.rows(np.array([1, 2]))
    assert part.arm.tolist() == [1, 0]
    assert part.group is not None
    assert part.group.tolist() == [1, 2]
    assert part.propensity is not None
    assert part.propensity.shape == (2, 2)


def test_an_arm_that_a_part_lacks_is_named() -> None:
    sample = UpliftSample(X, ARM, Y, np.full((4, 2), 0.5))
    with pytest.raises(LabError, match="None of the 2 customers was in arm 1"):
        sample.rows(np.array([0, 2]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_outcome_that_is_not_a_number_is_refused_with_its_row(bad: float) -> None:
    with pytest.raises(LabError, match="1 rows have a missing or infinite outcome, row 3 first"):
        UpliftSample(X, ARM, np.array([0.0, 1.0, bad, 0.0]))


def test_a_missing_treatment_is_refused() -> None:
    with pytest.raises(LabError, match="missing or infinite treatment, row 2 first"):
        UpliftSample(X, np.array([0.0, np.nan, 0.0, 1.0]), Y)


@pytest.mark.parametrize("arm", [np.array([0.5, 1, 0, 1]), np.array(["a", "b", "a", "b"])])
def test_arms_must_be_whole_numbers(arm: np.ndarray) -> None:
    with pytest.raises(LabError, match="whole number"):
        UpliftSample(X, arm, Y)


def test_an_empty_arm_and_a_single_arm_are_refused() -> None:
    with pytest.raises(LabError, match="in arm 1"):
        UpliftSample(X, np.array([0, 2, 0, 2]), Y)
    with pytest.raises(LabError, match="one arm"):
        UpliftSample(X, np.zeros(4, dtype=int), Y)


def test_arms_beyond_the_propensities_are_refused() -> None:
    with pytest.raises(LabError, match="2 arms are described"):
        UpliftSample(X, np.array([0, 1, 2, 1]), Y, np.full((4, 2), 0.5))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.5, 0.6], "row 2 do not sum"),
        ([1.2, -0.2], "row 2 do not sum"),
        ([1.0, 0.0], "Row 2 received an arm"),
    ],
)
def test_propensities_must_be_probabilities_of_what_happened(row: list[float], message: str) -> None:
    propensity = np.full((4, 2), 0.5)
    propensity[1] = row
    with pytest.raises(LabError, match=message):
        UpliftSample(X, ARM, Y, propensity)


def test_lengths_must_agree() -> None:
    with pytest.raises(LabError, match="4 arms and 3 rows of outcome"):
        UpliftSample(X, ARM, Y[:3])


def test_text_features_need_a_schema() -> None:
    with pytest.raises(LabError, match="not as a matrix of numbers"):
        UpliftSample(np.array([["a"], ["b"]]), [0, 1], [0, 1])


def test_observed_shares_are_the_same_for_every_row() -> None:
    np.testing.assert_allclose(observed_propensity(np.array([0, 1, 1, 1]), 2), np.tile([0.25, 0.75], (4, 1)))
