import numpy as np
import pytest

from retention_lab.abtest.unique_units import unique_units
from retention_lab.errors import LabError


def test_units_that_come_once_are_kept_in_their_order() -> None:
    assert unique_units(["b", "a", "c"]).texts() == ["b", "a", "c"]


def test_a_unit_that_comes_twice_is_refused_with_its_rows_and_without_its_id() -> None:
    with pytest.raises(LabError, match="Rows 2 and 4 are the same unit") as caught:
        unique_units(["anna", "berta", "carla", "berta"])
    assert "berta" not in str(caught.value)


def test_a_number_and_its_text_are_the_same_unit() -> None:
    with pytest.raises(LabError, match="Rows 1 and 2"):
        unique_units([42, "42"])


@pytest.mark.parametrize("ids", [[], np.array([], dtype=np.int64)])
def test_no_units_are_refused(ids: object) -> None:
    with pytest.raises(LabError, match="no units"):
        unique_units(ids)  # type: ignore[arg-type]


def test_an_empty_id_is_refused_with_its_row() -> None:
    with pytest.raises(LabError, match="row 2 is empty"):
        unique_units(["a", "", "b"])
