"""What many replications say at once is what the analysis says of each."""

from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.arm import Form
from retention_lab.abtest.lift import Rule
from retention_lab.abtest.simulation.history import History, MetricUnits, history_of
from retention_lab.abtest.simulation.lifts import many_lifts
from retention_lab.abtest.simulation.sums import ManySums
from retention_lab.abtest.simulation.values import compare_many
from retention_lab.abtest.simulation.verdicts import METHODS, Judge, group_critical_values
from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.summarise import summarise
from retention_lab.arrays import Floats, Ints

UNITS, LOOKS, REPLICATIONS = 2000, 4, 5
SHARES = {"a": 0.75, "b": 0.25}
METRICS: list[dict[str, Any]] = [
    {"name": "bought", "type": "proportion", "column": "bought", "role": "primary"},
    {"name": "informed", "type": "proportion", "column": "bought", "covariates": ["before"]},
    {"name": "spend", "type": "mean", "column": "spend", "role": "primary"},
    {"name": "cut", "type": "mean", "column": "spend", "winsorise": 0.99},
    {"name": "adjusted", "type": "mean", "column": "spend", "covariates": ["before", "orders"]},
    {"name": "basket", "type": "ratio", "numerator": "spend", "denominator": "orders"},
    {"name": "basket_adjusted", "type": "ratio", "numerator": "spend", "denominator": "orders",
     "before": {"numerator": "before", "denominator": "orders_before"}},
    {"name": "profit", "type": "profit", "contribution": "spend", "contact_cost": "orders"},
]  # fmt: skip


def units(seed: int = 1) -> dict[str, Any]:
    """A table whose later rows come later; a few numbers are missing."""
    rng = np.random.default_rng(seed)
    bought = rng.random(UNITS) < 0.2
    spend = np.where(bought, rng.lognormal(3.0, 1.0, UNITS), 0.0)
    spend[:7] = np.nan
    before = rng.gamma(1.0, 10.0, UNITS)
    before[5:20] = np.nan
    day = np.arange(UNITS) * LOOKS // UNITS + 1
    return {
        "user": np.arange(UNITS),
        "bought": bought.astype(float),
        "spend": spend,
        "orders": 1.0 + rng.poisson(2.0, UNITS),
        "before": before,
        "orders_before": 1.0 + rng.poisson(3.0, UNITS),
        "city": rng.choice(["Bonn", "Köln", "Ulm"], UNITS),
        "store": rng.integers(0, 300, UNITS),
        "day": [f"2026-03-0{one}" for one in day],
    }


def test_spec(**changes: Any) -> Specification:
    keys = {"unit": "user", "arm": "arm", "control": "a", "planned_shares": SHARES, "metrics": METRICS}
    return specification({**keys, **changes})


test_spec.__test__ = False  # type: ignore[attr-defined]


def sums(one: MetricUnits, assigned: Floats, history: History, look: Ints) -> list[ManySums]:
    """Of every stratum, (looks, replications), added up plainly."""
    stratum = np.zeros(history.units, dtype=np.int64) if history.stratum is None else history.stratum
    columns = one.layout.columns(one.values, one.centre)
    found = []
    for s in range(stratum.max() + 1):
        until = [(look <= k) & (stratum == s) for k in range(look.max() + 1)]
        found.append(one.layout.sums(np.stack([assigned[:, w] @ columns[w] for w in until]), one.centre))
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"analysis": {"sequential": "fixed"}},
        {"analysis": {"sequential": "fixed", "skewness": "ignored", "adjustment": "by_arm"}},
        {"analysis": {"sequential": "fixed", "alternative": "greater", "distribution": "normal"}},
        {"analysis": {"sequential": "fixed", "pooled": True, "confidence": 0.9}},
        {"analysis": {"sequential": "fixed"}, "strata": "city"},
        {"analysis": {"sequential": "fixed"}, "cluster": "store"},
    ],
)
def test_effects_and_intervals_are_those_of_the_analysis(changes: dict[str, Any]) -> None:
    table, spec = units(), test_spec(**changes)
    history = history_of(table, spec)
    rng = np.random.default_rng(2)
    assigned = (rng.random((REPLICATIONS, history.units)) < 0.25).astype(float)
    look = np.zeros(history.units, dtype=np.int64)
    rule = Rule(
        spec.analysis.confidence,
        spec.analysis.distribution == "normal",
        spec.analysis.pooled,
        spec.analysis.alternative,
    )
    for k in range(REPLICATIONS):
        arm = np.where(assigned[k] == 1, "b", "a")
        rows = arm[level_of(table["store"])] if spec.cluster else arm
        wanted = {one.metric: one for one in analyze(summarise({**table, "arm": rows}, spec), spec).metrics}
        for one in history.metrics:
            judge = Judge(spec, one.form, one.layout.share, "b", group_critical_values(spec, 1))
            found = judge.compared(sums(one, 1 - assigned, history, look), sums(one, assigned, history, look))
            lifts = many_lifts(found.at(-1), rule, corrected=spec.analysis.skewness == "corrected")
            low, high = lifts.ends(rule)
            theirs = wanted[one.metric.name].lift
            assert theirs is not None, wanted[one.metric.name].reason
            mine = (lifts.value[k], lifts.se[k], low[k], high[k])
            assert mine == pytest.approx((theirs.value, theirs.se, theirs.low, theirs.high), rel=1e-9)
            assert lifts.rejected(rule)[k] == (theirs.p_value <= 1 - spec.analysis.confidence)


