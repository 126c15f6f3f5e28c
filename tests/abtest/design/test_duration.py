import numpy as np
import pytest

from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.entry import returning_entry, steady_entry
from retention_lab.errors import LabError

HUNDRED_A_DAY = steady_entry(np.full(14, 100))


@pytest.mark.parametrize(("units", "days"), [(1, 1), (100, 1), (101, 2), (1_000, 10)])
def test_units_need_so_many_whole_days(units: float, days: int) -> None:
    assert Schedule(HUNDRED_A_DAY).days_until(units) == days


def test_an_outcome_window_is_waited_for_after_the_last_unit() -> None:
    schedule = Schedule(HUNDRED_A_DAY, window_days=30)
    assert schedule.days_until(1_000) == 40
    np.testing.assert_allclose(schedule.units_by(np.array([30, 31, 40])), [0, 100, 1_000])


def test_half_the_traffic_takes_twice_as_long() -> None:
    assert Schedule(HUNDRED_A_DAY, traffic=0.5).days_until(1_000) == 20


def test_a_flattening_curve_takes_longer_than_its_first_days_promise() -> None:
    entries = np.diff(10_000 * -np.expm1(-0.1 * np.arange(29)))
    schedule = Schedule(returning_entry(entries))
    assert schedule.days_until(9_000) == 24  # 10,000 (1 - exp(-0.1 d)); the first day's pace says 10 days


def test_units_that_will_never_come_are_refused_with_those_that_will() -> None:
    entries = np.diff(10_000 * -np.expm1(-0.1 * np.arange(29)))
    with pytest.raises(LabError, match=r"20000 units are needed, but only about (9|10)\d\d\d are"):
        Schedule(returning_entry(entries)).days_until(20_000)


def test_windows_and_traffic_that_cannot_be_are_refused() -> None:
    with pytest.raises(LabError, match="window is -1 days"):
        Schedule(HUNDRED_A_DAY, window_days=-1)
    for traffic in (0.0, 1.5, float("nan")):
        with pytest.raises(LabError, match="share of units"):
            Schedule(HUNDRED_A_DAY, traffic=traffic)
