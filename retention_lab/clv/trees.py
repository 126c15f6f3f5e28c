"""Small boosted trees that correct a forecast: they start from it, and keep what the past cut taught them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from retention_lab.arrays import Floats

Objective = str | Callable[[Floats, Any], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class TreeParams:
    """Shallow and slow: a forecast is near the truth already, and a cut has few customers who buy."""

    rounds: int = 60
    leaves: int = 4
    learning_rate: float = 0.05
    min_rows_in_leaf: int = 100  # at most a twentieth of the rows
    l2: float = 10.0
    threads: int = 1
    seed: int = 7


@dataclass(frozen=True)
class Corrections:
    """A fitted model, which is its text."""

    text: str

    def scores(self, features: Floats) -> Floats:
        """(n, d) -> (n,) or (n, outputs): what is added to the scores that training started from."""
        return np.asarray(self._booster.predict(features, raw_score=True, num_threads=1), dtype=np.float64)

    @cached_property
    def _booster(self) -> Any:
        import lightgbm as lgb  # brings scikit-learn along, which only those pay who use trees

        return lgb.Booster(model_str=self.text)


def fit_corrections(
    features: Floats,
    target: Floats,
    start: Floats,
    objective: Objective,
    params: TreeParams,
    outputs: int = 1,
) -> Corrections:
    """Fit to (n, d) features and (n,) target from `start` (n,) or (n, outputs), on the objective's scale."""
    import lightgbm as lgb  # as above

    settings = {
        "objective": objective,
        "num_leaves": params.leaves,
        "learning_rate": params.learning_rate,
        "min_data_in_leaf": max(1, min(params.min_rows_in_leaf, len(target) // 20)),
        "min_sum_hessian_in_leaf": 1e-3,
        "lambda_l2": params.l2,
        "num_threads": params.threads,
        "seed": params.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    } | ({"num_class": outputs} if outputs > 1 else {})
    names = [f"f{k}" for k in range(features.shape[1])]
    data = lgb.Dataset(features, target, init_score=start, feature_name=names)
    return Corrections(lgb.train(settings, data, num_boost_round=params.rounds).model_to_string())
