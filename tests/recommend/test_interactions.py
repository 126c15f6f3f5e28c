from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.interactions import interactions
from tests.recommend.tastes import taste_table

TABLE = {"user": ["b", "a", "b"], "item": [3, 1, 1]}


def test_the_order_of_rows_does_not_matter() -> None:
    table = taste_table(20)
    shuffled = table.take(pa.array(np.random.default_rng(1).permutation(table.num_rows)))
    one, other = interactions(table), interactions(shuffled)
    assert one.users == other.users
    assert one.items == other.items
    np.testing.assert_allclose(one.matrix().toarray(), other.matrix().toarray())


def test_ids_are_text_whatever_their_type() -> None:
    assert interactions(pa.table(TABLE)).items == ("1", "3")
    assert interactions(pa.table({**TABLE, "item": [3.0, 1.0, 1.0]})).items == ("1", "3")


@pytest.mark.parametrize(
    "time",
    [
        [datetime(1970, 1, 2), datetime(1970, 1, 3), datetime(1970, 1, 4, 12)],
        ["1970-01-02", "1970-01-03", "1970-01-04T12:00:00"],
        [1.0, 2.0, 3.5],
    ],
)
def test_times_are_days_however_they_are_written(time: list[object]) -> None:
    days = interactions(pa.table({**TABLE, "time": time})).timed()
    np.testing.assert_allclose(days, [1.0, 2.0, 3.5])


def test_large_numbers_are_seconds() -> None:
    seconds = [881_250_949, 891_717_742, 878_887_116]
    days = interactions(pa.table({**TABLE, "time": seconds})).timed()
    np.testing.assert_allclose(days, np.array(seconds) / 86_400)


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"user": ["a", None, "b"]}, "user", "1 of 3 rows have no user"),
        ({"weight": [1.0, 0.0, 2.0]}, "weight", "not above 0"),
        ({"weight": [1.0, float("nan"), 2.0]}, "weight", "finite"),
        ({"time": ["yesterday", "1970-01-01", "1970-01-01"]}, "time", "no dates"),
    ],
)
def test_rows_that_say_nothing_are_refused(changes: dict[str, object], key: str, message: str) -> None:
    with pytest.raises(LabError) as caught:
        interactions(pa.table({**TABLE, **changes}))
    assert caught.value.key == key
    assert message in str(caught.value)


def test_a_missing_column_and_an_unknown_id_are_refused() -> None:
    with pytest.raises(LabError, match="no column 'item'"):
        interactions(pa.table({"user": ["a"]}))
    with pytest.raises(LabError, match="not among those known"):
        interactions(pa.table(TABLE), users=["a"])


def test_what_needs_times_says_so_where_there_are_none() -> None:
    with pytest.raises(LabError, match="have no time"):
        interactions(pa.table(TABLE)).timed()


def test_some_users_keep_their_rows_in_the_order_asked_for() -> None:
    data = interactions(taste_table(10))
    some = data.among(np.array([7, 2]))
    assert some.users == (data.users[7], data.users[2])
    np.testing.assert_array_equal(some.matrix().toarray(), data.matrix().toarray()[[7, 2]])
