import numpy as np
import pytest

from retention_lab.checks import Check
from retention_lab.uplift.checking.bins import binned
from retention_lab.uplift.checking.time_leak import clock_check, later_dates_check
from tests.uplift.checking.samples import clean, with_feature

ROWS = 2000
DAYS = np.datetime64("2026-01-01") + np.random.default_rng(1).integers(0, 90, ROWS)


def found_in(j: int, values: np.ndarray, time: np.ndarray = DAYS) -> Check:
    return clock_check(binned(with_feature(clean(2, ROWS), j, values).features), time)


def since(time: np.ndarray) -> np.ndarray:
    return (time - time.min()) / np.timedelta64(1, "D")


@pytest.mark.parametrize(
    "values",
    [
        since(DAYS) * 86_400 + 1e9,
        -(since(DAYS) ** 3),
        since(DAYS) + np.random.default_rng(3).normal(size=ROWS) * 3,
        (since(DAYS) > 80).astype(float),
    ],
    ids=["seconds", "decreasing", "nearly", "a switch"],
)
def test_a_number_that_tells_the_time_is_named(values: np.ndarray) -> None:
    found = found_in(1, values)
    assert (found["passed"], found["severity"]) == (False, "soft")
    assert found["detail"].startswith("x1:")


def test_a_word_that_tells_the_month_is_named() -> None:
    assert found_in(2, since(DAYS) // 10)["detail"].startswith("c:")


@pytest.mark.parametrize("time", [DAYS, DAYS.astype("datetime64[us]"), since(DAYS)])
def test_clean_features_and_a_slow_drift_are_not_named(time: np.ndarray) -> None:
    drifting = np.random.default_rng(4).normal(size=ROWS) + since(DAYS) / 45  # a quarter of its variance
    assert found_in(1, drifting, time)["passed"]


def test_nothing_is_said_where_rows_have_no_time_or_all_the_same() -> None:
    features = binned(clean(2, ROWS).features)
    assert clock_check(features, None)["passed"] is None
    assert clock_check(features, np.full(ROWS, DAYS[0]))["passed"] is None


def test_a_date_after_the_rows_own_time_is_counted_and_named() -> None:
    later, earlier = DAYS.copy(), DAYS - np.timedelta64(400, "D")
    later[:3] += np.timedelta64(2, "D")
    later[4] = np.datetime64("NaT")
    found = later_dates_check({"delivered": later, "joined": earlier}, DAYS)
    assert (found["passed"], found["value"], found["severity"]) == (False, 3, "soft")
    assert found["detail"].startswith("delivered: 3 of 2000 rows")
    assert later_dates_check({"joined": earlier}, DAYS)["passed"]


def test_an_hour_of_the_same_day_is_later_only_than_a_time_that_names_the_hour() -> None:
    noon = DAYS.astype("datetime64[us]") + np.timedelta64(12, "h")
    assert later_dates_check({"seen": noon}, DAYS)["passed"]
    assert not later_dates_check({"seen": noon}, noon - np.timedelta64(1, "h"))["passed"]


def test_dates_are_not_compared_with_what_is_no_time() -> None:
    assert later_dates_check({"seen": DAYS}, None)["passed"] is None
    assert later_dates_check({"seen": DAYS}, np.arange(ROWS))["passed"] is None
    assert later_dates_check({}, DAYS)["passed"] is None
