"""Gradient boosting by LightGBM: many shallow trees in small steps; the model is the library's text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.features import Features, matrix

_FILE = "model.txt"


@dataclass(frozen=True, slots=True)
class BoostedParams:
    """Four leaves see interactions of two or three features, which is what customer tables hold; each tree
    sees half of the columns and 70 % of the rows."""

    rounds: int = 500
    learning_rate: float = 0.03
    leaves: int = 4
    min_rows_in_leaf: int = 20
    l2: float = 10.0
    features_per_tree: float = 0.5
    rows_per_tree: float = 0.7


@dataclass(frozen=True)
class BoostedModel:
    """A fitted model, which is its text: what is predicted now is predicted after saving, bit for bit."""

    text: str

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving."""
        if len(matrix(features)) == 0:
            return np.zeros(0)
        return np.asarray(self._booster.predict(matrix(features), num_threads=1), dtype=np.float64)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): SHAP values of the log-odds, the base value last.

        Source: Lundberg et al. (2020), Nature Machine Intelligence 2, doi:10.1038/s42256-019-0138-9.
        """
        found = self._booster.predict(matrix(features), pred_contrib=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The text."""
        return {_FILE: self.text.encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "BoostedModel":
        """The model that `to_files` wrote."""
        return BoostedModel(files[_FILE].decode())

    @cached_property
    def _booster(self) -> Any:
        import lightgbm as lgb

        return lgb.Booster(model_str=self.text)


def fit_boosted(sample: ChurnSample, seed: int = 7, params: BoostedParams | None = None) -> BoostedModel:
    """Log-loss; missing values and categories as they are.

    Raises LabError unless somebody left and somebody stayed.
    Source: Ke et al. (2017), NeurIPS 30.
    """
    import lightgbm as lgb

    require_both(sample.left)
    used = params or BoostedParams()
    width = sample.features.values.shape[1]
    settings = {
        "objective": "binary",
        "learning_rate": used.learning_rate,
        "num_leaves": used.leaves,
        "min_data_in_leaf": max(1, min(used.min_rows_in_leaf, len(sample) // 10)),
        "lambda_l2": used.l2,
        "feature_fraction": used.features_per_tree,
        "bagging_fraction": used.rows_per_tree,
        "bagging_freq": 1,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(
        sample.features.values,
        label=sample.left,
        feature_name=[f"f{i}" for i in range(width)],  # names may hold what its text refuses
        categorical_feature=sample.features.schema.categorical,
    )
    return BoostedModel(lgb.train(settings, data, num_boost_round=used.rounds).model_to_string())
