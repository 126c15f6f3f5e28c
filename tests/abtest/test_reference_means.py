"""Means, ratios, covariates, strata and clusters beside what other tools answer on the same rows."""

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lab.abtest.arm import ArmValue, Compared, Form, compared
from retention_lab.abtest.lift import Rule, absolute_lift
from retention_lab.abtest.moments import Sums, moments_of
from retention_lab.abtest.relative import relative_lift
from retention_lab.abtest.stratify import stratified
from tests.abtest import reference

PLAIN, WITH_COVARIATE = Form(), Form(covariates=((1, None),))
RATIO, RATIO_WITH_COVARIATE = Form(below=1), Form(below=1, covariates=((2, 3),))


expected, inputs = lru_cache(reference.expected), lru_cache(reference.inputs)


def sums(rows: pd.DataFrame, columns: Sequence[str]) -> Sums:
    values = rows[list(columns)].to_numpy(dtype=np.float64)
    found = moments_of(
        values, np.zeros(len(values), dtype=np.int64), 1, len(columns), np.full(len(columns), 3.0)
    )
    return found.sums_over(np.array([True]))


def arms(rows: pd.DataFrame, columns: Sequence[str], form: Form, treated: int = 1) -> Compared:
    return compared([sums(rows[rows["variant"] == arm], columns) for arm in (0, treated)], form)


def assert_close(found: float, wanted: float, tolerance: float = 1e-9) -> None:
    assert found == wanted or abs(found - wanted) <= tolerance * abs(wanted), (found, wanted)


def tea_tasting_cases() -> list[Any]:
    cases = expected("tea_tasting")["cases"]
    return [case for case in cases if case["call"].startswith(("Mean(", "RatioOfMeans("))]


def test_means_and_ratios_agree_with_tea_tasting_in_every_field() -> None:
    cases = tea_tasting_cases()
    assert len(cases) == 256
    for case in cases:
        call = ast.parse(case["call"], mode="eval").body
        assert isinstance(call, ast.Call)
        columns = [ast.literal_eval(value) for value in call.args]
        settings = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        if case["call"].startswith("Mean("):
            form = PLAIN if len(columns) == 1 else WITH_COVARIATE
        else:
            form = RATIO if len(columns) == 2 else RATIO_WITH_COVARIATE
        rule = Rule(
            settings["confidence_level"],
            not settings["use_t"],
            settings["equal_var"],
            settings["alternative"].replace("-", "_"),
        )
        control, treated = arms(inputs(case["input"].removesuffix(".csv")), columns, form).arms
        lift, relative = absolute_lift(control, treated, rule), relative_lift(control, treated, rule, "log")
        wanted = case["result"]
        assert_close(control.value, wanted["control"])
        assert_close(treated.value, wanted["treatment"])
        assert_close(lift.value, wanted["effect_size"])
        assert_close(lift.low, wanted["effect_size_ci_lower"])
        assert_close(lift.high, wanted["effect_size_ci_upper"])
        assert_close(lift.p_value, wanted["pvalue"])
        assert_close(relative.value, wanted["rel_effect_size"])
        assert_close(relative.low, wanted["rel_effect_size_ci_lower"])
        assert_close(relative.high, wanted["rel_effect_size_ci_upper"])


def test_the_three_armed_and_the_generated_inputs_agree_too() -> None:
    found = expected("tea_tasting")
    metrics = {
        "orders_per_session": (["orders", "sessions"], RATIO),
        **{name: ([name, f"{name}_cov"], WITH_COVARIATE) for name in ("orders", "revenue", "margin")},
    }
    asked = [
        (inputs("three_arm"), one, *metrics[one["metric"]])
        for one in found["three_arm"]
        if one["metric"] in metrics
    ]
    users = inputs("tt_users")
    for name, columns in {
        "sessions_per_user": ["sessions"],
        "orders_per_user": ["orders"],
        "revenue_per_user": ["revenue"],
        "orders_per_session": ["orders", "sessions"],
    }.items():
        form = RATIO_WITH_COVARIATE if len(columns) == 2 else WITH_COVARIATE
        record = {"treatment": 1, "result": found["tt_users"][name]}
        asked.append((users, record, [*columns, *(f"{column}_covariate" for column in columns)], form))
    assert len(asked) == 12
    for rows, one, columns, form in asked:
        control, treated = arms(rows, columns, form, one["treatment"]).arms
        lift = absolute_lift(control, treated)
        assert_close(lift.value, one["result"]["effect_size"])
        assert_close(lift.low, one["result"]["effect_size_ci_lower"])
        assert_close(lift.p_value, one["result"]["pvalue"])


GBSTATS_TESTS = {
    "TwoSidedTTest": "two_sided",
    "OneSidedTreatmentGreaterTTest": "greater",
    "OneSidedTreatmentLesserTTest": "less",
}


def gbstats_metric(name: str) -> tuple[list[str], Form]:
    covariate = "CUPED" in name
    if name.startswith("ratio"):
        above, below = re.findall(r"\w+", name)[1:3]
        return [above, below], RATIO
    column = re.findall(r"\w+", name)[1]
    return ([column, f"{column}_cov"], WITH_COVARIATE) if covariate else ([column], PLAIN)


