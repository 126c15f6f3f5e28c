from collections.abc import Iterator
from math import log
from typing import Any

import numpy as np
import pytest

from retention_lab.abtest.sequential.confidence_sequence import half_width, log_p_value, optimal_rho
from retention_lab.abtest.sides import Alternative, ends
from retention_lab.errors import LabError
from tests.abtest.reference import expected, inputs

TOOLS = ["gbstats_pypi", "gbstats_repo"]
ALTERNATIVES: dict[str, Alternative] = {
    "SequentialTwoSidedTTest": "two_sided",
    "SequentialOneSidedTreatmentGreaterTTest": "greater",
    "SequentialOneSidedTreatmentLesserTTest": "less",
}


def rho_of_the_tool(tuning: float, alpha: float, alternative: Alternative) -> float:
    """One step of the fixed point that `optimal_rho` solves."""
    spread = -2 * log(alpha if alternative == "two_sided" else 2 * alpha)
    return float(np.sqrt((spread + np.log1p(spread)) / tuning))


def agrees(
    result: dict[str, Any], units: float, tuning: float, alpha: float, alternative: Alternative
) -> None:
    value, se, rho = (
        result["expected"],
        result["uplift"]["stddev"],
        rho_of_the_tool(tuning, alpha, alternative),
    )
    half = float(half_width(se, units, rho, alpha, alternative=alternative))
    assert ends(alternative, value, half) == pytest.approx(result["ci"], rel=1e-9, abs=1e-12)
    p_value = float(np.exp(log_p_value(value, se, units, rho, alternative=alternative)))
    theirs = result.get("pValue", result.get("p_value"))
    if alternative == "two_sided":
        assert p_value == pytest.approx(theirs, rel=1e-9)
    elif theirs == 0.4999:  # where its search begins: it looks no further
        assert p_value > 0.4999
    else:  # its search stops within 5e-5
        assert p_value == pytest.approx(theirs, abs=5e-5)


def sequential_results(tool: str) -> Iterator[tuple[float, dict[str, Any]]]:
    for metrics in expected(tool).values():
        for metric in metrics if isinstance(metrics, list) else ():
            for record in metric.get("results", ()):
                if record["test"] in ALTERNATIVES:
                    yield metric["stat_control"]["n"] + metric["stat_treatment"]["n"], record


def test_half_widths_are_those_of_gbstats() -> None:
    cases = expected("gbstats_repo")["sequential_halfwidth"]
    assert len(cases) == 48
    for case in cases:
        units, alpha, se = case["n"], case["alpha"], np.sqrt(case["s2"] / case["n"])
        for alternative, key in (("two_sided", "two"), ("greater", "one")):
            rho = rho_of_the_tool(case["sequential_tuning_parameter"], alpha, alternative)
            assert rho == pytest.approx(case[f"rho_{key}"], rel=1e-12)
            mine = float(half_width(se, units, rho, alpha, alternative=alternative))
            assert mine == pytest.approx(case[f"{key}_sided"], rel=1e-9)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_sequential_test_of_gbstats_comes_out_the_same(tool: str) -> None:
    compared = 0
    for units, record in sequential_results(tool):
        if record["result"]["uplift"]["stddev"] > 0:
            tuning, alpha = record["sequential_tuning_parameter"], record["alpha"]
            agrees(record["result"], units, tuning, alpha, ALTERNATIVES[record["test"]])
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("tool", TOOLS)
def test_where_gbstats_answers_p_1_without_a_variance_there_is_no_answer(tool: str) -> None:
    without = [one for _, one in sequential_results(tool) if one["result"]["uplift"]["stddev"] == 0]
    assert without
    for record in without:
        with pytest.raises(LabError, match="standard error"):
            half_width(record["result"]["uplift"]["stddev"], 2000.0, 0.04)


@pytest.mark.parametrize("tool", TOOLS)
def test_daily_looks_come_out_as_gbstats_has_them(tool: str) -> None:
    looks = expected(tool)["daily.csv cumulative looks"]
    assert len(looks) == 168
    for look in looks:
        agrees(look["sequential"], look["n_total"], look["tuning"], look["alpha"], "two_sided")


