import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import Analysis, analyze
from retention_lab.abtest.looks import looking
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summarise import summarise
from tests.abtest.units import spec

DAYS = 20


def daily(effect: float, seed: int = 1, units: int = 100) -> pa.Table:
    rng = np.random.default_rng(seed)
    n = 2 * DAYS * units
    day = np.repeat(np.arange(DAYS), 2 * units)
    arm = np.tile([0, 1], DAYS * units)
    return pa.table(
        {
            "arm": np.array(["a", "b"])[arm],
            "spend": rng.normal(0, 1, n) + arm * effect,
            "day": np.datetime64("2026-03-01") + day.astype("timedelta64[D]"),
        }
    )


def asked(timing: str, **plan: int) -> Specification:
    return spec(exposed_at="day", analysis={"sequential": timing}, plan={"n_per_arm": 2_000, **plan})


def analyzed(effect: float, timing: str, seed: int = 1, **plan: int) -> Analysis:
    wanted = asked(timing, **plan)
    return analyze(summarise(daily(effect, seed), wanted), wanted)


def test_every_day_is_a_look_and_the_last_one_is_the_result() -> None:
    found = analyzed(0.1, "always_valid")
    assert [look.day for look in found.looks] == [f"2026-03-{day:02d}" for day in range(1, DAYS + 1)]
    assert [look.units for look in found.looks] == [200 * (k + 1) for k in range(DAYS)]
    assert found.looks[-1].as_json()["p_value"] == found.metrics[0].as_json()["p_value"]


def test_an_always_valid_interval_is_longer_than_that_of_one_look() -> None:
    (valid,), (fixed,) = analyzed(0.1, "always_valid").metrics, analyzed(0.1, "fixed").metrics
    assert valid.lift is not None
    assert fixed.lift is not None
    assert valid.lift.value == fixed.lift.value
    assert 1.3 < (valid.lift.high - valid.lift.low) / (fixed.lift.high - fixed.lift.low) < 1.8
    assert valid.lift.p_value > fixed.lift.p_value


def test_planned_looks_fall_where_the_units_are() -> None:
    found = analyzed(0.1, "group_sequential", looks=4)
    assert [look.units for look in found.looks] == [1_000, 2_000, 3_000, 4_000]


@pytest.mark.slow
def test_looking_every_day_raises_few_false_alarms_only_where_it_is_paid_for() -> None:
    """300 tests without an effect: at 5 %, more than 27 alarms would be chance once in a thousand."""
    alarms = {"always_valid": 0, "fixed": 0}
    for seed in range(300):
        wanted = asked("always_valid")
        summary = summarise(daily(0.0, seed, units=100), wanted)
        found = analyze(summary, wanted)
        alarms["always_valid"] += any(
            one.comparison.lift.p_value < 0.05 for one in found.looks if one.comparison.lift
        )
        once = analyze(summary, asked("fixed"))
        alarms["fixed"] += any(
            one.comparison.lift.p_value < 0.05 for one in once.looks if one.comparison.lift
        )
    assert alarms["always_valid"] <= 27
    assert alarms["fixed"] > 50


def test_before_its_planned_end_a_fixed_test_says_nothing() -> None:
    wanted = spec(exposed_at="day", analysis={"sequential": "fixed"}, plan={"n_per_arm": 5_000})
    found = analyze(summarise(daily(1.0), wanted), wanted)
    assert found.decision.verdict == "keep_running"
    assert "3,000 more units" in found.decision.reasons[0]


@pytest.mark.parametrize("timing", ["always_valid", "group_sequential"])
def test_looks_begin_once_every_arm_has_a_hundred_units(timing: str) -> None:
    wanted = asked(timing)
    table = daily(1.0, units=4)
    found = analyze(summarise(table, wanted), wanted)
    assert found.looks == ()
    assert found.metrics[0].lift is None
    assert "looks begin at 100" in str(found.metrics[0].reason)


def test_planned_looks_without_a_planned_end_are_refused() -> None:
    wanted = spec(exposed_at="day", analysis={"sequential": "group_sequential"})
    found = analyze(summarise(daily(0.0), wanted), wanted)
    assert "plan.n_per_arm" in str(found.metrics[0].reason)


def test_the_planned_end_of_unequal_arms_is_that_of_the_smallest() -> None:
    uneven = spec(planned_shares={"a": 0.7, "b": 0.1, "c": 0.2}, plan={"n_per_arm": 1_000})
    assert looking(uneven, "b").planned == pytest.approx(8_000)
    assert looking(uneven, "c").planned == pytest.approx(9_000)
    assert looking(spec(plan={"n_per_arm": 1_000}), "b").planned == 2_000
