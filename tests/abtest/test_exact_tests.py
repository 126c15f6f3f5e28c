from typing import Any

import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.exact_tests import (
    barnard_test,
    boschloo_test,
    fisher_test,
    log_fisher_greater,
)
from retention_lab.errors import LabError
from tests.abtest.reference import expected
from tests.abtest.shares import counted_rows

TESTS = [fisher_test, barnard_test, boschloo_test]
SIDES = ["two_sided", "greater", "less"]


@pytest.mark.parametrize("file", ["base", "skewed"])
@pytest.mark.parametrize("side", SIDES)
def test_fisher_is_that_of_tea_tasting(file: str, side: str) -> None:
    (answer,) = (
        case["result"]
        for case in expected("tea_tasting")["cases"]
        if case["input"] == f"{file}.csv"
        and "method='fisher'" in case["call"]
        and side.replace("_", "-") in case["call"]
    )
    found = fisher_test(*counted_rows(file), alternative=side)  # type: ignore[arg-type]
    assert found.p_value == pytest.approx(answer["pvalue"], rel=1e-9)


@pytest.mark.parametrize("file", ["base", "skewed"])
@pytest.mark.parametrize(
    ("test", "name"),
    [(fisher_test, "fisher"), (barnard_test, "barnard"), (boschloo_test, "boschloo"), (barnard_test, "auto")],
)
def test_small_samples_are_those_of_tea_tasting(file: str, test: Any, name: str) -> None:
    (answer,) = (
        case["result"]
        for case in expected("tea_tasting")["cases"]
        if case["input"] == f"{file}.csv[first 200 rows]"
        and case["call"] == f"Proportion('has_order', method='{name}')"
    )
    found = test(*counted_rows(file, rows=200))
    assert found.p_value == pytest.approx(answer["pvalue"], rel=1e-9)


def outcomes(n0: int, n1: int) -> list[tuple[int, int]]:
    return [(x0, x1) for x0 in range(n0 + 1) for x1 in range(n1 + 1)]


@pytest.mark.parametrize("side", SIDES)
def test_fisher_is_the_textbooks_in_every_small_table(side: str) -> None:
    for x0, x1 in outcomes(5, 7):
        answer = stats.fisher_exact([[x1, 7 - x1], [x0, 5 - x0]], side.replace("_", "-")).pvalue
        found = fisher_test(ArmCounts(x0, 5), ArmCounts(x1, 7), alternative=side)  # type: ignore[arg-type]
        assert found.p_value == pytest.approx(answer, rel=1e-9)


@pytest.mark.parametrize("test", [barnard_test, boschloo_test])
@pytest.mark.parametrize("side", SIDES)
def test_the_worst_share_is_found_in_every_small_table(test: Any, side: str) -> None:
    # by adding up all outcomes at least as strong, over a fine grid of shares
    n0, n1 = 4, 6
    shares = np.linspace(1e-6, 1 - 1e-6, 4001)
    chance = {
        (x0, x1): stats.binom.pmf(x0, n0, shares) * stats.binom.pmf(x1, n1, shares)
        for x0, x1 in outcomes(n0, n1)
    }

    def strength(x0: int, x1: int, which: str) -> float:
        arms = ArmCounts(x0, n0), ArmCounts(x1, n1)
        if test is boschloo_test:
            return -fisher_test(*arms, alternative=which).p_value  # type: ignore[arg-type]
        z = barnard_test(*arms).statistic
        return {"two_sided": abs(z), "greater": z, "less": -z}[which]

    strengths = {(o, which): strength(*o, which) for o in chance for which in SIDES}

    def worst(x0: int, x1: int, which: str) -> float:
        bar = strengths[(x0, x1), which] - 1e-9
        return float(sum(chance[o] for o in chance if strengths[o, which] >= bar).max())

    for x0, x1 in outcomes(n0, n1)[::3]:
        if test is boschloo_test and side == "two_sided":
            answer = min(1.0, 2 * min(worst(x0, x1, "greater"), worst(x0, x1, "less")))
        else:
            answer = worst(x0, x1, side)
        found = test(ArmCounts(x0, n0), ArmCounts(x1, n1), alternative=side)
        assert found.p_value == pytest.approx(answer, rel=1e-3)
        assert found.p_value >= answer * (1 - 1e-9)


def test_the_unconditional_tests_keep_their_level_and_find_more_than_fisher() -> None:
    n, share = 7, 0.4
    masses = stats.binom.pmf(np.arange(n + 1), n, share)
    rejected = dict.fromkeys(TESTS, 0.0)
    for x0, x1 in outcomes(n, n):
        for test in TESTS:
            if test(ArmCounts(x0, n), ArmCounts(x1, n), alternative="greater").p_value <= 0.05:
                rejected[test] += masses[x0] * masses[x1]
    assert max(rejected.values()) <= 0.05
    assert min(rejected[barnard_test], rejected[boschloo_test]) > 1.5 * rejected[fisher_test]


@pytest.mark.parametrize("test", TESTS)
def test_swapped_arms_turn_the_side(test: Any) -> None:
    one, two = ArmCounts(3, 17), ArmCounts(9, 14)
    assert test(one, two, alternative="greater").log10_p == pytest.approx(
        test(two, one, alternative="less").log10_p, rel=1e-9
    )
    assert test(one, two).log10_p == pytest.approx(test(two, one).log10_p, rel=1e-9)


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("share", [0, 1])
def test_where_all_units_behave_alike_nothing_speaks_against_the_null(test: Any, share: int) -> None:
    assert test(ArmCounts(6 * share, 6), ArmCounts(9 * share, 9)).p_value == 1.0


@pytest.mark.parametrize("test", TESTS)
def test_one_unit_an_arm_is_answered(test: Any) -> None:
    assert test(ArmCounts(0, 1), ArmCounts(1, 1)).p_value >= 0.5


def test_a_p_value_beyond_floats_keeps_its_logarithm() -> None:
    found = fisher_test(ArmCounts(0, 1000), ArmCounts(1000, 1000))
    assert found.p_value == 0.0
    choices = sum(np.log10(np.arange(1001, 2001))) - sum(np.log10(np.arange(1, 1001)))
    assert found.log10_p == pytest.approx(np.log10(2) - choices, rel=1e-12)  # its mirror is as unlikely
    barnard = barnard_test(ArmCounts(0, 1000), ArmCounts(1000, 1000))
    assert barnard.log10_p == pytest.approx(np.log10(2) - 2000 * np.log10(2), rel=1e-9)  # worst at a half


def test_fishers_tail_is_summed_from_either_side() -> None:
    x0, x1 = np.array([0, 5, 10, 9, 1]), np.array([12, 3, 0, 2, 11])
    found = np.exp(log_fisher_greater(x0, 10, x1, 12))
    answer = [stats.hypergeom.sf(b - 1, 22, 12, a + b) for a, b in zip(x0, x1, strict=True)]
    np.testing.assert_allclose(found, answer, rtol=1e-10)


def test_counts_too_large_for_an_exact_answer_are_refused() -> None:
    with pytest.raises(LabError, match="at most 6000"):
        barnard_test(ArmCounts(1, 4000), ArmCounts(2, 4000))
    with pytest.raises(LabError, match="at most 6000"):
        boschloo_test(ArmCounts(1, 4000), ArmCounts(2, 4000))
    with pytest.raises(LabError, match="too many to add up"):
        fisher_test(ArmCounts(3 * 10**6, 10**7), ArmCounts(3 * 10**6, 10**7))
    assert fisher_test(ArmCounts(3, 10**7), ArmCounts(20, 10**7)).p_value < 0.001
