import numpy as np
import pandas as pd
import pytest

from retention_lab import recommend
from retention_lab.errors import LabError
from tests.recommend.tastes import taste_table, tastes


def test_ids_come_out_as_they_went_in() -> None:
    table = pd.DataFrame({"user": [1, 1, 2, 2, 3], "item": [10, 11, 10, 11, 10]})
    found = recommend.fit("ease", table, l2=1.0).recommend([3, 3], k=1)
    assert found.tolist() == [[11], [11]]
    assert found.dtype.kind == "i"


def test_codes_come_out_where_codes_went_in() -> None:
    data = tastes()
    fitted = recommend.fit("item_knn", data, neighbours=50, shrink=0)
    lists = fitted.recommend(np.array([4, 9, 4]), k=5)
    assert lists.shape == (3, 5)
    np.testing.assert_array_equal(lists[0], lists[2])
    assert not set(lists[1]) & set(data.seen()[9].indices)


def test_somebody_unknown_is_offered_what_sells_best() -> None:
    fitted = recommend.fit("ease", taste_table(), l2=10)
    best = [fitted.data.items[code] for code in fitted.ties[:3]]
    assert fitted.recommend(["nobody"], k=3).tolist() == [best]


def test_a_list_ends_in_nothing_where_nothing_is_left() -> None:
    found = recommend.fit("popular", {"user": ["a", "b"], "item": ["x", "y"]}).recommend(["a"], k=2)
    assert found.tolist() == [["y", None]]


def test_a_code_of_nobody_is_refused() -> None:
    with pytest.raises(LabError) as caught:
        recommend.fit("popular", tastes()).recommend(np.array([9_999]))
    assert caught.value.key == "users"
