import numpy as np
import pytest

from retention_lab.demand.panel import Lines, panel_of
from retention_lab.demand.periods import first_days, known_period, periods_of
from retention_lab.errors import ConfigurationError, LabError

MONDAY = 4  # 1970-01-05


def lines(days: list[int], values: list[float], series: list[int] | None = None) -> Lines:
    codes = np.zeros(len(days), dtype=np.int64) if series is None else np.array(series, dtype=np.int64)
    names = tuple(f"s{k}" for k in range(int(codes.max()) + 1))
    return Lines(names, codes, np.array(days, dtype=np.int64), np.array(values))


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_every_day_lies_in_the_period_that_begins_before_it(period: str) -> None:
    known, days = known_period(period), np.arange(-800, 800)
    found = periods_of(days, known)
    assert (first_days(found, known) <= days).all()
    assert (days < first_days(found + 1, known)).all()


def test_weeks_begin_on_monday() -> None:
    assert periods_of(np.array([MONDAY - 1, MONDAY]), "week").tolist() == [0, 1]


def test_lines_add_up_and_a_period_without_any_is_zero() -> None:
    days = [MONDAY, MONDAY + 1, MONDAY + 15, MONDAY + 20]
    found = panel_of(lines(days, [1.0, 2.0, 5.0, -1.0]), "week")
    np.testing.assert_array_equal(found.values, [[3.0, 0.0, 4.0]])


def test_a_series_begins_with_its_first_line() -> None:
    found = panel_of(lines([MONDAY, MONDAY + 1, MONDAY + 13], [1.0, 1.0, 1.0], [0, 0, 1]), "week")
    np.testing.assert_array_equal(found.values, [[2.0, 0.0], [np.nan, 1.0]])


def test_periods_that_were_seen_in_part_are_left_out() -> None:
    days = list(range(MONDAY + 3, MONDAY + 24))  # from a Thursday to a Wednesday
    found = panel_of(lines(days, [1.0] * len(days)), "week")
    np.testing.assert_array_equal(found.values, [[7.0, 7.0]])
    until = panel_of(lines(days, [1.0] * len(days)), "week", last_day=MONDAY + 27)
    np.testing.assert_array_equal(until.values, [[7.0, 7.0, 3.0]])


def test_a_log_of_whole_periods_is_taken_as_it_is() -> None:
    found = panel_of(lines([MONDAY, MONDAY + 7, MONDAY + 14], [1.0, 2.0, 3.0]), "week")
    np.testing.assert_array_equal(found.values, [[1.0, 2.0, 3.0]])


def test_the_order_of_lines_shows_nowhere() -> None:
    rng = np.random.default_rng(3)
    days, values = rng.integers(4, 200, 500), rng.normal(size=500) * 1e6
    series = rng.integers(0, 3, 500)
    turned = rng.permutation(500)
    one, other = (
        panel_of(Lines(("a", "b", "c"), series[k], days[k], values[k]), "week")
        for k in (np.arange(500), turned)
    )
    np.testing.assert_array_equal(one.values, other.values)


def test_the_series_that_sell_most_are_kept_in_their_order() -> None:
    days = [MONDAY, MONDAY + 7] * 3
    found = panel_of(lines(days, [1.0, 1.0, 0.1, 0.1, -9.0, 9.0], [0, 0, 1, 1, 2, 2]), "week", most=2)
    assert found.names == ("s0", "s2")


def test_lines_without_a_value_tell_of_campaigns_ahead() -> None:
    log = lines([MONDAY, MONDAY + 7, MONDAY + 14], [1.0, 2.0, np.nan])
    found = panel_of(Lines(log.names, log.series, log.day, log.value, np.array([0.0, 1.0, 3.0])), "week")
    np.testing.assert_array_equal(found.values, [[1.0, 2.0]])
    np.testing.assert_array_equal(found.calendar(4), [[0.0, 1.0, 3.0, 0.0]])
    np.testing.assert_array_equal(found.without_campaign().calendar(4), [[0.0, 1.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (lines([MONDAY], [np.nan]), "No line has a value"),
        (lines([MONDAY, MONDAY], [1.0, np.inf]), "row 2 is infinite"),
        (lines([MONDAY + 1, MONDAY + 2, MONDAY + 2], [1.0, 1.0, 1.0]), "no whole week"),
    ],
)
def test_logs_without_a_period_to_learn_from_are_refused(log: Lines, message: str) -> None:
    with pytest.raises(LabError, match=message):
        panel_of(log, "week")


def test_a_campaign_without_a_number_is_refused() -> None:
    log = lines([MONDAY, MONDAY + 7], [1.0, 2.0])
    with pytest.raises(LabError, match="campaign of row 2"):
        panel_of(Lines(log.names, log.series, log.day, log.value, np.array([0.0, np.nan])), "week")


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'week'"):
        known_period("weeks")
