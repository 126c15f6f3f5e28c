import numpy as np
import pytest

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.designs import (
    design_for_days,
    design_for_effect,
    design_for_units,
    designs_for_days,
    designs_for_effects,
    effect_by_day,
)
from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.entry import steady_entry
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.power import power_of
from retention_lab.errors import LabError

SPEND = Comparison("spend", MeanOutcome(10.0, 25.0))
SCHEDULE = Schedule(steady_entry(np.full(14, 100)), window_days=14)


def test_an_effect_gives_units_and_days() -> None:
    design = design_for_effect(SPEND, 0.5, schedule=SCHEDULE)
    assert design.units == (1571, 1571)
    assert design.days == 32 + 14
    assert design.as_json()["days"] == 46
    assert design.mde_relative == pytest.approx(0.05)


def test_days_give_the_effect_that_their_units_find() -> None:
    design = design_for_days(SPEND, 46, schedule=SCHEDULE)
    assert design.units == (1600, 1600)
    assert power_of(SPEND, design.mde_absolute, 3_200) == pytest.approx(0.8)
    assert design.mde_absolute == design_for_units(SPEND, 3_200, schedule=SCHEDULE).mde_absolute


def test_the_table_has_a_row_for_each_choice() -> None:
    table = designs_for_effects(SPEND, [0.25, 0.5], [0.8, 0.9], schedule=SCHEDULE)
    assert [(one.mde_absolute, one.power) for one in table] == [
        (0.25, 0.8),
        (0.25, 0.9),
        (0.5, 0.8),
        (0.5, 0.9),
    ]
    assert table[0].n_per_arm == pytest.approx(4 * table[2].n_per_arm, rel=0.01)
    assert table[1].days is not None
    assert table[0].days is not None
    assert table[1].days > table[0].days
    by_days = designs_for_days(SPEND, [30, 60], [0.8], schedule=SCHEDULE)
    assert by_days[0].mde_absolute > by_days[1].mde_absolute


def test_the_curve_falls_and_starts_when_windows_have_closed() -> None:
    curve = effect_by_day(SPEND, np.arange(10, 40), schedule=SCHEDULE)
    assert curve.days[0] == 15  # a day of entry and a window of 14
    np.testing.assert_allclose(curve.units, 100 * (curve.days - 14))
    assert np.all(np.diff(curve.mde_absolute) < 0)
    assert curve.mde_relative is not None
    np.testing.assert_allclose(curve.mde_relative, curve.mde_absolute / 10)


def test_days_on_which_no_effect_could_be_found_are_left_out() -> None:
    high = Comparison("delivered", ProportionOutcome(0.99))
    curve = effect_by_day(high, np.arange(15, 60), schedule=SCHEDULE)
    assert curve.days[0] > 15
    assert np.all(curve.mde_absolute < 0.01)
    with pytest.raises(LabError, match="By day 15 too few units"):
        effect_by_day(high, np.array([14, 15]), schedule=SCHEDULE)


def test_a_mean_near_zero_has_a_curve_without_relative_effects() -> None:
    profit = Comparison("profit", MeanOutcome(-0.2, 25.0))
    assert effect_by_day(profit, np.array([20, 30]), schedule=SCHEDULE).mde_relative is None


def test_whole_units_are_not_rounded_up_by_a_hair() -> None:
    assert design_for_units(SPEND, 1_000.0).units == (500, 500)
    thirds = Comparison("spend", MeanOutcome(10.0, 25.0), shares=(1 / 3, 1 / 3, 1 / 3))
    assert design_for_units(thirds, 999.0).units == (333, 333, 333)


def test_days_before_the_first_window_closes_are_refused() -> None:
    with pytest.raises(LabError, match="0 units of all arms"):
        design_for_days(SPEND, 14, schedule=SCHEDULE)
