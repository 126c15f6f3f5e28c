from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.histogram import Histogram, histogram
from retention_lab.abtest.ranks import (
    brunner_munzel_test,
    mann_whitney_exact_test,
    mann_whitney_test,
    probability_of_superiority,
    superiority_score_interval,
)
from retention_lab.errors import LabError
from tests.abtest.reference import expected, inputs

SIDES = ["two_sided", "greater", "less"]


def revenue(file: str) -> tuple[Histogram, Histogram]:
    rows = inputs(file)
    return tuple(histogram(rows.revenue[rows.variant == arm].to_numpy()) for arm in (0, 1))  # type: ignore[return-value]


def tied(seed: int, n: int, rate: float) -> np.ndarray:
    return np.random.default_rng(seed).poisson(rate, n).astype(float)


@pytest.mark.parametrize("file", ["base", "skewed"])
def test_u_is_that_of_statsmodels_reference_and_tea_tasting(file: str) -> None:
    found = mann_whitney_test(*revenue(file))
    answer = expected("statsmodels")[f"{file}.csv"]["mannwhitneyu(revenue)"]
    assert found.statistic == answer["u"]
    assert found.p_value == pytest.approx(answer["p"], rel=1e-9)
    (case,) = (
        one["result"]
        for one in expected("tea_tasting")["cases"]
        if one["input"] == f"{file}.csv" and one["call"] == "MannWhitneyU('revenue')"
    )
    chance = probability_of_superiority(*revenue(file)).value
    assert chance == pytest.approx(case["treatment"], rel=1e-9)
    assert chance - (1 - chance) == pytest.approx(case["effect_size"], rel=1e-9)
    assert found.p_value == pytest.approx(case["pvalue"], rel=1e-9)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("correction", [True, False])
def test_u_is_scipys_with_ties_and_without(side: str, correction: bool) -> None:
    for one, two in ((tied(1, 60, 2.0), tied(2, 45, 2.6)), (np.arange(30.0), np.arange(30.0) * 1.1 + 0.05)):
        word = side.replace("_", "-")
        answer = stats.mannwhitneyu(
            two, one, use_continuity=correction, alternative=word, method="asymptotic"
        )
        found = mann_whitney_test(
            histogram(one),
            histogram(two),
            alternative=side,
            correction=correction,  # type: ignore[arg-type]
        )
        assert found.statistic == answer.statistic
        assert found.p_value == pytest.approx(answer.pvalue, rel=1e-9)


@pytest.mark.parametrize("side", SIDES)
def test_the_exact_test_is_scipys_without_ties(side: str) -> None:
    rng = np.random.default_rng(3)
    one, two = rng.normal(size=9), rng.normal(0.7, size=12)
    answer = stats.mannwhitneyu(two, one, alternative=side.replace("_", "-"), method="exact")
    found = mann_whitney_exact_test(histogram(one), histogram(two), alternative=side)  # type: ignore[arg-type]
    assert found.p_value == pytest.approx(answer.pvalue, rel=1e-9)


def test_the_exact_test_with_ties_counts_all_ways_to_deal() -> None:
    one, two = np.array([0.0, 0, 1, 2, 2]), np.array([0.0, 2, 2, 5])
    pool, n = np.concatenate([one, two]), len(two)

    def u(chosen: tuple[int, ...]) -> float:
        treated = pool[list(chosen)]
        control = np.delete(pool, list(chosen))
        return float(sum(np.sum(t > control) + np.sum(t == control) / 2 for t in treated))

    all_u = np.array([u(chosen) for chosen in combinations(range(len(pool)), n)])
    seen = u((5, 6, 7, 8))
    arms = histogram(one), histogram(two)
    assert mann_whitney_exact_test(*arms, alternative="greater").p_value == pytest.approx(
        np.mean(all_u >= seen)
    )
    assert mann_whitney_exact_test(*arms, alternative="less").p_value == pytest.approx(np.mean(all_u <= seen))
    assert mann_whitney_exact_test(*arms).statistic == seen


