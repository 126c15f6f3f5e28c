"""Probabilities of rows by models that have not seen them: of other folds, or of the past alone."""

from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.learners.protocol import Predicting
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.snapshots import RollingFold

Fit = Callable[[ChurnSample], Predicting]


def cross_fitted(fit: Fit, sample: ChurnSample, fold: Ints) -> Floats:
    """(n,) probability of each row by a model that was fitted without the row's fold."""
    found = np.empty(len(sample))
    for k in np.unique(fold):
        found[fold == k] = fit(sample.rows(fold != k)).probability(sample.features.rows(fold == k))
    return found


def rolled(fit: Fit, sample: ChurnSample, folds: tuple[RollingFold, ...]) -> Floats:
    """(n,) probability of the rows of each rolling fold, by a model of the past alone; NaN for the others."""
    found = np.full(len(sample), np.nan)
    for fold in folds:
        found[fold.test] = fit(sample.rows(fold.train)).probability(sample.features.rows(fold.test))
    return found
