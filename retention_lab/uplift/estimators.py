"""scikit-learn's habits over the same functions."""

from typing import Any, Self

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, encode, infer_schema, numeric_features
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample, observed_propensity
from retention_lab.uplift.selection import fit_candidate


class UpliftRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn's bases are untyped
    """Effect of an offer per customer; `learner` is a name as in a definition's `learners`.

    X is a matrix, or a pandas table whose text and categories are used as they are.
    """

    def __init__(self, learner: str = "t", folds: int | None = None, seed: int = 7) -> None:
        self.learner = learner
        self.folds = folds
        self.seed = seed

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        treatment: Any,
        propensity: np.ndarray | None = None,
        groups: np.ndarray | None = None,
    ) -> Self:
        """Fit on (n, d) features, (n,) outcomes and (n,) arms (0 = control).

        propensity: (n, K + 1); None: the arms were drawn with the same chances for everybody, and the
        observed shares are used. groups: (n,) customer of each row.
        """
        arm = np.asarray(treatment)
        features = self._features(X, None)
        sample = UpliftSample(features, arm, np.asarray(y), propensity, groups)
        if propensity is None:
            sample = sample.with_propensity(observed_propensity(sample.arm, sample.arm_count))
        self.model_ = fit_candidate(self.learner, prepare(sample, self.folds, self.seed)).model
        self.schema_ = features.schema
        self.n_features_in_ = features.values.shape[1]
        return self

    def predict(self, X: Any) -> Floats:
        """Effect of the offer, (n,); (n, K) where there are several offers."""
        check_is_fitted(self)
        effect = self.model_.effect(self._features(X, self.schema_))
        return effect[:, 0] if effect.shape[1] == 1 else effect

    def _features(self, X: Any, schema: Any) -> Features:
        if hasattr(X, "columns"):
            table = pa.Table.from_pandas(X, preserve_index=False)
            return encode(table, schema or infer_schema(table, table.column_names))
        features = numeric_features(np.asarray(X, dtype=np.float64))
        if schema is not None and len(schema.names) != features.values.shape[1]:
            raise LabError(
                f"The model reads {len(schema.names)} features, and {features.values.shape[1]} came.",
                "Give the features that it was fitted on.",
            )
        return features
