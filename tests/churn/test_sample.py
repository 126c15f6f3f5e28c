import numpy as np
import pytest

from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.errors import LabError
from retention_lab.features import numeric_features


def test_rows_are_picked_with_their_customers() -> None:
    sample = ChurnSample(
        numeric_features(np.arange(3.0)[:, None]), np.array([0.0, 1.0, 0.0]), np.array([7, 8, 8])
    )
    part = sample.rows(np.array([2, 1]))
    assert part.left.tolist() == [0.0, 1.0]
    assert part.group is not None
    assert part.group.tolist() == [8, 8]


def test_labels_other_than_0_and_1_are_refused_with_their_row() -> None:
    for wrong in (2.0, np.nan):
        with pytest.raises(LabError, match="row 2 first"):
            ChurnSample(numeric_features(np.zeros((2, 1))), np.array([0.0, wrong]))


def test_labels_of_other_rows_are_refused() -> None:
    with pytest.raises(LabError, match="2 rows of features and 1 labels"):
        ChurnSample(numeric_features(np.zeros((2, 1))), np.zeros(1))


def test_a_sample_in_which_nobody_left_cannot_be_learnt_from() -> None:
    with pytest.raises(LabError, match="0 left"):
        require_both(np.zeros(4))
