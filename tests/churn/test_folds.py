import numpy as np
import pytest

from retention_lab.churn.folds import cross_fitted, rolled, stratified_folds
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.snapshots import RollingFold
from retention_lab.errors import LabError
from tests.churn.populations import population


def test_leavers_are_spread_evenly() -> None:
    left = np.zeros(100)
    left[:23] = 1
    fold = stratified_folds(left, 5, seed=1)
    leavers, rows = np.bincount(fold, weights=left), np.bincount(fold)
    assert leavers.max() - leavers.min() <= 1
    assert rows.max() - rows.min() <= 2


def test_rows_of_a_customer_are_in_one_fold() -> None:
    group = np.repeat(np.arange(60), 3)
    left = (np.arange(180) % 7 == 0).astype(float)
    fold = stratified_folds(left, 4, seed=2, group=group)
    assert all(len(set(fold[group == one])) == 1 for one in range(60))


def test_too_few_leavers_for_the_folds_are_refused() -> None:
    with pytest.raises(LabError, match="2 customers left"):
        stratified_folds(np.array([1.0, 1.0, *[0.0] * 20]), 5, seed=1)


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
