"""The best that any policy could reach which knows customers by their features alone.

The oracle knows what an offer does to each single customer. A model sees features, and two customers with
equal ones may differ: the best it can believe is the mean of the truth among customers like this one. That
mean is learned here from the noiseless truth itself, on other customers than it is used for.
"""

import lightgbm
import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features
from retention_lab.hashing import unit_interval
from retention_lab.workflows.simulated_truth import PlanTruth

_FOLDS = 3
_BOOSTING = {
    "objective": "regression", "learning_rate": 0.08, "num_leaves": 31, "min_data_in_leaf": 40, "verbose": -1,
    "num_threads": 1, "deterministic": True, "feature_fraction": 0.5, "seed": 7,
}  # fmt: skip
_ROUNDS = 200


def achievable_choice(features: Features, truth: PlanTruth, customers: np.ndarray) -> Ints:
    """(n,) arms of the best policy over the features under the truth's budget; customers: (n,) ids."""
    fold = (unit_interval(customers.tolist(), "achievable") * _FOLDS).astype(np.int64)
    gain, cost = (_given_features(features, table, fold) for table in (truth.gain, truth.cost))
    return truth.best(gain, np.maximum(cost, 0.0))


def _given_features(features: Features, table: Floats, fold: Ints) -> Floats:
    """(n, K) means of the table's columns given the features, each learned from the other folds."""
    out = np.empty_like(table)
    categorical = [i for i, levels in enumerate(features.schema.levels) if levels is not None]
    for part in range(_FOLDS):
        inside = fold == part
        for k in range(table.shape[1]):
            rows = lightgbm.Dataset(
                features.values[~inside], table[~inside, k], categorical_feature=categorical
            )
            fitted = lightgbm.train(_BOOSTING, rows, _ROUNDS)
            out[inside, k] = fitted.predict(features.values[inside], num_threads=1)
    return out
