from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.clv.purchase_days import purchase_days
from retention_lab.clv.summary import day_number, summarise, summary_of, unit_days
from retention_lab.errors import ConfigurationError, LabError
from tests.clv.reference import END, cdnow, cdnow_days


def test_cdnow_is_summed_up_as_published() -> None:
    (rows, mean), found = cdnow(), summary_of(cdnow_days().before(END + 1), END, 7.0)
    np.testing.assert_array_equal(found.rows.frequency, rows.frequency)
    np.testing.assert_allclose(found.rows.recency, rows.recency, atol=0.0051)  # published to two decimals
    np.testing.assert_allclose(found.rows.age, rows.age, atol=0.0051)
    np.testing.assert_allclose(found.mean_value, mean, atol=0.0051)


def test_the_holdout_of_cdnow_has_1882_purchase_days() -> None:
    days = cdnow_days()
    known = summary_of(days.before(END + 1), END, 7.0)
    purchases, value = days.of(known.ids, END + 1, day_number("1998-07-01"))
    assert purchases.sum() == 1_882
    assert value.sum() == pytest.approx(70_976.39)


def test_the_order_of_lines_does_not_matter_and_days_merge() -> None:
    who, when, paid = (
        ["b", "a", "a", "a"],
        ["2026-01-03", "2026-01-15", "2026-01-01", "2026-01-15"],
        [5, 10, 7, 20],
    )
    there, back = summarise(who, when, paid), summarise(who[::-1], when[::-1], paid[::-1])
    for one in (there, back):
        by_id = dict(
            zip(one.ids, zip(one.rows.frequency, one.mean_value, one.first_value, strict=True), strict=True)
        )
        assert by_id == {"a": (1.0, 30.0, 7.0), "b": (0.0, 0.0, 5.0)}


def test_what_comes_after_the_end_is_not_seen() -> None:
    who, when = ["a", "a", "b"], ["2026-01-01", "2026-02-01", "2026-03-01"]
    found = summarise(who, when, end="2026-01-31")
    assert list(found.ids) == ["a"]
    assert found.rows.frequency[0] == 0
    assert found.rows.age[0] == pytest.approx(30 / 7)


def test_returns_are_no_purchases_but_lower_what_was_bought() -> None:
    who = ["a", "a", "a", "b", "c"]
    when = ["2026-01-01", "2026-01-08", "2026-01-10", "2026-01-02", "2026-01-03"]
    days = purchase_days(who, when, [10.0, 40.0, -15.0, -5.0, 0.0])
    assert list(days.ids) == ["a", "c"]  # b returned what is not in the log
    np.testing.assert_array_equal(days.value, [10.0, 25.0, 0.0])


def test_ids_and_times_of_any_type() -> None:
    texts = summarise(["7", "7"], ["2026-01-01 10:00:00", "2026-01-08"])
    typed = summarise(pa.chunked_array([[7], [7]]), [date(2026, 1, 1), date(2026, 1, 8)])
    stamps = summarise([7.0, 7.0], np.array(["2026-01-01T10", "2026-01-08T23"], dtype="datetime64[s]"))
    for one in (texts, typed, stamps):
        assert list(one.ids) == ["7"]
        assert one.rows.recency[0] == 1.0


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ((["a", None], ["2026-01-01", "2026-01-02"]), "no customer"),
        ((["a", "b"], ["2026-01-01", None]), "no time"),
        ((["a", "b"], ["2026-01-01", "soon"]), "no dates"),
        ((["a", "b"], [1, 2]), "not dates"),
        ((["a", "b"], ["2026-01-01", "2026-01-02"], [1.0, np.inf]), "missing or infinite"),
        ((["a"], ["2026-01-01"], [-1.0]), "returns only"),
        (([], []), "log is empty"),
    ],
)
def test_what_is_no_log_is_refused(log: tuple[list[object], ...], message: str) -> None:
    with pytest.raises(LabError, match=message):
        summarise(*log)


def test_unknown_units_and_ends_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'week'"):
        unit_days("weeks")
    with pytest.raises(LabError, match="Nobody bought before"):
        summarise(["a"], ["2026-01-02"], end="2026-01-01")
    with pytest.raises(LabError, match="not a date"):
        day_number("yesterday")
