import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.workflows.trained_on import TRAINED_ON_FILE, TrainedOn


def test_customers_are_recognised_after_a_round_trip() -> None:
    known = TrainedOn(np.array([3, 7], dtype=np.uint64), "a key")
    again = TrainedOn.from_files({TRAINED_ON_FILE: known.to_file()})
    assert again.new_rows(np.array([1, 7, 3, 9], dtype=np.uint64), "a key").tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_hashes_of_another_key_recognise_nobody_and_say_so() -> None:
    with pytest.raises(LabError, match="another key"):
        TrainedOn(np.array([3], dtype=np.uint64), "a key").new_rows(np.array([3], dtype=np.uint64), "another")


def test_a_version_without_the_file_cannot_be_judged() -> None:
    with pytest.raises(LabError, match="does not say whom it was trained on"):
        TrainedOn.from_files({})
