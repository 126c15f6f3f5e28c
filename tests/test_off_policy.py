import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.off_policy import (
    choice_probabilities,
    doubly_robust,
    policy_difference,
    policy_value,
    self_normalised_difference,
    self_normalised_value,
    weighted_value,
    without_rare_arms,
)

TRUTH = np.array([0.2, 0.5, 0.1])


def logged(seed: int, rows: int = 2000) -> tuple[np.ndarray, ...]:
    """Outcomes under a logging policy whose chances depend on x; an arm means TRUTH + x for everybody."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    raw = np.exp(np.column_stack([np.zeros(rows), 0.8 * x, -0.5 * x]))
    propensity = raw / raw.sum(axis=1, keepdims=True)
    arm = (rng.random(rows)[:, None] > propensity.cumsum(axis=1)[:, :-1]).sum(axis=1)
    outcome = TRUTH[arm] + x + rng.normal(scale=0.5, size=rows)
    return x, arm, propensity, outcome


@pytest.mark.parametrize("mean_is_right", [True, False])
def test_scores_are_unbiased_and_covered_even_when_the_outcome_model_is_wrong(mean_is_right: bool) -> None:
    covered, runs = 0, 400
    for seed in range(runs):
        x, arm, propensity, outcome = logged(seed)
        mean = TRUTH + x[:, None] if mean_is_right else np.zeros((len(x), 3))
        gamma = doubly_robust(outcome, arm, propensity, mean)
        estimate = policy_value(gamma, np.full(len(x), 1))
        covered += estimate.low <= TRUTH[1] <= estimate.high
    assert abs(covered / runs - 0.95) < 0.035  # 3.2 binomial standard errors


def test_a_right_outcome_model_makes_up_for_wrong_propensities() -> None:
    x, arm, _, outcome = logged(1, 50_000)
    gamma = doubly_robust(outcome, arm, np.full((len(x), 3), 1 / 3), TRUTH + x[:, None])
    np.testing.assert_allclose(gamma.mean(axis=0) - x.mean(), TRUTH, atol=0.02)


def test_all_three_estimators_agree_on_the_value() -> None:
    x, arm, propensity, outcome = logged(1, 200_000)
    policy = (x > 0).astype(np.int64)
    gamma = doubly_robust(outcome, arm, propensity, TRUTH + x[:, None])
    truth = TRUTH[policy].mean() + x.mean()
    assert policy_value(gamma, policy).value == pytest.approx(truth, abs=0.02)
    assert weighted_value(outcome, arm, propensity, policy).value == pytest.approx(truth, abs=0.05)
    assert self_normalised_value(outcome, arm, propensity, policy).value == pytest.approx(truth, abs=0.05)


def test_the_self_normalised_value_moves_exactly_with_the_outcome() -> None:
    x, arm, propensity, outcome = logged(1)
    policy = (x > 0).astype(np.int64)
    plain = self_normalised_value(outcome, arm, propensity, policy)
    shifted = self_normalised_value(outcome + 100, arm, propensity, policy)
    assert shifted.value - plain.value == pytest.approx(100)
    assert shifted.se == pytest.approx(plain.se)


def test_a_policy_may_be_arms_or_probabilities() -> None:
    gamma = np.random.default_rng(1).normal(size=(50, 3))
    policy = np.arange(50) % 3
    assert policy_value(gamma, policy) == policy_value(gamma, np.eye(3)[policy])
    mixed = policy_value(gamma, np.full((50, 3), 1 / 3))
    assert mixed.value == pytest.approx(gamma.mean())


def test_a_policy_does_not_differ_from_itself() -> None:
    gamma = np.random.default_rng(1).normal(size=(50, 3))
    same = policy_difference(gamma, np.ones(50, dtype=int), np.ones(50, dtype=int))
    assert (same.value, same.se, same.p_value) == (0.0, 0.0, 1.0)


def test_an_arm_that_could_not_be_drawn_is_refused() -> None:
    with pytest.raises(LabError, match="Row 2 received an arm"):
        doubly_robust(np.zeros(2), np.array([0, 1]), np.array([[0.5, 0.5], [1.0, 0.0]]), np.zeros((2, 2)))


def test_an_arm_beyond_the_last_is_refused() -> None:
    with pytest.raises(LabError, match="chose arm 3"):
        choice_probabilities(np.array([0, 3]), 3)


def test_probabilities_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(LabError, match="sum to 1"):
        choice_probabilities(np.array([[0.5, 0.4]]), 2)


def test_a_policy_that_nobody_received_has_no_value() -> None:
    with pytest.raises(LabError, match="None of the 3 customers"):
        self_normalised_value(np.ones(3), np.zeros(3, dtype=int), np.full((3, 2), 0.5), np.ones(3, dtype=int))


def test_a_paired_difference_is_the_difference_of_the_values_and_zero_for_equal_policies() -> None:
    x, arm, propensity, outcome = logged(2)
    policy, other = (x > 0).astype(np.int64), np.zeros(len(x), dtype=np.int64)
    ours = self_normalised_value(outcome, arm, propensity, policy)
    theirs = self_normalised_value(outcome, arm, propensity, other)
    found = self_normalised_difference(outcome, arm, propensity, policy, other)
    assert found.value == pytest.approx(ours.value - theirs.value, abs=1e-12)
    assert found.se < np.hypot(ours.se, theirs.se)  # the rows with x <= 0 speak for both
    same = self_normalised_difference(outcome, arm, propensity, policy, policy)
    assert (same.value, same.se) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_the_interval_of_a_paired_difference_covers_as_often_as_it_says() -> None:
    covered, runs = 0, 400
    for seed in range(runs):
        x, arm, propensity, outcome = logged(seed)
        policy = (x > 0).astype(np.int64)
        found = self_normalised_difference(outcome, arm, propensity, policy, np.zeros(len(x), dtype=np.int64))
        covered += found.low <= (TRUTH[1] - TRUTH[0]) * 0.5 <= found.high
    assert abs(covered / runs - 0.95) < 0.045  # 3.2 standard errors, and .01 for the bias of the ratio


def test_leaving_rare_arms_out_keeps_the_others_exact() -> None:
    rng = np.random.default_rng(3)
    p = np.tile([0.897, 0.1, 0.003], (200_000, 1))
    p[:100_000] = [0.4, 0.3, 0.3]
    arm = (rng.random(len(p))[:, None] > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
    keep, left = without_rare_arms(arm, p)
    assert keep[:100_000].all()
    assert not np.any(arm[100_000:][keep[100_000:]] == 2)
    np.testing.assert_allclose(left.sum(axis=1), 1.0)
    later = keep.copy()
    later[:100_000] = False
    drawn, chance = np.mean(arm[later] == 1), left[keep.cumsum()[later] - 1, 1].mean()
    assert abs(drawn - chance) < 3.3 * np.sqrt(chance * (1 - chance) / later.sum())
