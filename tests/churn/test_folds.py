import numpy as np

from retention_lab.churn.folds import cross_fitted, rolled
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.snapshots import RollingFold
from retention_lab.split import stratified_folds
from tests.churn.populations import population


def test_a_row_never_moves_its_own_prediction() -> None:
    sample = population(300).sample
    fold = stratified_folds(sample.left, 3, seed=1)
    before = cross_fitted(fit_logistic, sample, fold)
    turned = sample.left.copy()
    turned[0] = 1 - turned[0]
    after = cross_fitted(fit_logistic, type(sample)(sample.features, turned), fold)
    mine = fold == fold[0]
    np.testing.assert_array_equal(before[mine], after[mine])
    assert (before[~mine] != after[~mine]).any()


def test_rows_that_no_rolling_fold_predicts_are_missing() -> None:
    sample = population(200).sample
    found = rolled(fit_logistic, sample, (RollingFold(np.arange(150), np.arange(150, 200)),))
    assert np.isnan(found[:150]).all()
    assert np.isfinite(found[150:]).all()
