from typing import Any

import pytest

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.odds_ratio import adjusted_odds_ratio, logit_odds_ratio, score_odds_ratio
from retention_lab.errors import LabError
from tests.abtest.reference import expected
from tests.abtest.shares import statsmodels_counts

METHODS = [logit_odds_ratio, adjusted_odds_ratio, score_odds_ratio]


@pytest.mark.parametrize("file", ["base.csv", "skewed.csv"])
@pytest.mark.parametrize(
    ("method", "name"),
    [(logit_odds_ratio, "logit"), (adjusted_odds_ratio, "logit-adjusted"), (score_odds_ratio, "score")],
)
def test_intervals_are_those_of_statsmodels(method: Any, name: str, file: str) -> None:
    answer = expected("statsmodels")[file][f"confint_proportions_2indep.odds-ratio.{name}"]
    found = method(*statsmodels_counts(file))
    assert (found.low, found.high) == pytest.approx(tuple(answer), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_swapped_arms_and_swapped_outcomes_invert_the_ratio(method: Any) -> None:
    control, treated = ArmCounts(40, 900), ArmCounts(55, 700)
    failed = [ArmCounts(arm.failures, arm.units) for arm in (control, treated)]
    one = method(control, treated)
    for two in (method(treated, control), method(*failed)):
        assert (one.value, one.low, one.high) == pytest.approx((1 / two.value, 1 / two.high, 1 / two.low))
        assert one.p_value == pytest.approx(two.p_value)


@pytest.mark.parametrize("method", METHODS)
def test_one_sided_intervals_are_the_ends_of_wider_two_sided_ones(method: Any) -> None:
    arms = ArmCounts(40, 900), ArmCounts(55, 700)
    both = method(*arms, confidence=0.9)
    assert method(*arms, alternative="greater").low == pytest.approx(both.low)
    assert method(*arms, alternative="less").high == pytest.approx(both.high)
    assert method(*arms, alternative="less").low == 0


def test_odds_of_zero_are_answered_by_the_score() -> None:
    none, some, full = ArmCounts(0, 10), ArmCounts(5, 10), ArmCounts(10, 10)
    for arms in ((some, none), (full, some)):
        found = score_odds_ratio(*arms)
        assert (found.value, found.low) == (0, 0)
        assert 0 < found.high < 1
    assert adjusted_odds_ratio(none, some).low > 0


def test_odds_without_a_value_are_refused() -> None:
    none, some, full = ArmCounts(0, 10), ArmCounts(5, 10), ArmCounts(10, 10)
    for arms in ((none, some), (some, full), (none, none), (full, full)):
        with pytest.raises(LabError, match="no value"):
            score_odds_ratio(*arms)
        with pytest.raises(LabError, match="no logarithm"):
            logit_odds_ratio(*arms)
    with pytest.raises(LabError, match="odds ratio of -1"):
        score_odds_ratio(some, some, null=-1.0)
