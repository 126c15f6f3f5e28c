"""What causalml gets as its base learner: our gradient boosting, with the parameters of all learners."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.boosting import BoostingParams, Objective, binned


class BoostedRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn's bases are untyped
    """Gradient boosting in scikit-learn's habit, so that causalml can copy, fit and ask it.

    objective: `binary` predicts a probability (from `predict`: of causalml's learners the ones for classes
    ask for hard labels in one place, the ones for numbers never do). categorical: positions of the columns
    that hold codes; missing values are a bin of their own.
    """

    def __init__(
        self, params: BoostingParams, objective: Objective, categorical: tuple[int, ...] = ()
    ) -> None:
        self.params = params
        self.objective = objective
        self.categorical = categorical

    def fit(self, X: Floats, y: Floats, sample_weight: Floats | None = None) -> Self:
        """Fit on (n, d) values and (n,) targets; raises LabError without rows."""
        if len(X) == 0:
            raise LabError(
                "No rows are left to fit a model on: an arm is too small for causalml's folds.",
                "Provide more rows of every arm, or leave the smallest arm or causalml's learners out.",
                key="learners",
            )
        columns = range(X.shape[1])
        names = tuple(f"x{i}" for i in columns)
        levels: tuple[tuple[str, ...] | None, ...] = tuple(
            () if i in self.categorical else None for i in columns
        )
        bins = binned(Features(X, FeatureSchema(names, levels)), self.params)
        self.model_ = bins.train(np.asarray(y, dtype=np.float64), self.objective, weight=sample_weight)
        return self

    def predict(self, X: Floats) -> Floats:
        """(n, d) -> (n,) in the target's unit."""
        return self.model_.predict(X)
