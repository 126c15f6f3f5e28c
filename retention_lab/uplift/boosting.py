"""The one home of gradient boosting: parameters, training, text in and out."""

from dataclasses import dataclass, field
from typing import Any, Literal

import lightgbm as lgb
import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features

Objective = Literal["regression", "binary", "multiclass"]
_CONSTANT = "constant "
_LOG_LOSS = "objective=binary"  # as LightGBM's text has it


@dataclass(frozen=True, slots=True)
class BoostingParams:
    """Shallow trees and few rounds: an effect is a small signal, and speed lets every fold be fitted."""

    rounds: int = 100
    learning_rate: float = 0.05
    leaves: int = 8
    min_rows_in_leaf: int = 200  # at most a twentieth of the rows
    l2: float = 10.0
    bins: int = 127
    threads: int = 1
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Boosted:
    """A fitted model, which is its text: what is predicted now is predicted after saving, bit for bit."""

    text: str
    threads: int = 1
    _booster: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        booster = None if self.text.startswith(_CONSTANT) else lgb.Booster(model_str=self.text)
        object.__setattr__(self, "_booster", booster)

    def predict(self, values: Floats) -> Floats:
        """(n, d) -> (n,) in the target's unit; (n, classes) probabilities for several classes."""
        if self._booster is None:
            numbers = np.array([float(x) for x in self.text.removeprefix(_CONSTANT).split()])
            constant = np.tile(numbers, (len(values), 1))
            return constant[:, 0] if len(numbers) == 1 else constant
        if len(values) == 0:
            return np.empty(0, dtype=np.float64)
        return np.asarray(self._booster.predict(values, num_threads=self.threads), dtype=np.float64)

    @property
    def predicts_probability(self) -> bool:
        """Whether `predict` is the logistic function of the score that `contributions` explains."""
        return self._booster is not None and f"\n{_LOG_LOSS}" in self.text

    def contributions(self, values: Floats) -> Floats:
        """(n, d) -> (n, d + 1): SHAP values of the score, one column a feature, the base value last.

        Rows sum to the score: the prediction, or its log-odds where the model was fitted with log-loss.
        A constant model gives zeros and its prediction. Raises LabError for a model of several classes.
        Source: Lundberg et al. (2020), Nature Machine Intelligence 2, doi:10.1038/s42256-019-0138-9.
        """
        found = np.zeros((len(values), values.shape[1] + 1))
        if self._booster is None:
            numbers = self.text.removeprefix(_CONSTANT).split()
            _require_one_score(len(numbers))
            found[:, -1] = float(numbers[0])
        else:
            _require_one_score(self._booster.num_model_per_iteration())
            if len(values) > 0:
                found[:] = self._booster.predict(values, pred_contrib=True, num_threads=self.threads)
        return found


@dataclass(frozen=True, slots=True)
class Binned:
    """Features cut into bins once; targets, rows and weights are swapped on them."""

    dataset: Any
    params: BoostingParams

    def train(
        self,
        target: Floats,
        objective: Objective,
        *,
        rows: Ints | None = None,
        weight: Floats | None = None,
        classes: int = 1,
    ) -> Boosted:
        """Fit on the given rows (index array; None: all); target and weight: (len(rows),).

        A target that does not vary gives a model of that constant. Raises LabError without rows.
        """
        if len(target) == 0:
            raise LabError(
                "No rows are left to fit a model on: an arm is too small for the folds.",
                "Provide more rows of every arm, or leave the smallest arm out.",
            )
        if objective != "multiclass" and target.min() == target.max():
            return constant_model(float(target[0]), self.params.threads)
        data = self.dataset if rows is None else self.dataset.subset(rows).construct()
        data.set_label(target)
        data.set_weight(weight)
        booster = lgb.train(
            _lightgbm_params(self.params, objective, len(target), classes),
            data,
            num_boost_round=self.params.rounds,
        )
        return Boosted(booster.model_to_string(), self.params.threads)


def binned(features: Features, params: BoostingParams) -> Binned:
    """Cut (n, d) features into bins; categories by their codes, missing as a bin of its own."""
    dataset = lgb.Dataset(
        features.values,
        label=np.zeros(len(features)),
        feature_name=[
            f"f{i}" for i in range(features.values.shape[1])
        ],  # names may hold what its text refuses
        categorical_feature=features.schema.categorical,
        params=_lightgbm_params(params, "regression", len(features), 1),
        free_raw_data=True,
    )
    return Binned(dataset.construct(), params)


def objective_for(outcome: Floats) -> Objective:
    """Log-loss where every outcome is 0 or 1, squared error otherwise; both aim at the mean."""
    return "binary" if np.all((outcome == 0) | (outcome == 1)) else "regression"


def constant_model(value: float, threads: int = 1) -> Boosted:
    """A model that predicts one number for everybody."""
    return Boosted(f"{_CONSTANT}{value!r}", threads)


def _require_one_score(scores: int) -> None:
    if scores != 1:
        raise LabError(
            f"A model of {scores} classes has {scores} scores, and one is explained at a time.",
            "Explain the outcome models or the effect.",
        )


def _lightgbm_params(params: BoostingParams, objective: Objective, rows: int, classes: int) -> dict[str, Any]:
    return {
        "objective": objective,
        "num_class": classes,
        "learning_rate": params.learning_rate,
        "num_leaves": params.leaves,
        "min_data_in_leaf": max(1, min(params.min_rows_in_leaf, rows // 20)),
        "min_sum_hessian_in_leaf": 0.0,
        "lambda_l2": params.l2,
        "max_bin": params.bins,
        "num_threads": params.threads,
        "seed": params.seed,
        "deterministic": True,
        "force_col_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }
