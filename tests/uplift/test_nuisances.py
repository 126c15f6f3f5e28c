import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import fold_count, prepare
from retention_lab.uplift.outcomes import fit_probabilities
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import fit_candidate
from tests.uplift.populations import population


def folds_as_given(sample: UpliftSample) -> np.ndarray:
    task = prepare(sample, folds=2)
    return task.fold[np.argsort(task.rows)]


def means_as_given(sample: UpliftSample) -> np.ndarray:
    task = prepare(sample, folds=2)
    return task.nuisances.mean[np.argsort(task.rows)]


def test_no_row_was_seen_by_the_models_that_speak_about_it() -> None:
    found = population(600)
    sample = found.sample
    row, fold, before = 0, folds_as_given(sample), means_as_given(sample)
    for size in range(1000, 1100):  # a changed outcome may send the row to another fold: take one that stays
        outcome = sample.outcome.copy()
        outcome[row] += size
        changed = UpliftSample(sample.features, sample.arm, outcome, sample.propensity)
        if np.array_equal(folds_as_given(changed), fold):
            break
    after, mine = means_as_given(changed), fold == fold[row]
    np.testing.assert_allclose(after[mine], before[mine], rtol=1e-9)  # sums in another order
    assert np.abs(after[~mine] - before[~mine]).max() > 0.1


def test_rows_of_one_customer_share_a_fold() -> None:
    found = population(600).sample
    group = np.repeat(np.arange(200), 3)
    task = prepare(UpliftSample(found.features, found.arm, found.outcome, found.propensity, group), folds=5)
    assert all(len(np.unique(task.fold[task.sample.group == g])) == 1 for g in range(200))


def test_given_propensities_are_used_and_never_estimated() -> None:
    task = prepare(population(600).sample)
    assert task.propensities is None
    assert not task.nuisances.estimated
    np.testing.assert_array_equal(task.nuisances.propensity, task.sample.propensity)


def test_unknown_propensities_are_estimated_and_said_to_be() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 2))
    truth = 1 / (1 + np.exp(-x[:, 0]))
    arm = (rng.random(4000) < truth).astype(int)
    task = prepare(UpliftSample(x, arm, x[:, 0] + arm))
    found = task.nuisances
    assert found.estimated
    np.testing.assert_allclose(found.propensity.sum(axis=1), 1.0)
    assert found.propensity.min() > 0.005
    assert np.corrcoef(found.propensity[:, 1], truth[task.rows])[0, 1] > 0.9
    assert task.propensities is not None
    assert np.corrcoef(task.propensities.probability(x)[:, 1], truth)[0, 1] > 0.9


def test_leaving_a_fold_out_reuses_the_models_that_have_not_seen_it() -> None:
    task = prepare(population(600).sample, folds=3)
    rest = task.without_fold(1)
    assert rest.outcomes is task.fold_outcomes[1]
    assert len(rest.sample) == int(np.sum(task.fold != 1))
    np.testing.assert_array_equal(rest.gamma, task.gamma[task.fold != 1])


def test_outcome_models_recover_the_means_of_the_arms() -> None:
    found = population(6000)
    mean = prepare(found.sample).outcomes.mean(found.sample.features)
    assert mean.shape == (6000, 3)
    assert np.corrcoef(mean[:, 1] - mean[:, 0], found.effect[:, 0])[0, 1] > 0.7


def test_a_rare_event_gets_its_share_for_everybody() -> None:
    sample = population(1000).sample
    event = np.zeros(1000)
    event[np.flatnonzero(sample.arm == 1)[:20]] = 1
    found = fit_probabilities(sample.features, sample.arm, event, 3).mean(sample.features)
    np.testing.assert_array_equal(np.unique(found[:, 0]), [0.0])
    np.testing.assert_allclose(np.unique(found[:, 1]), [20 / np.sum(sample.arm == 1)])


def test_a_frequent_event_is_told_apart_by_customer() -> None:
    found = population(4000, binary=True)
    sample = found.sample
    probability = fit_probabilities(sample.features, sample.arm, sample.outcome, 3).mean(sample.features)
    assert np.corrcoef(probability[:, 0], found.mean[:, 0])[0, 1] > 0.7


def test_an_arm_that_is_too_small_for_the_folds_is_refused() -> None:
    x = np.random.default_rng(1).normal(size=(100, 2))
    arm = np.zeros(100, dtype=int)
    arm[0] = 1
    with pytest.raises(LabError, match="too small for the folds"):
        fit_candidate("t", prepare(UpliftSample(x, arm, x[:, 0])))


def test_small_samples_spare_less_for_each_fold() -> None:
    assert (fold_count(49_999), fold_count(50_000)) == (5, 2)