def level_of(stores: Ints) -> Ints:
    """The place of each unit's store among the stores, sorted as text."""
    return np.unique(stores.astype(str), return_inverse=True)[1]


@pytest.mark.parametrize("alternative", ["two_sided", "less"])
@pytest.mark.parametrize("timing", ["always_valid", "group_sequential"])
def test_looks_reject_where_the_analysis_rejects(timing: str, alternative: str) -> None:
    table = units()
    changes = {
        "exposed_at": "day",
        "planned_shares": {"a": 0.5, "b": 0.5},
        "plan": {"n_per_arm": UNITS // 2, "looks": LOOKS},
        "analysis": {"sequential": timing, "alternative": alternative, "confidence": 0.5},
    }
    spec = test_spec(**changes, metrics=[one for one in METRICS if one["name"] in ("bought", "spend")])
    history = history_of(table, spec)
    assert history.day is not None
    rng = np.random.default_rng(3)
    # each look has exactly the planned share of units, so that information is what was planned
    block = np.tile([0.0, 1.0], UNITS // LOOKS // 2)
    assigned = np.array(
        [np.concatenate([rng.permutation(block) for _ in range(LOOKS)]) for _ in range(REPLICATIONS)]
    )
    for one in history.metrics:
        if one.metric.name == "spend":
            one.values[:7] = 0.0  # no unit leaves, for the same reason
    table["spend"] = np.nan_to_num(table["spend"])
    found = {}
    for one in history.metrics:
        judge = Judge(spec, one.form, one.layout.share, "b", group_critical_values(spec, LOOKS))
        control = sums(one, 1 - assigned, history, history.day)
        found[one.metric.name] = judge.verdicts(control, sums(one, assigned, history, history.day), 0.0)
    some = set()
    for k in range(REPLICATIONS):
        arms = np.where(assigned[k] == 1, "b", "a")
        looks = analyze(summarise({**table, "arm": arms}, spec), spec).looks
        for name, verdicts in found.items():
            lifts = [look.comparison.lift for look in looks if look.comparison.metric == name]
            wanted = any(one is not None and one.p_value <= 0.5 for one in lifts)
            assert len(lifts) == LOOKS
            assert verdicts.by_looks[timing][k] == wanted
            some.add(wanted)
    assert some == {True, False}


def test_looks_begin_with_a_hundred_units_an_arm() -> None:
    table, spec = units(), test_spec(metrics=METRICS[:1])
    history = history_of(table, spec)
    one = history.metrics[0]
    assigned = np.zeros((1, UNITS))
    assigned[0, :99] = 1.0
    one.values[:99, 0], one.values[99:, 0] = 1.0, 0.0  # as different as can be
    one.values[99, 0] = 1.0
    control, treated = (
        sums(one, w, history, np.zeros(UNITS, dtype=np.int64)) for w in (1 - assigned, assigned)
    )
    verdicts = Judge(spec, Form(), True, "b", group_critical_values(spec, 1)).verdicts(control, treated, 0.0)
    assert verdicts.rejected.tolist() == [True]
    assert {method: verdicts.by_looks[method].tolist() for method in METHODS} == {
        method: [False] for method in METHODS
    }
    assert many_lifts(compare_many(control[0], treated[0], Form()), Rule()).known.all()