@pytest.mark.parametrize("side", SIDES)
def test_brunner_and_munzel_are_scipys(side: str) -> None:
    one, two = tied(1, 60, 2.0), tied(2, 45, 2.6)
    word = {"greater": "less", "less": "greater"}.get(side, "two-sided")  # it asks about the first arm
    answer = stats.brunnermunzel(one, two, alternative=word)
    found = brunner_munzel_test(histogram(one), histogram(two), alternative=side)  # type: ignore[arg-type]
    assert found.statistic == pytest.approx(answer.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(answer.pvalue, rel=1e-9)


@pytest.mark.parametrize("method", [probability_of_superiority, superiority_score_interval])
def test_an_increasing_change_of_scale_changes_nothing_and_swapped_arms_turn_it_round(method) -> None:  # type: ignore[no-untyped-def]
    one, two = tied(1, 60, 2.0), tied(2, 45, 2.6)
    found = method(histogram(one), histogram(two))
    stretched = method(histogram(np.exp(one)), histogram(np.exp(two)))
    assert (found.value, found.low, found.high) == (stretched.value, stretched.low, stretched.high)
    swapped = method(histogram(two), histogram(one))
    assert (found.low, found.high) == pytest.approx((1 - swapped.high, 1 - swapped.low), abs=1e-12)
    assert found.p_value == pytest.approx(swapped.p_value)


@pytest.mark.parametrize("method", [probability_of_superiority, superiority_score_interval])
def test_the_interval_and_the_p_value_say_the_same(method) -> None:  # type: ignore[no-untyped-def]
    arms = histogram(tied(1, 60, 2.0)), histogram(tied(2, 45, 3.2))
    p_value = method(*arms).p_value
    assert method(*arms, confidence=1 - 0.99 * p_value).low < 0.5
    assert method(*arms, confidence=1 - 1.01 * p_value).low > 0.5
    greater = method(*arms, alternative="greater")
    assert greater.low == pytest.approx(method(*arms, confidence=0.9).low)
    assert greater.high == 1.0


def test_bins_hardly_move_the_ranks() -> None:
    rng = np.random.default_rng(4)
    one, two = rng.lognormal(2, 1, 9000), rng.lognormal(2.03, 1, 9000)
    found = mann_whitney_test(histogram(one), histogram(two))
    answer = stats.mannwhitneyu(two, one, method="asymptotic")
    assert not histogram(one).exact
    assert found.statistic == pytest.approx(answer.statistic, rel=1e-5)
    assert found.p_value == pytest.approx(answer.pvalue, rel=0.02)


def test_ten_million_units_keep_the_logarithm_of_p() -> None:
    counts = np.array([8_000_000, 2_000_000]), np.array([7_000_000, 3_000_000])
    arms = [Histogram(np.array([0.0, 1.0]), count, exact=True) for count in counts]
    found = mann_whitney_test(*arms)
    assert found.p_value == 0.0
    assert found.log10_p < -50_000
    assert probability_of_superiority(*arms).value == pytest.approx(0.55)


def test_arms_that_do_not_overlap_have_a_score_interval() -> None:
    apart = histogram(np.arange(5.0)), histogram(np.arange(10.0, 16.0))
    found = superiority_score_interval(*apart)
    assert found.value == found.high == 1.0
    assert 0.5 < found.low < 0.8
    with pytest.raises(LabError, match="do not overlap"):
        probability_of_superiority(*apart)
    with pytest.raises(LabError, match="do not overlap"):
        brunner_munzel_test(*apart)


def test_what_has_no_ranks_is_refused() -> None:
    same, one = histogram(np.ones(5)), histogram(np.array([3.0]))
    with pytest.raises(LabError, match="the same value"):
        mann_whitney_test(same, same)
    with pytest.raises(LabError, match="no spread"):
        probability_of_superiority(one, same)
    with pytest.raises(LabError, match="more than 2500"):
        mann_whitney_exact_test(histogram(np.arange(60.0)), histogram(np.arange(60.0)))
    with pytest.raises(LabError, match="by bins only"):
        mann_whitney_exact_test(one.binned(), same)
    assert mann_whitney_exact_test(one, same).p_value == pytest.approx(2 / 6)


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    rng, rounds = np.random.default_rng(5), 1500
    pairs = {
        "normal": (lambda n: rng.normal(0, 1, n), lambda n: rng.normal(1, 2, n), stats.norm.cdf(5**-0.5)),
        "ties": (lambda n: rng.binomial(1, 0.3, n) * 1.0, lambda n: rng.binomial(1, 0.4, n) * 1.0, 0.55),
    }
    for name, (control, treated, truth) in pairs.items():
        covered = 0
        for _ in range(rounds):
            found = probability_of_superiority(histogram(control(40)), histogram(treated(60)))
            covered += found.low <= truth <= found.high
        assert abs(covered / rounds - 0.95) < 0.018, name  # 3.2 binomial standard errors
