import numpy as np
import pytest

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.nested_files import in_folder, of_folder


def test_arrays_come_back_to_the_last_bit() -> None:
    numbers = np.random.default_rng(1).normal(size=7)
    np.testing.assert_array_equal(npz_arrays(npz_bytes({"a": numbers}))["a"], numbers)


def test_objects_that_would_need_pickle_are_refused() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        npz_bytes({"a": np.array([object()])})


def test_a_folders_files_come_out_as_they_went_in() -> None:
    files = {"a.txt": b"1", "b/c.txt": b"2"}
    assert of_folder("model", in_folder("model", files)) == files
    assert of_folder("mode", in_folder("model", files)) == {}
