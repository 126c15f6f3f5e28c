from typing import Any

import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.histogram import histogram
from retention_lab.abtest.quantile import (
    arm_quantile,
    quantile_difference,
    quantile_test,
    relative_quantile_difference,
)
from retention_lab.abtest.quantile_bootstrap import bootstrap_quantile_difference
from retention_lab.errors import LabError
from tests.abtest.reference import expected, inputs


def skewed(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(2, 1, n) + shift


def test_the_limits_of_a_median_are_the_textbook_order_statistics() -> None:
    found = arm_quantile(histogram(np.arange(1.0, 101.0)), 0.5)
    assert (found.value, found.low, found.high) == (50.5, 40.0, 61.0)  # of 100 units, 96.5 per cent


@pytest.mark.parametrize("confidence", [0.2, 0.95, 1 - 1e-12])
def test_limits_are_binomial_quantiles(confidence: float) -> None:
    miss = (1 - confidence) / 2
    for n, q in ((400, 0.3), (1000, 0.9), (5000, 0.05), (9001, 0.5)):
        found = arm_quantile(histogram(np.arange(1.0, n + 1)).binned(), q, confidence=confidence)
        ranks = stats.binom.ppf(miss, n, q), stats.binom.isf(miss, n, q) + 1
        assert (found.low, found.high) == pytest.approx(ranks, rel=1e-3)
        exact = histogram(np.arange(1.0, min(n, 4000) + 1))
        if exact.total == n:
            assert arm_quantile(exact, q, confidence=confidence).low == ranks[0]
            assert arm_quantile(exact, q, confidence=confidence).high == ranks[1]


def test_the_standard_error_is_that_of_the_normal_density() -> None:
    n = 40_000
    found = arm_quantile(histogram(np.random.default_rng(1).normal(size=n)), 0.5)
    assert found.se == pytest.approx(np.sqrt(np.pi / 2 / n), rel=0.15)  # its own error is near n^(-1/4)


def test_the_interval_and_the_p_value_say_the_same() -> None:
    control, treated = histogram(skewed(600, 2)), histogram(skewed(500, 3, 1.2))
    p_value = quantile_test(control, treated, 0.5).p_value
    inside = quantile_difference(control, treated, 0.5, confidence=1 - p_value * 0.97)
    outside = quantile_difference(control, treated, 0.5, confidence=1 - p_value * 1.03)
    assert inside.low <= 0 <= inside.high
    assert outside.low > 0
    assert inside.p_value == p_value


def test_one_sided_intervals_and_p_values_agree_with_each_other() -> None:
    control, treated = histogram(skewed(600, 2)), histogram(skewed(500, 3, 1.2))
    both = quantile_difference(control, treated, 0.5, confidence=0.9)
    greater = quantile_difference(control, treated, 0.5, alternative="greater")
    less = quantile_difference(control, treated, 0.5, alternative="less")
    assert greater.low == pytest.approx(both.low)
    assert greater.high == np.inf
    assert less.high == pytest.approx(both.high)
    assert greater.p_value + less.p_value == pytest.approx(1)  # type: ignore[operator]


def test_swapped_arms_turn_the_difference_round() -> None:
    control, treated = histogram(skewed(600, 2)), histogram(skewed(500, 3, 1.2))
    one, two = quantile_difference(control, treated, 0.8), quantile_difference(treated, control, 0.8)
    assert (one.value, one.low, one.high) == pytest.approx((-two.value, -two.high, -two.low))
    assert one.p_value == pytest.approx(two.p_value)


def test_a_margin_moves_the_null() -> None:
    control, treated = histogram(skewed(600, 2)), histogram(skewed(500, 3, 1.2))
    within = quantile_test(control, treated, 0.5, alternative="greater", null=-1.0)
    assert within.p_value < quantile_test(control, treated, 0.5, alternative="greater").p_value


def test_a_common_factor_leaves_the_relative_difference() -> None:
    one, two = skewed(600, 2), skewed(500, 3, 1.2)
    found = relative_quantile_difference(histogram(one), histogram(two), 0.5)
    scaled = relative_quantile_difference(histogram(one * 8), histogram(two * 8), 0.5)
    assert (found.value, found.low, found.high) == pytest.approx((scaled.value, scaled.low, scaled.high))
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(np.quantile(two, 0.5) / np.quantile(one, 0.5) - 1)


def test_a_p_value_beyond_floats_keeps_its_logarithm() -> None:
    control, treated = histogram(np.arange(4000.0)), histogram(np.arange(4000.0) + 10_000)
    found = quantile_test(control, treated, 0.5)
    assert found.p_value == 0.0
    assert found.log10_p < -1000


def test_a_quantile_inside_a_tie_of_both_arms_is_refused() -> None:
    rare = histogram(np.append(np.zeros(900), np.arange(1.0, 101.0)))
    with pytest.raises(LabError, match="inside a tie of both arms"):
        quantile_difference(rare, rare, 0.5)
    with pytest.raises(LabError, match="inside a tie of both arms"):
        quantile_test(rare, rare, 0.5)
    with pytest.raises(LabError, match="lies inside a tie"):
        bootstrap_quantile_difference(rare, rare, 0.5, seed=1)
    assert arm_quantile(rare, 0.5).high == 0.0  # of one arm, that it is 0 is an answer


def test_a_tie_of_one_arm_is_no_obstacle() -> None:
    one = histogram(np.append(np.zeros(900), np.arange(1.0, 101.0)))
    found = quantile_difference(one, histogram(np.append(np.zeros(100), np.ones(900))), 0.5)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.p_value is not None
    assert 0 < found.p_value < 1e-100


def test_bins_never_make_a_difference_of_their_own() -> None:
    rng = np.random.default_rng(5)  # a price that a fifth of the units pay, among thousands of others
    one, two = (np.where(rng.random(40_000) < 0.2, 7.399, rng.lognormal(2, 1, 40_000)) for _ in range(2))
    control, treated = histogram(one), histogram(two)
    assert not control.exact
    assert np.quantile(one, 0.5) == np.quantile(two, 0.5) == 7.399
    found = quantile_difference(control, treated, 0.5)
    assert found.low <= 0 <= found.high
    assert found.p_value is not None
    assert found.p_value > 0.3


def test_too_few_units_for_an_extreme_quantile_are_refused_with_how_many_it_takes() -> None:
    with pytest.raises(LabError, match="Wait for 36 units"):
        arm_quantile(histogram(np.arange(30.0)), 0.9)
    assert arm_quantile(histogram(np.arange(36.0)), 0.9).high == 35.0
    with pytest.raises(LabError, match="Wait for 36 units"):
        quantile_difference(histogram(np.arange(30.0)), histogram(np.arange(99.0)), 0.9)


def test_a_ratio_needs_quantiles_above_zero() -> None:
    zeros = histogram(np.append(np.zeros(300), np.arange(700.0)))
    with pytest.raises(LabError, match="no ratio"):
        relative_quantile_difference(zeros, histogram(np.arange(1000.0)), 0.2)


def test_the_bootstrap_is_that_of_resampled_units() -> None:
    values, rng = skewed(41, 7), np.random.default_rng(8)
    control = histogram(np.array([0.0, 1e-9]))  # next to constant: all the spread is treated's
    found = bootstrap_quantile_difference(control, histogram(values), 0.3, seed=9, replicates=40_000)
    resampled = np.quantile(rng.choice(values, (40_000, 41)), 0.3, axis=1)
    assert found.se == pytest.approx(resampled.std(), rel=0.02)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(resampled, [0.025, 0.975])), rel=0.05)


