from typing import Any

import pytest

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.proportion_ratio import adjusted_log_ratio, log_ratio, score_ratio
from retention_lab.errors import LabError
from tests.abtest.reference import expected
from tests.abtest.shares import counted_rows, statsmodels_counts

METHODS = [log_ratio, adjusted_log_ratio, score_ratio]


@pytest.mark.parametrize("file", ["base.csv", "skewed.csv"])
@pytest.mark.parametrize(
    ("method", "name"), [(log_ratio, "log"), (adjusted_log_ratio, "log-adjusted"), (score_ratio, "score")]
)
def test_intervals_are_those_of_statsmodels(method: Any, name: str, file: str) -> None:
    answer = expected("statsmodels")[file][f"confint_proportions_2indep.ratio.{name}"]
    found = method(*statsmodels_counts(file))
    assert (found.low, found.high) == pytest.approx(tuple(answer), rel=1e-9)


@pytest.mark.parametrize("file", ["base", "skewed"])
def test_the_relative_interval_is_that_of_tea_tasting(file: str) -> None:
    cases = [
        case
        for case in expected("tea_tasting")["cases"]
        if case["input"] == f"{file}.csv" and case["call"].startswith("Proportion('has_order', method='norm'")
    ]
    assert len(cases) == 12
    for case in cases:
        side = case["call"].split("alternative='")[1].split("'")[0].replace("-", "_")
        found = log_ratio(
            *counted_rows(file),
            alternative=side,
            variance="pooled" if "equal_var=True" in case["call"] else "separate",
            correction="correction=True" in case["call"],
        )
        answer = case["result"]
        assert found.value - 1 == pytest.approx(answer["rel_effect_size"], rel=1e-9)
        assert found.low - 1 == pytest.approx(answer["rel_effect_size_ci_lower"], rel=1e-9)
        assert found.high - 1 == pytest.approx(answer["rel_effect_size_ci_upper"], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_swapped_arms_invert_the_ratio(method: Any) -> None:
    control, treated = ArmCounts(40, 900), ArmCounts(55, 700)
    one, two = method(control, treated), method(treated, control)
    assert (one.value, one.low, one.high) == pytest.approx((1 / two.value, 1 / two.high, 1 / two.low))
    assert one.p_value == pytest.approx(two.p_value)


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_and_the_p_value_say_the_same(method: Any) -> None:
    arms = ArmCounts(4, 90), ArmCounts(13, 70)
    p_value = method(*arms).p_value
    assert method(*arms, confidence=1 - p_value * 0.99).low < 1
    assert method(*arms, confidence=1 - p_value * 1.01).low > 1


def test_no_success_of_treated_is_answered_by_the_score() -> None:
    found = score_ratio(ArmCounts(5, 10), ArmCounts(0, 10))
    assert (found.value, found.low) == (0, 0)
    assert 0 < found.high < 1
    full = score_ratio(ArmCounts(10, 10), ArmCounts(10, 10))
    assert full.low < full.value == 1 < full.high


def test_ratios_without_a_value_are_refused() -> None:
    none, some, full = ArmCounts(0, 10), ArmCounts(5, 10), ArmCounts(10, 10)
    for arms in ((none, some), (some, none), (none, none)):
        with pytest.raises(LabError, match="no logarithm"):
            log_ratio(*arms)
    with pytest.raises(LabError, match="variance is 0"):
        log_ratio(full, full)
    with pytest.raises(LabError, match="no known error"):
        adjusted_log_ratio(full, full)
    with pytest.raises(LabError, match="no value"):
        score_ratio(none, some)
    with pytest.raises(LabError, match="ratio of 0"):
        score_ratio(some, some, null=0.0)
