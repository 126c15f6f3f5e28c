from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from scipy.stats import binomtest

from retention_lab.abtest.exact_multinomial import log_exact_p
from tests.abtest.reference import expected


@pytest.mark.parametrize(
    ("count", "units", "share"),
    [
        (3, 40, 0.2),
        (15, 40, 0.2),
        (0, 30, 0.1),
        (30, 30, 0.1),
        (5, 10, 0.5),
        (2, 10, 0.5),
        (8, 40, 0.2),
        (7, 9, 0.7),
    ],
)
def test_two_arms_are_the_exact_binomial_test(count: int, units: int, share: float) -> None:
    log_p = log_exact_p(np.array([count, units - count]), np.array([share, 1 - share]))
    assert np.exp(log_p) == pytest.approx(binomtest(count, units, share).pvalue, rel=1e-11)


def test_the_order_of_the_arms_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    for counts in rng.integers(0, 12, size=(30, 3)):
        shares = rng.dirichlet(np.ones(3))
        turned = log_exact_p(counts[[2, 0, 1]], shares[[2, 0, 1]])
        assert log_exact_p(counts, shares) == pytest.approx(turned, rel=1e-9, abs=1e-12)


def test_three_arms_sum_all_counts_that_are_no_likelier() -> None:
    counts, shares = (3, 1, 7), (0.2, 0.3, 0.5)

    def mass(table: tuple[int, ...]) -> float:
        ways = factorial(sum(table)) / prod(factorial(one) for one in table)
        return ways * prod(share**one for share, one in zip(shares, table, strict=True))

    tables = [table for table in product(range(12), repeat=3) if sum(table) == 11]
    p_value = sum(mass(table) for table in tables if mass(table) <= mass(counts) * (1 + 1e-9))
    assert np.exp(log_exact_p(np.array(counts), np.array(shares))) == pytest.approx(p_value, rel=1e-10)


def test_too_many_counts_to_list_are_tested_arm_by_arm() -> None:
    counts, shares = np.array([30, 9, 999_961]), np.array([1e-5, 1e-5, 1 - 2e-5])
    smallest = binomtest(30, 1_000_000, 1e-5).pvalue
    assert np.exp(log_exact_p(counts, shares)) == pytest.approx(3 * smallest, rel=1e-6)


def test_p_values_are_small_as_often_as_they_say_and_not_more() -> None:
    rng = np.random.default_rng(8)
    for shares, units in (([0.05, 0.95], 100), ([0.05, 0.15, 0.8], 30)):
        draws = rng.multinomial(units, shares, size=2000)
        p_values = {
            tuple(row): np.exp(log_exact_p(row, np.array(shares))) for row in np.unique(draws, axis=0)
        }
        small = np.mean([p_values[tuple(row)] <= 0.05 for row in draws])
        assert 0.005 < small < 0.05 + 0.0156  # 3.2 binomial standard errors


def test_probabilities_too_small_for_a_double_have_a_logarithm() -> None:
    assert log_exact_p(np.array([10_000, 0]), np.array([0.5, 0.5])) == pytest.approx(-9999 * np.log(2))


def test_tea_tastings_exact_tests_come_out_the_same() -> None:
    cases = [
        case
        for case in expected("tea_tasting")["cases"]
        if "SampleRatio" in case["call"] and ("binom" in case["call"] or "auto" in case["call"])
    ]
    assert len(cases) == 8
    for case in cases:
        ratio = float(case["call"].split("(")[1].split(",")[0].split(")")[0])
        result = case["result"]
        counts = np.array([result["control"], result["treatment"]])
        p_value = np.exp(log_exact_p(counts, np.array([1, ratio]) / (1 + ratio)))
        assert p_value == pytest.approx(result["pvalue"], rel=1e-9)