def test_one_seed_gives_one_bootstrap() -> None:
    arms = histogram(skewed(100, 1)), histogram(skewed(100, 2))
    one, two, three = (bootstrap_quantile_difference(*arms, 0.5, seed=seed) for seed in (1, 1, 2))
    assert one == two != three
    with pytest.raises(LabError, match="50 replicates"):
        bootstrap_quantile_difference(*arms, 0.5, seed=1, replicates=50)


def test_the_bootstrap_agrees_with_the_order_statistics() -> None:
    arms = histogram(skewed(2000, 1)), histogram(skewed(2000, 2))
    one, two = quantile_difference(*arms, 0.5), bootstrap_quantile_difference(*arms, 0.5, seed=3)
    assert one.se == pytest.approx(two.se, rel=0.1)
    assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=0.2 * one.se)


@pytest.mark.parametrize(("column", "q"), [("revenue", 0.5), ("revenue", 0.9), ("sessions", 0.75)])
def test_values_are_those_of_tea_tasting_and_its_resampled_interval_is_near(column: str, q: float) -> None:
    rows = inputs("base")
    control, treated = (histogram(rows[column][rows.variant == arm].to_numpy()) for arm in (0, 1))
    (case,) = (
        one["result"]
        for one in expected("tea_tasting")["cases"]
        if one["input"] == "base.csv" and one["call"].startswith(f"Quantile('{column}', q={q},")
    )
    assert control.quantile(q) == pytest.approx(case["control"], rel=1e-9)
    assert treated.quantile(q) == pytest.approx(case["treatment"], rel=1e-9)
    if column == "sessions":  # whole numbers: both intervals are steps
        return
    found = bootstrap_quantile_difference(control, treated, q, seed=1)
    assert found.value == pytest.approx(case["effect_size"], rel=1e-9)
    # it turns the percentiles round the value (basic), of 2000 draws of another generator, which leave an end
    # an error of 0.06 standard errors
    basic = 2 * found.value - found.high, 2 * found.value - found.low
    ends = case["effect_size_ci_lower"], case["effect_size_ci_upper"]
    assert basic == pytest.approx(ends, abs=0.18 * found.se)


def zero_inflated(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.6, 0.0, np.round(rng.lognormal(2, 1, n)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "q", "most"),
    [
        (lambda rng, n: rng.normal(size=n), 0.5, 0.975),
        (lambda rng, n: rng.lognormal(2, 1.5, n), 0.5, 0.975),
        (lambda rng, n: rng.lognormal(2, 1.5, n), 0.9, 0.985),
        (lambda rng, n: rng.poisson(30, n).astype(float), 0.5, 1.0),
        (zero_inflated, 0.75, 1.0),
    ],
    ids=["normal", "lognormal", "upper tail", "ties", "zeros"],
)
def test_intervals_cover_as_often_as_they_say(draw: Any, q: float, most: float) -> None:
    rng, rounds, covered = np.random.default_rng(11), 1000, 0
    for _ in range(rounds):
        found = quantile_difference(histogram(draw(rng, 200)), histogram(draw(rng, 300)), q)
        covered += found.low <= 0 <= found.high
    # 3.2 binomial standard errors below; above, order statistics are cautious in small arms and in ties
    assert 0.95 - 0.022 < covered / rounds <= most
