import pytest

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.proportion_tests import (
    agresti_caffo_test,
    non_inferiority,
    relative_non_inferiority,
    score_test,
    z_test,
)
from retention_lab.abtest.proportions import score_difference
from retention_lab.errors import LabError
from tests.abtest.reference import expected
from tests.abtest.shares import statsmodels_counts

SIDES = {"two-sided": "two_sided", "larger": "greater", "smaller": "less"}


@pytest.mark.parametrize("file", ["base.csv", "skewed.csv"])
@pytest.mark.parametrize("side", list(SIDES))
@pytest.mark.parametrize(("variance", "name"), [("pooled", "pooled"), ("control", "p0")])
def test_z_tests_are_those_of_statsmodels(file: str, side: str, variance: str, name: str) -> None:
    answer = expected("statsmodels")[file][f"proportions_ztest.{side}.prop_var={name}"]
    found = z_test(*statsmodels_counts(file), alternative=SIDES[side], variance=variance)  # type: ignore[arg-type]
    assert found.statistic == pytest.approx(answer["z"], rel=1e-9)
    assert found.p_value == pytest.approx(answer["p"], rel=1e-9)


@pytest.mark.parametrize("file", ["base.csv", "skewed.csv"])
def test_a_margin_is_tested_as_by_statsmodels(file: str) -> None:
    answer = expected("statsmodels")[file]["test_proportions_2indep(value=-0.02, larger, agresti-caffo)"]
    found = agresti_caffo_test(*statsmodels_counts(file), alternative="greater", null=-0.02)
    assert found.statistic == pytest.approx(answer["z"], rel=1e-9)
    assert found.p_value == pytest.approx(answer["p"], rel=1e-9)


def test_a_million_units_keep_the_logarithm_of_p() -> None:
    found = z_test(ArmCounts(100_000, 10**6), ArmCounts(200_000, 10**6))
    assert found.p_value == 0.0
    assert -8600 < found.log10_p < -8400  # z = 198
    assert found.statistic == pytest.approx(198.03, abs=0.01)


def test_non_inferiority_holds_exactly_where_the_score_limit_passes_the_margin() -> None:
    arms = ArmCounts(430, 1000), ArmCounts(425, 1000)
    low = score_difference(*arms, alternative="greater").low
    assert non_inferiority(*arms, -low + 1e-9).p_value < 0.05 < non_inferiority(*arms, -low - 1e-9).p_value


def test_a_metric_to_be_low_is_the_same_question_about_failures() -> None:
    arms = ArmCounts(430, 1000), ArmCounts(425, 1000)
    failed = [ArmCounts(arm.failures, arm.units) for arm in arms]
    one, two = non_inferiority(*arms, 0.03), non_inferiority(*failed, 0.03, better="lower")
    assert one.p_value == pytest.approx(two.p_value, rel=1e-9)


def test_a_relative_margin_is_a_part_of_controls_share() -> None:
    arms = ArmCounts(4300, 10_000), ArmCounts(4250, 10_000)
    absolute = non_inferiority(*arms, 0.05 * 0.43).p_value
    relative = relative_non_inferiority(*arms, 0.05).p_value
    assert relative == pytest.approx(absolute, rel=0.2)  # but control's share is itself uncertain
    assert relative_non_inferiority(*arms, 0.0).p_value == pytest.approx(
        score_test(*arms, alternative="greater").p_value
    )
    worse = ArmCounts(425, 1000), ArmCounts(430, 1000)
    assert relative_non_inferiority(*worse, 0.2, better="lower").p_value < 0.001


def test_nobody_converted_is_a_question_for_the_score_test() -> None:
    none = ArmCounts(0, 500)
    with pytest.raises(LabError, match="pooled variance is 0"):
        z_test(none, none)
    assert score_test(none, none).p_value == 1.0
    assert non_inferiority(none, none, 0.02).p_value < 0.002


def test_margins_that_are_no_shares_are_refused() -> None:
    arms = ArmCounts(43, 100), ArmCounts(42, 100)
    with pytest.raises(LabError, match="margin 2"):
        non_inferiority(*arms, 2)
    with pytest.raises(LabError, match=r"margin -0\.1"):
        relative_non_inferiority(*arms, -0.1)
    with pytest.raises(LabError, match="a part of it is 0"):
        relative_non_inferiority(ArmCounts(0, 10), ArmCounts(1, 10), 0.1)
    with pytest.raises(LabError, match="difference of 1"):
        score_test(*arms, null=1.0)
