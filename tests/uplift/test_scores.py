import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.scores import doubly_robust_loss, doubly_robust_scores, gamma_on
from tests.uplift.populations import partly_feasible, population


def test_the_mean_score_of_a_group_is_its_mean_outcome() -> None:
    found = population(20_000)
    gamma = doubly_robust_scores(found.sample)
    high = found.sample.features.values[:, 0] > 0
    for rows in (high, ~high):
        gap = gamma[rows].mean(axis=0) - found.mean[rows].mean(axis=0)
        assert np.all(np.abs(gap) < 4 * gamma[rows].std(axis=0) / np.sqrt(rows.sum()))  # four standard errors


def test_outcome_models_make_the_scores_less_noisy() -> None:
    sample = population(8000).sample
    assert sample.propensity is not None
    weighted = (sample.arm == 1) * sample.outcome / 0.3 - (sample.arm == 0) * sample.outcome / 0.5
    gamma = doubly_robust_scores(sample)
    assert np.var(gamma[:, 1] - gamma[:, 0]) < 0.8 * np.var(weighted)


def test_scores_follow_the_outcome_into_another_unit() -> None:
    sample = population(800).sample
    cents = UpliftSample(sample.features, sample.arm, 128 * sample.outcome, sample.propensity)
    # another unit sends rows to other folds: only the scores' own size is the same
    plain, scaled = doubly_robust_scores(sample), doubly_robust_scores(cents)
    np.testing.assert_allclose(scaled.std(axis=0), 128 * plain.std(axis=0), rtol=0.1)


def test_held_out_rows_are_scored_by_models_fitted_elsewhere() -> None:
    found = population(20_000)
    first, second = np.arange(20_000) < 10_000, np.arange(20_000) >= 10_000
    held = found.sample.rows(second)
    gamma = gamma_on(held, prepare(found.sample.rows(first)).outcomes)
    gap = gamma.mean(axis=0) - found.mean[second].mean(axis=0)
    assert np.all(np.abs(gap) < 4 * gamma.std(axis=0) / 100)


def test_an_offer_that_a_customer_could_not_get_is_worth_what_none_is() -> None:
    found = partly_feasible(900)
    task = prepare(found.sample)
    closed = task.sample.features.values[:, 3] > 0
    for gamma in (task.gamma, gamma_on(task.sample, task.outcomes)):
        np.testing.assert_array_equal(gamma[closed, 2], gamma[closed, 0])
        assert np.mean(gamma[~closed, 2] != gamma[~closed, 0]) > 0.5


def test_the_loss_is_smallest_at_the_truth() -> None:
    found = population(20_000)
    gamma = found.mean + np.random.default_rng(1).normal(size=found.mean.shape)
    assert doubly_robust_loss(gamma, found.effect) < doubly_robust_loss(gamma, 0.8 * found.effect)


def test_rows_that_could_not_get_an_offer_do_not_judge_it() -> None:
    gamma, feasible = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[True], [False]])
    assert doubly_robust_loss(gamma, np.array([[1.0], [1.0]]), feasible) == 0.0
    assert doubly_robust_loss(gamma, np.array([[1.0], [1.0]])) == 0.5


def test_rows_without_propensities_need_a_model_of_them() -> None:
    sample = population(900).sample
    unknown = UpliftSample(sample.features, sample.arm, sample.outcome)
    task = prepare(unknown)
    with pytest.raises(LabError, match="carry no propensities"):
        gamma_on(unknown, task.outcomes)
    assert gamma_on(unknown, task.outcomes, task.propensities).shape == (900, 3)
