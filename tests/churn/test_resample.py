import numpy as np
import pytest

from retention_lab.churn.folds import cross_fitted
from retention_lab.churn.learners.forest import ForestParams, fit_forest
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.resample import Resampling, resample
from retention_lab.churn.sample import ChurnSample
from retention_lab.features import numeric_features
from retention_lab.measures import auc_terms
from retention_lab.split import stratified_folds
from tests.churn.populations import population


def noise(rows: int = 600) -> ChurnSample:
    """A tenth leaves, whatever the features say."""
    rng = np.random.default_rng(5)
    left = (rng.random(rows) < 0.1).astype(float)
    return ChurnSample(numeric_features(rng.normal(size=(rows, 6))), left, np.arange(rows))


def forest(sample: ChurnSample) -> ChurnModel:
    return fit_forest(sample, 7, ForestParams(trees=20, min_rows_in_leaf=1))


def auc(sample: ChurnSample, probability: np.ndarray) -> float:
    return float(auc_terms(sample.left, probability).mean())


def test_resampling_before_the_split_makes_an_auc_out_of_nothing() -> None:
    sample = noise()
    inside = cross_fitted(
        lambda rows: forest(resample(rows, "over", 1).sample),
        sample,
        stratified_folds(sample.left, 5, 1, sample.group),
    )
    assert abs(auc(sample, inside) - 0.5) < 0.12  # 60 leavers: 3.2 standard errors of an AUC of .5
    # the mistake: leavers are copied first, and their copies then lie on both sides of the split
    copied = resample(sample, "over", 1).sample
    mistaken = cross_fitted(forest, copied, stratified_folds(copied.left, 5, 1))
    assert auc(copied, mistaken) > 0.95


def test_folds_by_customer_keep_copies_together_even_then() -> None:
    copied = resample(noise(), "over", 1).sample
    kept_together = cross_fitted(forest, copied, stratified_folds(copied.left, 5, 1, copied.group))
    assert auc(copied, kept_together) < 0.65


@pytest.mark.parametrize("how", ["over", "under"])
def test_both_sides_become_as_many(how: Resampling) -> None:
    sample = noise()
    found = resample(sample, how, 3).sample
    leavers = int(sample.left.sum())
    aim = leavers if how == "under" else len(sample) - leavers
    assert (found.left.sum(), (1 - found.left).sum()) == (aim, aim)
    assert found.left.sum() == found.left[np.isin(found.group, sample.group)].sum()


def test_none_leaves_the_rows_as_they_are() -> None:
    sample = noise()
    assert resample(sample, "none", 3).sample is sample


@pytest.mark.parametrize("how", ["over", "under"])
def test_probabilities_are_set_right_again(how: Resampling) -> None:
    known = population(6000, missing=0.0)
    rare = known.sample.rows(np.flatnonzero((known.sample.left == 0) | (np.arange(6000) % 4 == 0)))
    found = resample(rare, how, 2)
    raw = fit_logistic(found.sample).probability(rare.features)
    assert raw.mean() > rare.left.mean() + 0.2
    assert found.corrected(raw).mean() == pytest.approx(rare.left.mean(), abs=0.02)
