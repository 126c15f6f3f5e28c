"""Folds in which leavers are spread evenly and the rows of a customer stay together."""

from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.snapshots import RollingFold
from retention_lab.errors import LabError

Fit = Callable[[ChurnSample], ChurnModel]


def stratified_folds(left: Floats, folds: int, seed: int, group: np.ndarray | None = None) -> Ints:
    """(n,) fold of each row, 0..folds-1; a customer of several rows counts as leaver where any row left.

    Raises LabError unless every fold can have a leaver and a stayer.
    """
    codes = np.arange(len(left)) if group is None else np.unique(group, return_inverse=True)[1]
    leaver = np.bincount(codes, weights=left) > 0
    rng = np.random.default_rng(seed)
    fold = np.empty(len(leaver), dtype=np.int64)
    for side in (True, False):
        members = rng.permutation(np.flatnonzero(leaver == side))
        if len(members) < folds:
            raise LabError(
                f"{len(members)} customers {'left' if side else 'stayed'}, too few for {folds} folds.",
                "Provide more rows, or set fewer folds.",
                key="validation.folds",
            )
        fold[members] = (np.arange(len(members)) + (0 if side else folds // 2)) % folds
    return fold[codes]


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
