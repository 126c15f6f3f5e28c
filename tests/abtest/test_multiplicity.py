from itertools import combinations
from math import log
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, t

from retention_lab.abtest.multiplicity import (
    METHODS,
    _any_of,
    _still,
    adjusted_log10_p,
    adjusted_p_values,
    each_confidence,
    selected_confidence,
)
from retention_lab.errors import ConfigurationError, LabError
from tests.abtest.reference import expected, inputs

STATSMODELS = {
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm": "holm",
    "holm-sidak": "holm_sidak",
    "simes-hochberg": "hochberg",
    "hommel": "hommel",
    "fdr_bh": "benjamini_hochberg",
    "fdr_by": "benjamini_yekutieli",
}


def test_statsmodels_adjusted_p_values_come_out_the_same() -> None:
    compared = 0
    for case in expected("statsmodels")["multipletests"]:
        if (
            case["method"] in STATSMODELS
        ):  # the two-stage fdr_tsbh depends on alpha, so it has no p-value of its own
            mine = adjusted_p_values(case["p"], STATSMODELS[case["method"]])
            assert mine == pytest.approx(case["adjusted"], rel=1e-9)
            compared += 1
    assert compared == 40


def tea_tasting(call: str) -> tuple[list[float], list[float]]:
    (case,) = [one for one in expected("tea_tasting")["multiplicity"] if one["call"].endswith(call)]
    return [row["pvalue"] for row in case["rows"]], [row["pvalue_adj"] for row in case["rows"]]


@pytest.mark.parametrize(
    ("call", "method"),
    [
        ("adjust_fdr(three_arm results, None, {'alpha': 0.05})", "benjamini_hochberg"),
        ("'alpha': 0.05, 'method': 'bonferroni', 'arbitrary_dependence': True})", "holm"),
    ],
)
def test_tea_tastings_adjusted_p_values_come_out_the_same(call: str, method: str) -> None:
    p_values, adjusted = tea_tasting(call)
    assert adjusted_p_values(p_values, method) == pytest.approx(adjusted, rel=1e-9)


def test_tea_tastings_default_steps_up_with_sidaks_levels_which_is_not_offered() -> None:
    p_values, adjusted = tea_tasting("adjust_fwer(three_arm results, None, {'alpha': 0.05})")
    order = np.argsort(p_values)
    logs = np.log(np.array(p_values)[order])
    steps = np.minimum.accumulate(_any_of(logs, _still(logs))[::-1])[::-1]
    np.testing.assert_allclose(np.exp(steps), np.array(adjusted)[order], rtol=1e-9)
    # Two independent true nulls: it rejects at 0.05 more often than that, which Hochberg's method does not.
    sidak, hochberg = 1 - np.sqrt(0.95), 0.025
    assert 0.05**2 + 2 * sidak * 0.95 > 0.0505
    assert 0.05**2 + 2 * hochberg * 0.95 == pytest.approx(0.05)


def spotify(correction: str) -> list[dict[str, Any]]:
    return [
        one
        for one in expected("spotify_confidence")["multiple_difference"]
        if one["correction"] == correction
    ]


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "simes-hochberg", "fdr_bh"])
def test_spotifys_adjusted_p_values_come_out_the_same(correction: str) -> None:
    cases = spotify(correction)
    assert len(cases) >= 4
    for case in cases:
        mine = adjusted_p_values([row["p-value"] for row in case["rows"]], STATSMODELS[correction])
        assert mine == pytest.approx([row["adjusted p-value"] for row in case["rows"]], rel=1e-9)


def test_spotifys_adjusted_intervals_are_those_of_each_confidence() -> None:
    cases = [case for case in spotify("bonferroni") if case["cls"] in ("ZTest", "ChiSquared")]
    assert len(cases) == 3
    wider = norm.ppf(0.5 + each_confidence(0.95, 2) / 2) / norm.ppf(0.975)
    for row in (row for case in cases for row in case["rows"]):
        half = (row["ci_upper"] - row["ci_lower"]) / 2
        assert row["difference"] + wider * half == pytest.approx(row["adjusted ci_upper"], rel=1e-9)
        assert row["difference"] - wider * half == pytest.approx(row["adjusted ci_lower"], rel=1e-9)


def test_spotifys_adjusted_student_intervals_are_those_of_each_confidence() -> None:
    arms = dict(iter(inputs("three_arm").groupby("variant")))
    cases = [case for case in spotify("bonferroni") if case["cls"] == "StudentsTTest"]
    assert len(cases) == 2
    for case in cases:
        for row in case["rows"]:
            pair = [arms[row[level]][case["metric"]] for level in ("level_1", "level_2")]
            n = np.array([len(one) for one in pair])
            of_mean = np.array([one.var(ddof=int(case["metric"] == "revenue")) for one in pair]) / n
            freedom = of_mean.sum() ** 2 / np.sum(of_mean**2 / (n - 1))
            half = t.ppf(0.5 + each_confidence(0.95, 2) / 2, freedom) * np.sqrt(of_mean.sum())
            assert row["difference"] + half == pytest.approx(row["adjusted ci_upper"], rel=1e-9)
            assert row["difference"] - half == pytest.approx(row["adjusted ci_lower"], rel=1e-9)


