from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.uplift.ranking import (
    autoc,
    gain_curve,
    qini,
    qini_difference,
    radcliffe_qini,
    uplift_at,
)

Measure = Callable[..., Estimate]


def top_thirty(e: np.ndarray, score: np.ndarray, group: np.ndarray | None = None) -> Estimate:
    return uplift_at(e, score, 0.3, group)


MEASURES: list[Measure] = [qini, autoc, top_thirty]


def customers(rows: int, seed: int, *, levels: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Effect scores, and a model's score that knows part of the effect."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=rows)
    if levels:
        score = np.round(score)
    effect = 0.3 * np.tanh(score) + 0.2 * rng.normal(size=rows) + 0.1
    return effect + 0.5 * rng.normal(size=rows), score


def test_qini_is_the_mean_of_effect_times_distance_from_the_middle_rank() -> None:
    e, score = customers(500, 1, levels=True)
    descending = (stats.rankdata(-score, method="average") - 0.5) / 500
    assert qini(e, score).value == pytest.approx(float(np.mean(e * (0.5 - descending))), abs=1e-15)


def test_qini_is_the_area_between_the_gain_curve_and_its_chord() -> None:
    e, score = customers(400, 1)
    curve = gain_curve(e, score, points=400)
    area = np.trapezoid([0.0, *(g.value for g in curve.gain)], dx=1 / 400) - e.mean() / 2
    assert qini(e, score).value == pytest.approx(area, abs=1e-12)


def test_autoc_is_the_mean_gap_between_the_top_and_everybody() -> None:
    e, score = customers(2000, 1)
    top = np.cumsum(e[np.argsort(-score)]) / np.arange(1, 2001)
    assert autoc(e, score).value == pytest.approx(
        float(np.mean(top - e.mean())), abs=0.003
    )  # a grid of 2,000


def test_uplift_at_takes_the_best_customers_and_part_of_a_tie() -> None:
    e = np.array([4.0, 2.0, 1.0, 0.0])
    assert uplift_at(e, np.array([9.0, 8.0, 7.0, 6.0]), 0.5).value == pytest.approx(3.0)
    assert uplift_at(e, np.array([9.0, 8.0, 8.0, 6.0]), 0.5).value == pytest.approx((4 + 1.5) / 2)
    assert uplift_at(e, np.zeros(4), 0.5).value == pytest.approx(e.mean())


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("levels", [False, True])
def test_row_order_and_the_scale_of_the_score_do_not_matter(measure: Measure, levels: bool) -> None:
    e, score = customers(300, 2, levels=levels)
    order = np.random.default_rng(3).permutation(300)
    plain = measure(e, score)
    for other in (measure(e[order], score[order]), measure(e, np.exp(score))):
        assert other.value == pytest.approx(plain.value, abs=1e-12)
        assert other.se == pytest.approx(plain.se, abs=1e-12)


@pytest.mark.parametrize("levels", [False, True])
def test_a_million_rows_in_another_order_give_the_same_to_twelve_digits(levels: bool) -> None:
    e, score = customers(1_000_000, 2, levels=levels)
    order = np.random.default_rng(3).permutation(len(e))
    one, other = qini(e, score), qini(e[order], score[order])
    for a, b in ((one.value, other.value), (one.se, other.se), (one.low, other.low)):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_several_rows_of_a_customer_make_no_result_surer_than_it_is(measure: Measure) -> None:
    customer = np.repeat(np.arange(100), 5)
    covered, runs = 0, 400
    truth = measure(*shared_effects(200_000, 1)).value
    for seed in range(runs):
        found = measure(*shared_effects(100, seed), customer)
        covered += found.low <= truth <= found.high
    assert abs(covered / runs - 0.95) < 0.036  # 3.3 binomial standard errors


def shared_effects(people: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Five rows each: the noise is the customer's, the score half the row's."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=5 * people) + np.repeat(rng.normal(size=people), 5)
    e = 0.3 * np.tanh(score) + np.repeat(rng.normal(size=people), 5)
    return e, score


@pytest.mark.parametrize("measure", MEASURES)
def test_results_are_in_the_unit_of_the_effect(measure: Measure) -> None:
    e, score = customers(300, 2)
    assert measure(100 * e, score).se == pytest.approx(100 * measure(e, score).se)


@pytest.mark.parametrize("measure", MEASURES)
def test_repeating_every_customer_changes_neither_value_nor_error(measure: Measure) -> None:
    e, score = customers(500, 4)
    twice = measure(np.repeat(e, 2), np.repeat(score, 2), np.repeat(np.arange(500), 2))
    assert twice.value == pytest.approx(measure(e, score).value, rel=1e-9)
    assert twice.se == pytest.approx(measure(e, score).se, rel=0.02)  # the tie smooths the cut a little


@pytest.mark.parametrize("measure", [qini, autoc])
def test_a_score_that_cannot_rank_is_worth_exactly_nothing(measure: Measure) -> None:
    e, _ = customers(777, 5)
    nothing = measure(e, np.full(777, 0.3))
    assert (nothing.value, nothing.se, nothing.p_value) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("levels", [False, True])
@pytest.mark.parametrize("measure", MEASURES)
def test_intervals_cover_the_truth_as_often_as_they_say(measure: Measure, levels: bool) -> None:
    rng = np.random.default_rng(99)
    score = rng.normal(size=1_000_000)
    if levels:
        score = np.round(score)
    truth = measure(0.3 * np.tanh(score) + 0.1, score).value
    runs = 500
    found = [measure(*customers(1000, seed, levels=levels)) for seed in range(runs)]
    covered = np.mean([f.low <= truth <= f.high for f in found])
    assert abs(covered - 0.95) < 0.032  # 3.2 binomial standard errors


def test_the_test_against_random_rejects_noise_at_its_level() -> None:
    rng = np.random.default_rng(6)
    rejected = [qini(rng.normal(size=500) + 0.5, rng.normal(size=500)).p_value < 0.05 for _ in range(1000)]
    assert abs(np.mean(rejected) - 0.05) < 0.022  # 3.2 binomial standard errors


def test_the_paired_test_of_equal_models_rejects_at_its_level() -> None:
    rng = np.random.default_rng(7)
    rejected = []
    for _ in range(1000):
        signal = rng.normal(size=500)
        a, b = (signal + rng.normal(size=500) for _ in range(2))
        rejected.append(qini_difference(0.3 * signal + rng.normal(size=500), a, b).p_value < 0.05)
    assert abs(np.mean(rejected) - 0.05) < 0.022  # 3.2 binomial standard errors


def test_a_model_does_not_differ_from_itself() -> None:
    e, score = customers(300, 8)
    same = qini_difference(e, score, 2 * score + 1)
    assert (same.value, same.se, same.p_value) == (0.0, 0.0, 1.0)


def test_the_difference_is_the_difference_of_the_two() -> None:
    e, score = customers(300, 8)
    other = np.random.default_rng(1).normal(size=300)
    difference = qini_difference(e, score, other)
    assert difference.value == pytest.approx(qini(e, score).value - qini(e, other).value)


def test_the_gain_of_everybody_is_the_average_effect() -> None:
    e, score = customers(300, 8)
    curve = gain_curve(e, score, points=10)
    assert curve.shares[-1] == 1.0
    assert curve.gain[-1].value == pytest.approx(e.mean())


def test_the_raw_count_qini_agrees_with_a_count_by_hand() -> None:
    outcome, arm = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1, 0, 1, 0])
    # curve per treated head, best first: 1/2 (no control yet: 0), 1/2, 2/2, 2/2
    score = np.array([4.0, 3.0, 2.0, 1.0])
    curve = np.array([0.0, 0.0, 0.5, 1.0, 1.0])
    assert radcliffe_qini(outcome, arm, score) == pytest.approx(np.trapezoid(curve, dx=0.25) - 0.5)


