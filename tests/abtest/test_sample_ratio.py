from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from retention_lab.abtest.sample_ratio import sample_ratio
from retention_lab.errors import LabError
from tests.abtest.reference import expected


def test_counts_on_plan_are_no_surprise() -> None:
    found = sample_ratio({"b": 300, "a": 100}, {"a": 0.25, "b": 0.75})
    assert (found.p_value, found.log10_p) == (1.0, 0.0)
    assert found.observed == {"b": 300, "a": 100}
    assert found.planned == {"b": 0.75, "a": 0.25}


def test_the_order_of_the_arms_does_not_matter() -> None:
    one = sample_ratio([100, 120, 95], [0.3, 0.4, 0.3])
    other = sample_ratio({"2": 95, "0": 100, "1": 120}, {"0": 0.3, "1": 0.4, "2": 0.3})
    assert one.p_value == pytest.approx(other.p_value, rel=1e-12)


@pytest.mark.parametrize("tool", ["gbstats_pypi", "gbstats_repo"])
def test_gbstats_p_values_come_out_the_same(tool: str) -> None:
    compared = 0
    for case in expected(tool)["srm"]:
        users, weights = case["users"], np.array(case["weights"], dtype=float)
        if sum(users) == 0 or np.any(weights == 0):
            # The tool says p = 1 of no units at all, and leaves out an arm that should get none: of 20 units,
            # 10 of them there, it finds the other 10 too few with p = 0.025, where the plan is impossible.
            with pytest.raises(LabError):
                sample_ratio(users, weights / weights.sum())
            continue
        assert sample_ratio(users, weights / weights.sum()).p_value == pytest.approx(case["p"], rel=1e-9)
        compared += 1
    assert compared == 7


def test_statsmodels_and_tea_tastings_uncorrected_tests_come_out_the_same() -> None:
    record = expected("statsmodels")["base.csv"]["chisquare_srm_50_50"]
    assert sample_ratio([1034, 966], [0.5, 0.5]).p_value == pytest.approx(record["p"], rel=1e-9)
    for case in z_tests(corrected=False):
        share = case["ratio"] / (1 + case["ratio"])
        counts = [case["result"]["control"], case["result"]["treatment"]]
        found = sample_ratio(counts, [1 - share, share])
        assert found.p_value == pytest.approx(case["result"]["pvalue"], rel=1e-9)


def test_tea_tastings_correction_moves_the_count_half_a_unit_towards_the_plan() -> None:
    for case in z_tests(corrected=True):
        # Not offered here: where half a unit matters, the exact test is used instead.
        share = case["ratio"] / (1 + case["ratio"])
        control, treated = case["result"]["control"], case["result"]["treatment"]
        units = control + treated
        off = max(abs(treated - units * share) - 0.5, 0)
        p_value = 2 * norm.sf(off / np.sqrt(units * share * (1 - share)))
        assert p_value == pytest.approx(case["result"]["pvalue"], rel=1e-9)
        nearest = sample_ratio([control, treated], [1 - share, share]).p_value
        assert nearest <= case["result"]["pvalue"]


def z_tests(*, corrected: bool) -> list[dict[str, Any]]:
    found = [
        {**case, "ratio": float(case["call"].split("(")[1].split(",")[0])}
        for case in expected("tea_tasting")["cases"]
        if "SampleRatio" in case["call"] and f"'norm', correction={corrected}" in case["call"]
    ]
    assert len(found) == 6
    return found


def test_a_hopeless_split_has_a_logarithm() -> None:
    found = sample_ratio([4_900_000, 5_100_000], [0.5, 0.5])
    assert found.p_value == 0.0
    assert found.log10_p == pytest.approx(-870.488, abs=0.01)


def test_few_expected_units_are_tested_exactly() -> None:
    few = sample_ratio([0, 1900], [0.01, 0.99])
    assert few.exact
    assert few.p_value == pytest.approx(binomtest(0, 1900, 0.01).pvalue, rel=1e-9)
    assert not sample_ratio([30, 2000], [0.01, 0.99]).exact


@pytest.mark.parametrize(
    ("units", "shares"), [(4000, [0.5, 0.5]), (2000, [0.011, 0.989]), (900, [0.1, 0.2, 0.7])]
)
def test_a_clean_split_is_rarely_rejected(units: int, shares: list[float]) -> None:
    draws = np.random.default_rng(7).multinomial(units, shares, size=4000)
    rejected = np.mean([sample_ratio(row, shares).p_value < 0.01 for row in draws])
    assert rejected < 0.01 + 0.006  # 3.8 binomial standard errors: chi-square's own error comes on top


@pytest.mark.parametrize(
    ("counts", "shares", "says"),
    [
        ({"a": 1, "b": 2}, {"a": 0.5, "c": 0.5}, "a, b, and shares planned for a, c"),
        ({"a": 1}, {"a": 1.0}, "two arms or more"),
        ([0, 0], [0.5, 0.5], "no split to check"),
        ([10, 10], [0.5, 0.6], "sum to 1"),
        ([10, 10], [1.0, 0.0], "no arm"),
        ([10, -1], [0.5, 0.5], "below 0"),
        ([10, 10], [float("nan"), 0.5], "sum to 1"),
    ],
)
def test_counts_and_shares_that_do_not_go_together_are_refused(counts: Any, shares: Any, says: str) -> None:
    with pytest.raises(LabError, match=says):
        sample_ratio(counts, shares)
