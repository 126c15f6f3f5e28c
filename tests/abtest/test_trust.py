import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.summarise import summarise
from retention_lab.abtest.trust import trust
from retention_lab.checks import Check
from tests.abtest.units import MEAN, arms, spec

HALVES = {"a": 0.5, "b": 0.5}


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(one for one in checks if one["name"] == name)


@pytest.mark.parametrize(
    ("treated", "severity", "passed"), [(500, "hard", True), (590, "soft", False), (650, "hard", False)]
)
def test_the_sample_ratio_warns_first_and_then_refuses(treated: int, severity: str, passed: bool) -> None:
    rng = np.random.default_rng(1)
    table = arms(rng.normal(size=500), rng.normal(size=treated))
    found = analyze(summarise(table, spec(planned_shares=HALVES)), spec(planned_shares=HALVES))
    check = named(found.trust.checks, "sample_ratio")
    assert (check["severity"], check["passed"]) == (severity, passed)
    refused = severity == "hard" and not passed
    assert found.trust.trustworthy is not refused
    assert (found.decision.verdict == "do_not_trust") is refused


def test_without_planned_shares_the_ratio_cannot_be_asked() -> None:
    found = trust(summarise(arms(np.arange(9.0), np.arange(90.0)), spec()), spec())
    assert named(found.checks, "sample_ratio")["passed"] is None
    assert found.trustworthy


def test_arms_that_differed_before_the_test_are_named() -> None:
    rng = np.random.default_rng(2)
    before = np.concatenate([rng.normal(0, 1, 800), rng.normal(0.5, 1, 800)])
    asked = spec({**MEAN, "covariates": ["before"]})
    found = trust(summarise(arms(rng.normal(size=800), rng.normal(size=800), before=before), asked), asked)
    check = named(found.checks, "before_before")
    assert (check["severity"], check["passed"]) == ("soft", False)


def daily(effect_by_day: list[float], units: int = 400) -> pa.Table:
    rng = np.random.default_rng(3)
    days = len(effect_by_day)
    day = np.tile(np.arange(days), 2 * units)
    arm = np.repeat([0, 1], days * units)
    spend = rng.normal(0, 1, len(day)) + arm * np.array(effect_by_day)[day]
    return pa.table(
        {
            "arm": np.array(["a", "b"])[arm],
            "spend": spend,
            "day": np.datetime64("2026-03-01") + day.astype("timedelta64[D]"),
        }
    )


@pytest.mark.parametrize(
    ("effects", "passed"), [([0.3] * 8, True), ([1.0, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0], False)]
)
def test_an_effect_that_fades_is_seen(effects: list[float], passed: bool) -> None:
    asked = spec(exposed_at="day")
    check = named(trust(summarise(daily(effects), asked), asked).checks, "trend_spend")
    assert (check["severity"], check["passed"]) == ("soft", passed)
    assert ("falls" in check["detail"]) is not passed


def test_an_arm_that_stops_filling_up_is_noticed_by_its_days() -> None:
    table = daily([0.0] * 8)
    late = np.asarray(table["day"].to_numpy()) > np.datetime64("2026-03-05")
    kept = ~(late & (np.asarray(table["arm"].to_pylist()) == "b")) | (np.arange(len(table)) % 3 == 0)
    asked = spec(exposed_at="day", planned_shares=HALVES)
    found = trust(summarise(table.filter(pa.array(kept)), asked), asked)
    check = named(found.checks, "sample_ratio_by_day")
    assert (check["severity"], check["passed"]) == ("hard", False)
    assert "Since 2026-03-0" in check["detail"]


def test_a_cluster_in_two_arms_was_not_randomised_whole() -> None:
    store = np.array([f"s{i % 20}" for i in range(800)])
    asked = spec(cluster="store")
    rng = np.random.default_rng(4)
    mixed = trust(summarise(arms(rng.normal(size=400), rng.normal(size=400), store=store), asked), asked)
    assert named(mixed.checks, "whole_clusters")["passed"] is False
    whole = np.array([f"s{i // 40}" for i in range(800)])
    found = trust(summarise(arms(rng.normal(size=400), rng.normal(size=400), store=whole), asked), asked)
    assert named(found.checks, "whole_clusters")["passed"] is True


def test_clean_tests_are_hardly_ever_refused() -> None:
    """300 clean tests with days: at most 1 % may be refused; more than 9 of 300 would be chance once in
    10,000."""
    asked = spec(exposed_at="day", planned_shares=HALVES)
    refused = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n = 600
        table = pa.table(
            {
                "arm": np.array(["a", "b"])[rng.integers(0, 2, n)],
                "spend": rng.normal(size=n),
                "day": np.datetime64("2026-03-01") + rng.integers(0, 10, n).astype("timedelta64[D]"),
            }
        )
        refused += not trust(summarise(table, asked), asked).trustworthy
    assert refused <= 9