def test_the_raw_count_qini_takes_a_tie_as_one_step() -> None:
    rng = np.random.default_rng(9)
    outcome, arm, score = rng.random(400), rng.integers(0, 2, 400), rng.integers(0, 5, 400).astype(float)
    order = rng.permutation(400)
    assert radcliffe_qini(outcome[order], arm[order], score[order]) == pytest.approx(
        radcliffe_qini(outcome, arm, score)
    )
    assert radcliffe_qini(outcome, arm, np.zeros(400)) == pytest.approx(0.0)


def test_the_raw_count_qini_comes_near_the_robust_one_on_a_large_sample() -> None:
    rng = np.random.default_rng(10)
    score, arm = rng.normal(size=200_000), rng.integers(0, 2, 200_000)
    outcome = score * arm + rng.normal(size=200_000)
    assert radcliffe_qini(outcome, arm, score) == pytest.approx(qini(score, score).value, abs=0.01)


def test_the_raw_count_qini_is_for_two_arms() -> None:
    with pytest.raises(LabError, match="arms 0 and 1"):
        radcliffe_qini(np.ones(3), np.array([0, 1, 2]), np.ones(3))


@pytest.mark.parametrize("score", [np.array([1.0, np.nan]), np.array([1.0])])
def test_a_score_that_is_missing_is_refused(score: np.ndarray) -> None:
    with pytest.raises(LabError):
        qini(np.array([1.0, 2.0]), score)


@pytest.mark.parametrize("share", [0.0, 1.5, -0.1])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(LabError, match="share"):
        uplift_at(np.ones(4), np.arange(4.0), share)