def test_all_looks_of_the_daily_table_at_once_are_its_28_looks() -> None:
    daily = inputs("daily").set_index(["variant", "day"])[["n", "sum_y", "sum_y2"]]
    n, total, squares = (
        np.array([daily.loc[arm, name].cumsum().to_numpy(dtype=float) for arm in (0, 1)]) for name in daily
    )
    mean, variance = total / n, (squares - total**2 / n) / (n - 1)
    value, se = mean[1] - mean[0], np.sqrt(np.sum(variance / n, axis=0))
    rho = rho_of_the_tool(5000, 0.05, "two_sided")
    half, log_p = half_width(se, n.sum(axis=0), rho), log_p_value(value, se, n.sum(axis=0), rho)
    looks = [
        look["sequential"]
        for look in expected("gbstats_repo")["daily.csv cumulative looks"]
        if look["metric"] == "mean_y" and look["tuning"] == 5000
    ]
    np.testing.assert_allclose(value - half, [look["ci"][0] for look in looks], rtol=1e-8)
    np.testing.assert_allclose(np.exp(log_p), [look["pValue"] for look in looks], rtol=1e-8)


@pytest.mark.parametrize("alpha", [0.1, 0.05, 1e-3, 1e-12, 1e-150])
def test_no_other_rho_gives_a_shorter_interval_at_the_planned_end(alpha: float) -> None:
    rho = optimal_rho(8000, alpha)
    around = rho * np.array([0.9, 0.999, 1.0, 1.001, 1.1])
    widths = [float(half_width(1.0, 8000.0, one, alpha)) for one in around]
    assert min(widths) == widths[2]


def test_rho_of_twice_alpha_is_nearly_the_best_for_one_side() -> None:
    rho = optimal_rho(8000, 0.05, alternative="greater")
    widths = [
        float(half_width(1.0, 8000.0, rho * by, alternative="greater")) for by in np.linspace(0.5, 2, 301)
    ]
    mine = float(half_width(1.0, 8000.0, rho, alternative="greater"))
    assert 1 <= mine / min(widths) < 1.001


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_the_p_value_is_alpha_where_the_interval_touches_0(alternative: Alternative) -> None:
    units = np.array([300.0, 5_000.0, 100_000.0])
    for alpha in (0.2, 0.05, 1e-9):
        half = half_width(np.ones(3), units, 0.03, alpha, alternative=alternative)
        value = -half if alternative == "less" else half
        log_p = log_p_value(value, np.ones(3), units, 0.03, alternative=alternative)
        np.testing.assert_allclose(log_p, log(alpha), rtol=1e-9)


def test_an_effect_on_the_wrong_side_is_no_evidence() -> None:
    assert (
        log_p_value(np.array([-9.0, 0.0]), np.ones(2), np.full(2, 5e3), 0.04, alternative="greater").max()
        == 0
    )


def test_p_values_too_small_for_a_double_keep_their_order() -> None:
    log_p = log_p_value(np.array([50.0, 60.0]), np.ones(2), np.full(2, 5e3), 0.04)
    assert log_p[1] < log_p[0] < -745


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    one = half_width(np.array([0.2]), np.array([900.0]), 0.05)
    cents = half_width(np.array([20.0]), np.array([900.0]), 0.05)
    assert cents[0] == pytest.approx(100 * one[0])


@pytest.mark.parametrize(
    ("planned", "alpha", "says"), [(0, 0.05, "0 units"), (np.nan, 0.05, "nan"), (10, 1.0, "level is 1")]
)
def test_a_plan_without_units_or_level_is_refused(planned: float, alpha: float, says: str) -> None:
    with pytest.raises(LabError, match=says):
        optimal_rho(planned, alpha)


def test_looks_without_units_are_counted_and_refused() -> None:
    with pytest.raises(LabError, match="1 of 2 looks have a number of units"):
        log_p_value(np.ones(2), np.ones(2), np.array([0.0, 10.0]), 0.1)
