from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.design.choices import Planner
from retention_lab.abtest.design.outcome import MeanOutcome, ProportionOutcome
from retention_lab.abtest.design.past import Past, past_metric
from retention_lab.abtest.design.planned import OFTEN, hypothesis_of, planned_comparison, towards_better
from retention_lab.abtest.design.power import power_of
from retention_lab.abtest.design.precision import Precision
from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.summarise import summarise
from retention_lab.errors import LabError

EVEN = (0.5, 0.5)
SPEND = {"name": "spend", "type": "mean", "column": "spend", "role": "primary"}
BOUGHT = {"name": "bought", "type": "proportion", "column": "bought"}
COMPLAINED = {
    "name": "complained", "type": "proportion", "column": "complained", "role": "guardrail",
    "better": "lower", "worse_by_at_most": "10%",
}  # fmt: skip
PAST = Past(ProportionOutcome(0.2), Precision(), 1_000, 0)


def spec(*metrics: dict[str, Any], plan: dict[str, Any] | None = None, **analysis: Any) -> Specification:
    return specification(
        {
            "unit": "u", "arm": "arm", "control": "control", "metrics": list(metrics or (SPEND,)),
            "analysis": {"sequential": "fixed"} | analysis, "plan": plan or {},
        }
    )  # fmt: skip


def test_the_level_is_shared_by_metrics_and_arms() -> None:
    two = spec(SPEND, BOUGHT, COMPLAINED, confidence=0.95)
    assert hypothesis_of(two, two.metrics[0], 10.0, 2).alpha == pytest.approx(0.05 / 4)
    for correction in ("holm", "hochberg", "bonferroni", "benjamini_hochberg"):
        found = spec(SPEND, BOUGHT, correction=correction)
        assert hypothesis_of(found, found.metrics[1], 0.2, 1).alpha == pytest.approx(0.025)
    alone = spec(SPEND, BOUGHT, correction="none")
    assert hypothesis_of(alone, alone.metrics[0], 10.0, 2).alpha == 0.05


def test_a_guardrail_is_planned_as_its_margin_is_judged() -> None:
    guarded = spec(SPEND, BOUGHT, COMPLAINED)
    found = hypothesis_of(guarded, guarded.metrics[2], 0.2, 3)
    assert (found.alternative, found.null, found.alpha) == ("less", pytest.approx(0.02), 0.05)
    comparison = planned_comparison(guarded, guarded.metrics[2], PAST, EVEN)
    assert towards_better(comparison, guarded.metrics[2]) == -1


def test_a_test_that_is_read_once_has_no_looks() -> None:
    fixed = spec()
    comparison = planned_comparison(fixed, fixed.metrics[0], PAST, EVEN)
    assert comparison.looks is None
    assert comparison.hypothesis.distribution == "t"


def test_looks_whenever_one_likes_keep_the_level_and_cost_units() -> None:
    open_ = spec(sequential="always_valid")
    comparison = planned_comparison(open_, open_.metrics[0], PAST, EVEN)
    assert comparison.looks is not None
    assert len(comparison.looks.fractions) == OFTEN
    comparison.looks.check_level(comparison.hypothesis, 20_000)
    fixed = planned_comparison(spec(), open_.metrics[0], PAST, EVEN)
    assert (
        power_of(fixed, 0.02, 12_000) - 0.25
        < power_of(comparison, 0.02, 12_000)
        < power_of(fixed, 0.02, 12_000)
    )


def test_an_open_test_without_days_is_read_at_its_end_and_needs_more_units() -> None:
    open_ = spec(sequential="always_valid")
    daily = planned_comparison(open_, open_.metrics[0], PAST, EVEN)
    once = planned_comparison(open_, open_.metrics[0], PAST, EVEN, dated=False)
    assert once.looks is not None
    assert once.looks.fractions.tolist() == [1.0]
    assert power_of(once, 0.02, 20_000) < power_of(daily, 0.02, 20_000)


def test_an_open_test_cannot_stop_before_looks_begin() -> None:
    open_ = spec(sequential="always_valid", plan={"looks": 10})
    comparison = planned_comparison(open_, open_.metrics[0], PAST, (0.8, 0.2))
    assert comparison.looks is not None
    critical = comparison.looks.critical(2_000)  # the smaller arm has 40 units more at each look
    assert critical[:2].tolist() == [inf, inf]
    assert np.isfinite(critical[2:]).all()


def test_planned_looks_are_those_of_the_plan() -> None:
    looks = spec(sequential="group_sequential", plan={"looks": 4})
    comparison = planned_comparison(looks, looks.metrics[0], PAST, EVEN)
    assert comparison.looks is not None
    np.testing.assert_allclose(comparison.looks.critical(10_000), [4.333, 2.963, 2.359, 2.014], atol=5e-4)


def test_a_quantile_is_planned_for_a_test_that_is_read_once() -> None:
    p90 = {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9}
    fixed, open_ = spec(p90), spec(p90, sequential="always_valid")
    past = Past(MeanOutcome(50.0, 400.0), Precision(), 1_000, 0)
    assert planned_comparison(fixed, fixed.metrics[0], past, EVEN).hypothesis.distribution == "normal"
    with pytest.raises(LabError, match="no interval that holds at every look"):
        planned_comparison(open_, open_.metrics[0], past, EVEN)


def test_fewer_is_better_downwards() -> None:
    lower = spec({**SPEND, "better": "lower"})
    comparison = planned_comparison(lower, lower.metrics[0], PAST, EVEN)
    assert towards_better(comparison, lower.metrics[0]) == -1
    one_sided = spec({**SPEND, "better": "lower"}, alternative="greater")
    assert towards_better(planned_comparison(one_sided, lower.metrics[0], PAST, EVEN), lower.metrics[0]) == 1


def test_a_planned_test_finds_its_effect_as_often_as_planned() -> None:
    """Uneven arms and a covariate: designed from one sample, analysed in 400 others."""
    adjusted = spec({**SPEND, "covariates": ["before"]})
    metric, shares = adjusted.metrics[0], (0.3, 0.7)
    past = past_metric(_units(np.random.default_rng(0), 20_000, 0.0, 0.0), metric)
    planner = Planner(planned_comparison(adjusted, metric, past, shares), 1.0, 0.8, None)
    design = planner.for_effect(1.0)
    plain = replace(past, precision=Precision())
    assert sum(design.units) < 0.6 * sum(
        replace(planner, comparison=planned_comparison(adjusted, metric, plain, shares)).for_effect(1.0).units
    )
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(400):
        table = _units(rng, sum(design.units), design.units[1] / sum(design.units), 1.0)
        found += bool(analyze(summarise(table, adjusted), adjusted).metrics[0].significant)
    assert abs(found / 400 - 0.8) < 0.064  # 3.2 binomial standard errors


def _units(rng: np.random.Generator, units: int, treated: float, effect: float) -> pa.Table:
    before = rng.normal(size=units)
    arm = np.arange(units) < round(treated * units)
    return pa.table(
        {
            "u": np.arange(units),
            "arm": np.where(arm, "coupon", "control"),
            "before": before,
            "spend": 10 + 2 * before + effect * arm + rng.normal(scale=1.5, size=units),
        }
    )
