"""The one home of gradient boosting: parameters, training, text in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features
from retention_lab.uplift.tree_shap import read_paths, shap_values
from retention_lab.uplift.trees import Trees, read_trees

Objective = Literal["regression", "binary", "multiclass"]
_CONSTANT = "constant "
_LEAST_LEAF = 1e-7  # of the weight of all rows


@dataclass(frozen=True, slots=True)
class BoostingParams:
    """Shallow trees and few rounds: an effect is a small signal, and speed lets every fold be fitted."""

    rounds: int = 100
    learning_rate: float = 0.1
    leaves: int = 8
    min_rows_in_leaf: int = 200  # at most a twentieth of the rows
    l2: float = 10.0
    bins: int = 63
    threads: int = 1
    seed: int = 7


@dataclass(frozen=True)
class Boosted:
    """A fitted model, which is its text: what is predicted now is predicted after saving, bit for bit."""

    text: str
    threads: int = 1

    def predict(self, values: Floats) -> Floats:
        """(n, d) -> (n,) in the target's unit; (n, classes) probabilities for several classes."""
        if self._constant is not None:
            constant = np.tile(self._constant, (len(values), 1))
            return constant[:, 0] if len(self._constant) == 1 else constant
        sums = self._trees.sums(values)
        objective = self._objective
        if objective.startswith("multiclass"):
            raised = np.exp(sums - sums.max(axis=1, keepdims=True))
            return np.asarray(raised / raised.sum(axis=1, keepdims=True))
        if objective.startswith("binary"):
            return np.asarray(1.0 / (1.0 + np.exp(-sums[:, 0])))
        return np.asarray(sums[:, 0])

    def to_files(self) -> dict[str, bytes]:
        """The text."""
        return {"model.txt": self.text.encode()}

    @cached_property
    def _constant(self) -> Floats | None:
        if not self.text.startswith(_CONSTANT):
            return None
        return np.array([float(x) for x in self.text.removeprefix(_CONSTANT).split()])

    @cached_property
    def _trees(self) -> Trees:
        return read_trees(self.text)

    @cached_property
    def _objective(self) -> str:
        return next(line for line in self.text.splitlines() if line.startswith("objective=")).removeprefix(
            "objective="
        )

    @property
    def predicts_probability(self) -> bool:
        """Whether `predict` is the logistic function of the score that `contributions` explains."""
        return self._constant is None and self._objective.startswith("binary")

    def contributions(self, values: Floats, known: Mapping[int, float] | None = None) -> Floats:
        """(n, d) -> (n, d + 1): SHAP values of the score, one column a feature, the base value last.

        Rows sum to the score: the prediction, or its log-odds where the model was fitted with log-loss.
        known: by position, numbers that count as known for everybody, whatever `values` says: the model is
        explained as the function of the other features that is left, and theirs are 0.
        A constant model gives zeros and its prediction. Raises LabError for a model of several classes.
        Source: see `tree_shap`.
        """
        if self._constant is not None:
            _require_one_score(len(self._constant))
            found = np.zeros((len(values), values.shape[1] + 1))
            found[:, -1] = self._constant[0]
            return found
        _require_one_score(self._trees.outputs)
        return shap_values(self._trees, read_paths(self.text, known), values)


@dataclass(frozen=True, slots=True)
class Binned:
    """Features cut into bins once; targets, rows and weights are swapped on them.

    arms: how many of the last columns say the arm; only models that are told to look at those do.
    """

    dataset: Any
    params: BoostingParams
    arms: int = 0

    def train(
        self,
        target: Floats,
        objective: Objective,
        *,
        rows: Ints | None = None,
        weight: Floats | None = None,
        classes: int = 1,
        params: BoostingParams | None = None,
        arm_too: bool = False,
    ) -> Boosted:
        """Fit on the given rows (index array; None: all); target and weight: (len(rows),).

        params: None means those that the features were binned for; arm_too: whether trees may ask the arm.
        A target that does not vary gives a model of that constant. Raises LabError without rows.
        """
        import lightgbm as lgb  # brings scikit-learn along, which only those pay who fit

        used = params or self.params
        if len(target) == 0:
            raise LabError(
                "No rows are left to fit a model on: an arm is too small for the folds.",
                "Provide more rows of every arm, or leave the smallest arm out.",
            )
        if objective != "multiclass" and target.min() == target.max():
            return constant_model(float(target[0]), used.threads)
        data = self.dataset if rows is None else self.dataset.subset(rows).construct()
        data.set_label(target)
        data.set_weight(weight)
        settings = _lightgbm_params(used, objective, len(target), classes)
        # a leaf of nothing but rounding, which the library would stumble over, weighs less than this
        settings["min_sum_hessian_in_leaf"] = _LEAST_LEAF * float(
            len(target) if weight is None else weight.sum()
        )
        if self.arms and not arm_too:  # a column in none of the groups that may meet is never asked
            settings["interaction_constraints"] = [list(range(data.num_feature() - self.arms))]
        booster = lgb.train(settings, data, num_boost_round=used.rounds)
        return Boosted(booster.model_to_string(), used.threads)


def params_for(rows: int, seed: int = 7) -> BoostingParams:
    """Parameters for a sample of so many rows: fewer steps below 50,000, as many would follow the noise."""
    return BoostingParams(seed=seed) if rows >= 50_000 else BoostingParams(rounds=60, seed=seed)


def shallow(params: BoostingParams) -> BoostingParams:
    """For effects, which are simpler than outcomes and noisier: four leaves, smaller steps."""
    return replace(params, leaves=4, learning_rate=0.75 * params.learning_rate, l2=1.0)


def binned(features: Features, params: BoostingParams, arms: int = 0) -> Binned:
    """Cut (n, d) features into bins; categories by their codes, missing as a bin of its own.

    arms: how many of the last columns say the arm.
    """
    import lightgbm as lgb  # as above

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
    return Binned(dataset.construct(), params, arms)


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
        "bin_construct_sample_cnt": 50_000,  # enough to place 63 cuts
        "num_threads": params.threads,
        "seed": params.seed,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }
