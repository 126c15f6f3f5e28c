import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.summarise import summarise
from tests.abtest.reference import expected, inputs
from tests.abtest.units import MEAN, SHARE, arms, spec


def test_effects_differ_by_segment_as_the_wald_test_of_a_regression_says() -> None:
    rows = inputs("base")
    asked = spec(
        {"name": "revenue", "type": "mean", "column": "revenue"}, arm="variant", control="0",
        analysis={"segments": ["segment"]},
    )  # fmt: skip
    (found,) = analyze(summarise(rows, asked), asked).interactions
    wanted = expected("statsmodels")["base.csv"]["wald_heterogeneity.segment.revenue.HC2"]
    assert found.statistic == pytest.approx(wanted["chi2"], rel=1e-9)
    assert found.p_value == pytest.approx(wanted["p"], rel=1e-9)
    assert found.freedom == wanted["df"]


@pytest.mark.parametrize("case", [0, 1, 2])
def test_a_guardrails_p_value_is_that_of_non_inferiority(case: int) -> None:
    """The other tool takes normal quantiles, and a share of control's mean as the margin."""
    record = expected("spotify_confidence")["non_inferiority"][case]
    rows = inputs("three_arm")
    rows = rows[rows["variant"] < 2]
    guard = {
        "name": "guard",
        "type": "proportion",
        "column": "has_order",
        "role": "guardrail",
        "worse_by_at_most": f"{100 * record['margin']:g}%",
        "better": "higher" if record["direction"] == "increase" else "lower",
    }
    asked = spec(guard, arm="variant", control="0", analysis={"distribution": "normal"})
    (found,) = analyze(summarise(rows, asked), asked).metrics
    assert found.lift is not None
    assert found.lift.p_value == pytest.approx(record["rows"][0]["p-value"], rel=1e-9)
    assert found.significant is bool(record["rows"][0]["is_significant"])


def test_a_guardrail_stays_out_of_the_correction() -> None:
    rng = np.random.default_rng(1)
    table = arms(rng.normal(0, 1, 900), rng.normal(0.1, 1, 900), other=rng.normal(0, 1, 1_800))
    guard = {"name": "guard", "type": "mean", "column": "other", "role": "guardrail", "worse_by_at_most": 0.5}
    alone = spec(MEAN, guard)
    found = {one.metric: one for one in analyze(summarise(table, alone), alone).metrics}
    assert found["spend"].lift is not None
    assert found["spend"].p_value_adjusted == pytest.approx(found["spend"].lift.p_value)
    second = spec(MEAN, guard, {"name": "second", "type": "mean", "column": "other"})
    both = {one.metric: one for one in analyze(summarise(table, second), second).metrics}
    smaller, larger = sorted(
        (one for name, one in both.items() if name != "guard"), key=lambda one: one.lift.p_value
    )  # type: ignore[union-attr]
    assert smaller.p_value_adjusted == pytest.approx(min(1, 2 * smaller.lift.p_value))  # type: ignore[union-attr]
    assert larger.p_value_adjusted == pytest.approx(max(smaller.p_value_adjusted, larger.lift.p_value))  # type: ignore[union-attr, type-var]
    assert both["guard"].p_value_adjusted == pytest.approx(both["guard"].lift.p_value)  # type: ignore[union-attr]


def test_a_skewed_metric_in_small_unequal_arms_says_how_its_interval_was_made() -> None:
    rng = np.random.default_rng(2)
    control = rng.lognormal(0, 1.5, 3_000) * (rng.random(3_000) < 0.1)
    treated = rng.lognormal(0, 1.5, 300) * (rng.random(300) < 0.1)
    (found,) = analyze(summarise(arms(control, treated), spec()), spec()).metrics
    ignored = spec(analysis={"skewness": "ignored"})
    (plain,) = analyze(summarise(arms(control, treated), ignored), ignored).metrics
    assert (found.method, plain.method) == ("skewness_corrected", "welch")
    assert found.lift is not None
    assert plain.lift is not None
    assert found.lift.high - found.lift.value > plain.lift.high - plain.lift.value  # the tail is above


