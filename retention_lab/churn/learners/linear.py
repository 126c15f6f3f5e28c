"""A weighted sum of prepared columns, read as log-odds: logistic regression and the linear machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats
from retention_lab.churn.preparation import Prepared
from retention_lab.features import Features, matrix
from retention_lab.nested_files import json_bytes

PREPARED, ARRAYS = "preparation.json", "model.npz"


@dataclass(frozen=True)
class LinearModel:
    """prepared: features to b columns; slope: (b,); centre: (b,) column means; intercept: log-odds there."""

    prepared: Prepared
    slope: Floats
    centre: Floats
    intercept: float

    def log_odds(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,)."""
        columns = self.prepared.columns(matrix(features)) - self.centre
        return np.asarray(columns @ self.slope + self.intercept, dtype=np.float64)

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving."""
        return np.asarray(expit(self.log_odds(features)), dtype=np.float64)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): each feature's part against its average, the base value last.

        Of a linear model these are its SHAP values with independent features.
        Source: Lundberg and Lee (2017), NeurIPS, arXiv:1705.07874, corollary 1.
        """
        values = matrix(features)
        parts = (self.prepared.columns(values) - self.centre) * self.slope
        found = np.zeros((len(values), values.shape[1] + 1))
        for i, j in enumerate(self.prepared.sources):
            found[:, j] += parts[:, i]
        found[:, -1] = self.intercept
        return found

    def to_files(self) -> dict[str, bytes]:
        """The preparation as JSON, the numbers as npz."""
        arrays = {"slope": self.slope, "centre": self.centre, "intercept": np.array(self.intercept)}
        return {PREPARED: json_bytes(self.prepared.as_json()), ARRAYS: npz_bytes(arrays)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "LinearModel":
        """The model that `to_files` wrote."""
        arrays = npz_arrays(files[ARRAYS])
        prepared = Prepared.from_json(json.loads(files[PREPARED]))
        return LinearModel(prepared, arrays["slope"], arrays["centre"], float(arrays["intercept"]))