def test_hommel_is_the_closed_test_of_simes() -> None:
    rng = np.random.default_rng(9)
    for _ in range(30):
        p = rng.beta(0.4, 1, size=6)

        def simes(subset: tuple[int, ...], p: np.ndarray = p) -> float:
            ordered = np.sort(p[list(subset)])
            return float(np.min(ordered * len(subset) / np.arange(1, len(subset) + 1)))

        subsets = [subset for size in range(1, 7) for subset in combinations(range(6), size)]
        closed = [max(simes(subset) for subset in subsets if k in subset) for k in range(6)]
        assert adjusted_p_values(p.tolist(), "hommel") == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_order_and_refused_comparisons_do_not_matter(method: str) -> None:
    p_values = [0.04, 0.0003, 0.7, 0.012, 0.012, 1.0]
    alone = adjusted_p_values(p_values, method)
    with_gaps = adjusted_p_values([None, *p_values[::-1], None], method)
    assert with_gaps == [None, *alone[::-1], None]
    for p, adjusted in zip(p_values, alone, strict=True):
        assert adjusted is not None
        assert p * (1 - 1e-12) <= adjusted <= 1


@pytest.mark.parametrize("method", METHODS)
def test_tiny_p_values_stay_apart_and_above_0(method: str) -> None:
    found = adjusted_log10_p([-400.0, -2000.0, None, -0.5, -401.0], method)
    tiny = [found[1], found[4], found[0]]
    assert tiny == sorted(tiny)  # type: ignore[type-var]
    assert len(set(tiny)) == 3
    assert all(value is not None and -2001 < value < -390 for value in tiny)


@pytest.mark.parametrize("method", METHODS)
def test_both_scales_say_the_same(method: str) -> None:
    p_values = [1e-200, 0.003, 0.2, 0.9]
    logs = adjusted_log10_p(np.log10(p_values).tolist(), method)
    plain = adjusted_p_values(p_values, method)
    np.testing.assert_allclose([10**one for one in logs if one is not None], plain, rtol=1e-9)


def test_a_p_value_of_0_stays_0_and_nothing_to_adjust_stays_nothing() -> None:
    assert adjusted_p_values([0.0, 1.0], "sidak") == [0.0, 1.0]
    assert adjusted_p_values([None, None]) == [None, None]
    assert adjusted_p_values([]) == []


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "sidak", "holm_sidak"])
def test_one_false_rejection_among_ten_is_as_rare_as_it_says(method: str) -> None:
    p_values = np.random.default_rng(10).random((3000, 10))
    false = np.mean(
        [min(one for one in adjusted_p_values(row.tolist(), method) if one) < 0.05 for row in p_values]
    )
    assert abs(false - 0.05) < 0.0127  # 3.2 binomial standard errors


def test_intervals_that_hold_together() -> None:
    assert each_confidence(0.9, 1) == pytest.approx(0.9)
    assert each_confidence(0.95, 5, "sidak") ** 5 == pytest.approx(0.95)
    assert each_confidence(0.95, 5, "sidak") < each_confidence(0.95, 5) == pytest.approx(0.99)


def test_intervals_of_discoveries_miss_on_average_as_little_as_they_say() -> None:
    rng = np.random.default_rng(12)
    truth = np.repeat([0.0, 3.0], [30, 10])
    missed = []
    for z in truth + rng.normal(size=(1500, 40)):
        adjusted = np.array(adjusted_p_values((2 * norm.sf(np.abs(z))).tolist(), "benjamini_hochberg"))
        chosen = adjusted < 0.1
        if chosen.any():
            reach = norm.ppf(0.5 + selected_confidence(0.9, int(chosen.sum()), 40) / 2)
            assert np.all(np.abs(z[chosen]) > reach)  # each interval leaves 0 out, as its p-value says
            missed.append(np.mean(np.abs(z - truth)[chosen] > reach))
        else:
            missed.append(0.0)
    assert np.mean(missed) < 0.1


def test_what_is_not_a_p_value_is_refused() -> None:
    for wrong in (1.2, -0.1, float("nan")):
        with pytest.raises(LabError, match="between 0 and 1"):
            adjusted_p_values([0.2, wrong])
    with pytest.raises(LabError, match="logarithm"):
        adjusted_log10_p([log(2)])


def test_an_unknown_method_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'holm'"):
        adjusted_p_values([0.2], "holms")
    with pytest.raises(ConfigurationError, match="bonferroni, sidak"):
        each_confidence(0.95, 3, "holm")


@pytest.mark.parametrize(("selected", "comparisons"), [(0, 5), (6, 5)])
def test_intervals_need_something_selected(selected: int, comparisons: int) -> None:
    with pytest.raises(LabError, match="are selected"):
        selected_confidence(0.95, selected, comparisons)


def test_intervals_need_a_confidence_and_a_comparison() -> None:
    for confidence, comparisons in ((1.0, 2), (0.95, 0)):
        with pytest.raises(LabError, match="intervals were asked for"):
            each_confidence(confidence, comparisons)
