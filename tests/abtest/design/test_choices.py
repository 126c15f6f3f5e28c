import numpy as np
import pytest

from retention_lab.abtest.design.choices import Planner
from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.duration import Schedule
from retention_lab.abtest.design.entry import all_at_once, steady_entry
from retention_lab.abtest.design.hypothesis import Hypothesis
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.power import power_of
from retention_lab.errors import LabError

SHARE = Comparison("bought", ProportionOutcome(0.2), Hypothesis(distribution="normal"))
STEADY = Schedule(steady_entry(np.full(14, 500)), window_days=7)


def test_an_effect_a_share_units_and_days_answer_each_other() -> None:
    planner = Planner(SHARE, 1.0, 0.8, STEADY)
    design = planner.for_effect(0.02)
    assert planner.for_share(0.1).units == design.units
    assert planner.for_smallest_arm(design.n_per_arm).mde_absolute == pytest.approx(0.02, rel=1e-3)
    days = planner.with_days(design).days
    assert days is not None
    assert planner.for_days(days).mde_absolute <= 0.02 < planner.for_days(days - 1).mde_absolute


def test_the_smallest_arm_has_as_many_units_as_were_asked_for() -> None:
    uneven = Comparison("bought", ProportionOutcome(0.2), shares=(0.7, 0.1, 0.2))
    assert Planner(uneven, 1.0, 0.8, None).for_smallest_arm(1_000).units == (7_000, 1_000, 2_000)


def test_a_fall_of_a_share_is_smaller_than_the_rise_that_as_many_units_find() -> None:
    up, down = Planner(SHARE, 1.0, 0.8, STEADY), Planner(SHARE, -1.0, 0.8, STEADY)
    fall = down.for_smallest_arm(2_000)
    assert -fall.mde_absolute < up.for_smallest_arm(2_000).mde_absolute
    assert fall.alpha == 0.05
    assert power_of(SHARE, fall.mde_absolute, 4_000) == pytest.approx(0.8, abs=1e-6)
    assert down.for_share(0.1).mde_absolute == pytest.approx(-0.02)


def test_the_table_holds_what_cannot_be_with_its_reason() -> None:
    high = Comparison("kept", ProportionOutcome(0.9))
    table = Planner(high, 1.0, 0.8, STEADY).by_effect(Planner(high, 1.0, 0.8, STEADY).for_effect(0.06))
    impossible = [one for one in table if one.units is None]
    assert [one.mde_absolute for one in impossible] == pytest.approx([0.12, 0.12])
    assert all("between 0 and 1" in str(one.reason) for one in impossible)
    assert all(one.as_json()["n_per_arm"] is None for one in impossible)
    assert len({(one.mde_absolute, one.power) for one in table}) == 10


def test_a_power_of_ones_own_is_in_the_table() -> None:
    planner = Planner(SHARE, 1.0, 0.85, None)
    assert {one.power for one in planner.by_effect(planner.for_effect(0.02))} == {0.8, 0.85, 0.9}


def test_units_that_never_come_have_no_days_and_a_reason() -> None:
    once = Planner(SHARE, 1.0, 0.8, Schedule(all_at_once(1_000), window_days=30))
    found = once.with_days(once.for_effect(0.02))
    assert found.days is None
    assert "1,000 are there" in str(found.reason)
    assert once.with_days(once.for_smallest_arm(500)).days == 31
    assert once.by_days() == ()  # all come on one day, so there is nothing to choose


def test_without_a_schedule_days_are_null_and_cannot_be_asked_for() -> None:
    planner = Planner(SHARE, 1.0, 0.8, None, "No column says when units came in.")
    row = planner.with_days(planner.for_effect(0.02)).as_json()
    assert (row["days"], row["reason"]) == (None, "No column says when units came in.")
    with pytest.raises(LabError, match="14 days were asked for"):
        planner.for_days(14)
    assert planner.by_days() == ()


def test_each_length_finds_a_smaller_effect() -> None:
    found = Planner(SHARE, 1.0, 0.8, STEADY).by_days()
    assert [one.days for one in found] == [14, 21, 28, 35, 49, 63]
    assert np.all(np.diff([one.mde_absolute for one in found]) < 0)


def test_a_mean_near_zero_has_no_shares() -> None:
    planner = Planner(Comparison("profit", MeanOutcome(-0.1, 4.0)), 1.0, 0.8, None)
    assert all(one.mde_relative is None for one in planner.by_effect(planner.for_effect(0.1)))
    with pytest.raises(LabError, match="relative effect was asked for"):
        planner.for_share(0.05)
