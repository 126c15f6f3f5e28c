from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.simulate import simulate
from retention_lab.abtest.simulation.report import MetricSimulation, Simulation
from retention_lab.abtest.specification import specification
from retention_lab.errors import LabError

SHARE = {"name": "bought", "type": "proportion", "column": "bought", "role": "primary"}
SPEND = {"name": "spend", "type": "mean", "column": "spend", "covariates": ["before"]}


def table(units: int = 4000, seed: int = 1) -> dict[str, Any]:
    """Units in two arms, the second of which really does better: that is to be forgotten."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["a", "b"], units)
    bought = rng.random(units) < np.where(arm == "b", 0.4, 0.2)
    before = rng.gamma(2.0, 10.0, units)
    return {
        "user": np.arange(units),
        "arm": arm,
        "bought": bought.astype(float),
        "spend": before + bought * rng.gamma(2.0, 10.0, units),
        "before": before,
    }


def simulated(*metrics: dict[str, Any], analysis: Any = None, plan: Any = None, **asked: Any) -> Simulation:
    keys: dict[str, Any] = {
        "unit": "user",
        "arm": "arm",
        "control": "a",
        "metrics": metrics or (SHARE, SPEND),
    }
    keys |= {} if analysis is None else {"analysis": analysis}
    keys |= {} if plan is None else {"plan": plan}
    spec = specification({**keys, "planned_shares": {"a": 0.5, "b": 0.5}})
    return simulate(table(), spec, **{"replications": 2000, "looks": 5, **asked})


def only(found: Simulation) -> MetricSimulation:
    (one,) = found.metrics
    return one


def test_where_arms_are_random_the_level_holds_whatever_the_table_said() -> None:
    found = simulated(effect="20%")
    assert found.holds
    for one in found.metrics:
        assert one.false_positives is not None
        assert one.coverage is not None
        assert one.by_looks is not None
        assert one.false_positives.low < one.false_positives.value < one.false_positives.high
        assert one.coverage.low < one.coverage.value < one.coverage.high
        assert one.by_looks["always_valid"].false_positives.value < 0.05
        assert one.by_looks["fixed"].false_positives.value > 0.1  # stopping at whichever look pleases
        assert one.sentence.startswith(f"{one.metric} in b: the level holds. ")


def test_power_is_what_the_normal_distribution_says() -> None:
    one = only(simulated(SHARE, effect="0.04"))
    share = float(table()["bought"].mean())
    error = np.sqrt((share * (1 - share) + (share + 0.04) * (0.96 - share)) / 2000)
    shift = 0.04 / error
    rng = np.random.default_rng(0)
    wanted = np.mean(np.abs(rng.normal(shift, 1, 100_000)) > 1.96)
    assert one.effect == pytest.approx(0.04, abs=0.004)
    assert one.power == pytest.approx(wanted, abs=0.035)  # three binomial standard errors
    assert one.by_looks is not None
    powers = [one.by_looks[method].power for method in ("always_valid", "group_sequential", "fixed")]
    assert powers == sorted(powers)  # type: ignore[type-var]


def test_a_covariate_that_foretells_finds_more() -> None:
    plain = {name: value for name, value in SPEND.items() if name != "covariates"}
    with_it, without = (only(simulated(one, effect="3%")).power for one in (SPEND, plain))
    assert with_it is not None
    assert without is not None
    assert with_it > without + 0.1


def test_an_analysis_that_cannot_hold_is_told() -> None:
    rng = np.random.default_rng(1)
    orders = {"user": np.arange(1000), "spend": rng.lognormal(0, 1.5, 1000) * (rng.random(1000) < 0.1)}
    found = {}
    for how in ("ignored", "corrected"):
        spec = specification(
            {
                "unit": "user",
                "arm": "arm",
                "control": "a",
                "planned_shares": {"a": 0.9, "b": 0.1},
                "metrics": [{"name": "spend", "type": "mean", "column": "spend"}],
                "analysis": {"skewness": how},
            }
        )
        found[how] = simulate(orders, spec, replications=2000, looks=1)
    assert not found["ignored"].holds
    assert "the level does not hold" in only(found["ignored"]).sentence
    assert found["corrected"].holds


def test_the_planned_effect_is_planted_into_primary_metrics() -> None:
    found = simulated(plan={"mde": 0.02, "n_per_arm": 500, "looks": 3}, looks=None)
    assert (found.units, found.looks) == (1000, 3)
    bought, spend = found.metrics
    assert bought.effect == pytest.approx(0.02, abs=0.004)
    assert spend.effect is None
    assert spend.power is None


def test_the_same_seed_says_the_same() -> None:
    one, other, another = (simulated(SHARE, seed=seed, replications=300) for seed in (3, 3, 4))
    assert one == other
    assert one.metrics != another.metrics


def test_what_is_not_simulated_says_why() -> None:
    quantile = {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9}
    found = simulated(SHARE, quantile, analysis={"proportion": "exact"}, replications=100)
    assert all(one.false_positives is None and one.holds is None and one.reason for one in found.metrics)
    assert found.as_json()["metrics"][1]["reason"].startswith("quantiles")


def test_too_few_units_for_an_interval_say_so() -> None:
    found = simulated(SPEND, units=4, replications=200, looks=1)
    assert 0 < (only(found).intervals or 0) <= 1
    nobody = {"name": "nobody", "type": "mean", "column": "nobody"}
    spec = specification({"unit": "user", "arm": "arm", "control": "a", "metrics": [nobody]})
    (one,) = simulate({**table(), "nobody": np.zeros(4000)}, spec, replications=100, looks=1).metrics
    assert "no replication had an interval" in one.sentence


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"replications": 10}, "10 replications"),
        ({"units": 0}, "0 units"),
        ({"looks": 0}, "0 looks"),
        ({"looks": 50, "units": 40}, "50 looks were asked for at 40 units"),
        ({"effect": "lots"}, "no effect to plant"),
        ({"effect": "900%"}, "would make the share"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(LabError, match=message):
        simulated(SHARE, **asked)