def test_a_normal_metric_keeps_welchs_interval_to_the_last_digit() -> None:
    rng = np.random.default_rng(3)
    table = arms(rng.normal(5, 1, 2_000), rng.normal(5, 1, 2_000))
    ignored = spec(analysis={"skewness": "ignored"})
    found, plain = (analyze(summarise(table, one), one).metrics[0].as_json() for one in (spec(), ignored))
    assert found == plain


def test_a_quantile_is_answered_once_and_refused_at_every_look() -> None:
    rng = np.random.default_rng(4)
    p90 = {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9, "role": "primary"}
    table = arms(rng.exponential(1, 2_000), rng.exponential(1.2, 2_000))
    (found,) = analyze(summarise(table, spec(p90)), spec(p90)).metrics
    assert found.lift is not None
    assert found.lift.low < np.log(10) * 0.2 < found.lift.high
    watched = spec(p90, analysis={"sequential": "always_valid"})
    (refused,) = analyze(summarise(table, watched), watched).metrics
    assert "no interval that holds at every look" in str(refused.reason)


def test_clusters_count_and_not_the_units_in_them() -> None:
    rng = np.random.default_rng(5)
    store = np.repeat(np.arange(60), 50)
    level = rng.normal(0, 1, 60)[store]
    table = pa.table(
        {
            "arm": np.array(["a", "b"])[store % 2],
            "spend": 10 + level + rng.normal(0, 1, 3_000),
            "store": store,
        }
    )
    whole, alone = spec(cluster="store"), spec()
    by_cluster, by_unit = (analyze(summarise(table, one), one).metrics[0].lift for one in (whole, alone))
    assert by_cluster is not None
    assert by_unit is not None
    assert by_cluster.value == pytest.approx(by_unit.value, rel=1e-9)
    assert by_cluster.se > 4 * by_unit.se
    segmented = spec(cluster="store", analysis={"segments": ["store"]})
    refused = analyze(summarise(table, segmented), segmented).segments[0]
    assert "Whole clusters were randomised" in str(refused.reason)


def test_strata_take_off_what_lies_between_them() -> None:
    rng = np.random.default_rng(6)
    tier = rng.integers(0, 3, 3_000)
    table = arms(
        rng.normal(10, 1, 2_000) + 5 * tier[:2_000], rng.normal(10.1, 1, 1_000) + 5 * tier[2_000:], tier=tier
    )
    plain, within = spec(), spec(strata="tier")
    one, two = (analyze(summarise(table, asked), asked).metrics[0].lift for asked in (plain, within))
    assert one is not None
    assert two is not None
    assert two.se < 0.4 * one.se
    assert abs(two.value - 0.1) < 4 * two.se


def test_several_arms_are_corrected_together() -> None:
    rng = np.random.default_rng(7)
    table = {
        "arm": np.repeat(["a", "b", "c"], 500),
        "spend": rng.normal(0, 1, 1_500),
        "bought": (rng.random(1_500) < 0.2).astype(float),
    }
    asked = spec(MEAN, SHARE, analysis={"correction": "bonferroni"})
    for one in analyze(summarise(table, asked), asked).metrics:
        assert one.lift is not None
        assert one.p_value_adjusted == pytest.approx(min(1, 4 * one.lift.p_value))


@pytest.mark.parametrize(("better", "closed"), [("higher", "low"), ("lower", "high")])
def test_a_one_sided_guardrails_interval_is_closed_towards_harm(better: str, closed: str) -> None:
    rng = np.random.default_rng(8)
    guard = {**MEAN, "role": "guardrail", "better": better, "worse_by_at_most": 0.5}
    asked = spec(guard, analysis={"alternative": "greater"})
    (found,) = analyze(summarise(arms(rng.normal(5, 1, 900), rng.normal(5, 1, 900)), asked), asked).metrics
    assert found.lift is not None
    assert np.isfinite(getattr(found.lift, closed))
    assert np.isinf(getattr(found.lift, "high" if closed == "low" else "low"))
    assert found.significant is True
