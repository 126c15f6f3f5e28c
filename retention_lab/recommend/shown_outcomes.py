"""What comes of showing an item, learned from other people's rows of a log: for doubly robust values."""

from collections.abc import Callable

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.recommend.policy_value import ShownLog

_PRIOR_ROWS = 20.0  # an item's mean counts as much as the mean of all where it was shown so often
_FOLDS = 2


def outcome_by_item(log: ShownLog, items: int) -> Callable[[Ints, Ints], Floats]:
    """(m,) users and items -> outcome expected of showing them: the item's mean, drawn to that of all.

    Crude, and fitted in halves, so that nobody's outcome is predicted from their own rows. items: codes lie
    below it.
    """
    means = np.stack([_means(log, log.user % _FOLDS != fold, items) for fold in range(_FOLDS)])

    def predict(user: Ints, item: Ints) -> Floats:
        return np.asarray(means[user % _FOLDS, item], dtype=np.float64)

    return predict


def _means(log: ShownLog, rows: np.ndarray, items: int) -> Floats:
    outcome, item = log.outcome[rows], log.item[rows]
    overall = float(outcome.mean()) if len(outcome) else 0.0
    total = np.bincount(item, weights=outcome, minlength=items)
    count = np.bincount(item, minlength=items)
    return np.asarray((total + _PRIOR_ROWS * overall) / (count + _PRIOR_ROWS), dtype=np.float64)