@pytest.mark.parametrize("tool", ["gbstats_repo", "gbstats_pypi"])
@pytest.mark.parametrize("case", ["base.csv", "skewed.csv", "three_arm.csv 0v1", "three_arm.csv 0v2"])
def test_fixed_tests_agree_with_gbstats(tool: str, case: str) -> None:
    rows, treated_arm = inputs(case.split()[0].removesuffix(".csv")), int(case[-1]) if " " in case else 1
    compared_numbers = 0
    for metric in expected(tool)[case]:
        name = metric["metric"]
        if name.startswith(("user quantile", "proportion(has_order) CUPED")) or (
            "ratio(" in name and "CUPED" in name
        ):
            continue  # quantiles: see test_quantile; the others take coefficients and variances of their own:
            # a ratio's coefficient weighs both arms alike whatever their sizes, a proportion's mixes n and n
            # - 1
        columns, form = gbstats_metric(name)
        control, treated = arms(rows, columns, form, treated_arm).arms
        if name.startswith("proportion"):
            control, treated = (
                ArmValue(one.value, one.value * (1 - one.value), one.n) for one in (control, treated)
            )
        for result in metric["results"]:
            if result["test"] not in GBSTATS_TESTS:
                continue
            rule = Rule(1 - result["alpha"], alternative=GBSTATS_TESTS[result["test"]])  # type: ignore[arg-type]
            found = result["result"]
            low, high = found["ci"]
            if result["difference_type"] == "absolute":
                lift = absolute_lift(control, treated, rule)
                assert_close(lift.value, found["expected"])
                assert_close(lift.p_value, found.get("pValue", found.get("p_value")))
                ours = (lift.low, lift.high)
            elif "CUPED" in name:
                continue  # theirs divides by control's mean as it was, ours by the adjusted one
            else:
                relative = relative_lift(control, treated, rule, "delta")
                assert_close(relative.value, found["expected"])
                ours = (relative.low, relative.high)
            assert_close(ours[0], low)
            if not (tool == "gbstats_pypi" and result["test"] == "OneSidedTreatmentLesserTTest"):
                assert_close(ours[1], high)  # the released package subtracts where it should add
            compared_numbers += 1
    assert compared_numbers >= 20


def test_strata_agree_with_gbstats_where_the_method_is_the_same() -> None:
    rows = inputs("base")
    seen = 0
    for case in expected("gbstats_repo")["post_stratified_by_segment base.csv"]:
        name = case["metric"]
        if name not in ("mean(revenue)", "ratio(orders/sessions)"):
            continue  # with covariates, theirs takes a coefficient a stratum; proportions: other variances
        columns, form = gbstats_metric(name)
        strata = [
            [sums(part[part["variant"] == arm], columns) for arm in (0, 1)]
            for _, part in rows.groupby("segment")
        ]
        found = stratified(strata, form)
        control, treated = found.arms
        if case["difference_type"] == "absolute":
            lift = absolute_lift(control, treated, covariance=found.covariance[1])
            value, se = lift.value, lift.se
        else:
            rule = Rule(normal=True)
            relative = relative_lift(control, treated, rule, "delta", found.covariance[1])
            value, se = relative.value, (relative.high - relative.low) / (2 * rule.quantile(inf))
        assert_close(value, case["result"]["expected"])
        assert_close(se, case["result"]["uplift"]["stddev"])
        seen += 1
    assert seen == 4


def test_clusters_agree_with_the_delta_method_of_their_totals() -> None:
    rows = inputs("clusters").groupby(["store_id", "variant"])["y"].agg(["sum", "count"]).reset_index()
    control, treated = arms(rows, ["sum", "count"], RATIO).arms
    lift = absolute_lift(control, treated, Rule(normal=True))
    wanted = expected("statsmodels")["clusters.csv"]["delta_ratio_of_cluster_totals"]
    assert_close(control.value, wanted["mean_control"])
    assert_close(lift.value, wanted["effect"])
    assert_close(lift.se, wanted["se"])
    assert_close(lift.p_value, wanted["p"])


@pytest.mark.parametrize("metric", ["revenue", "margin", "orders"])
@pytest.mark.parametrize("case", ["base.csv", "skewed.csv"])
def test_welch_and_student_agree_with_statsmodels(metric: str, case: str) -> None:
    control, treated = arms(inputs(case.removesuffix(".csv")), [metric], PLAIN).arms
    names = {"two_sided": "two-sided", "greater": "larger", "less": "smaller"}
    for pooled in (False, True):
        for alternative, word in names.items():
            key = f"CompareMeans({metric}).{'pooled' if pooled else 'unequal'}.{word}"
            wanted = expected("statsmodels")[case][key]
            for normal, letter in ((False, "t"), (True, "z")):
                rule = Rule(normal=normal, pooled=pooled, alternative=alternative)  # type: ignore[arg-type]
                lift = absolute_lift(control, treated, rule)
                assert_close(lift.value, wanted["diff"])
                assert_close(lift.p_value, wanted[f"p_{letter}"])
                assert_close(lift.low, wanted[f"ci_{letter}"][0])
                assert_close(lift.high, wanted[f"ci_{letter}"][1])


def test_coefficients_agree_with_the_regressions_of_statsmodels() -> None:
    """Its ancova takes one slope within arms and its `lin` one an arm; its errors rest on each row's
    leverage, which sums of squares do not keep."""
    rows = inputs("base")
    own = compared([sums(rows[rows["variant"] == arm], ["revenue", "revenue_cov"]) for arm in (0, 1)],
                   WITH_COVARIATE, "by_arm").arms  # fmt: skip
    wanted = expected("statsmodels")["base.csv"]["ols.lin.revenue.HC0"]
    assert_close(own[1].value - own[0].value, wanted["effect"])
    se = (own[0].error + own[1].error) ** 0.5
    assert abs(se / wanted["se"] - 1) < 2e-3
