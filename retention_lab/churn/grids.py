"""What tuning tries for each learner: a few settings on either side of the default, which is one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from retention_lab.churn.learners.boosted import BoostedParams, fit_boosted
from retention_lab.churn.learners.forest import ForestParams, fit_forest
from retention_lab.churn.learners.logistic import LogisticParams, fit_logistic
from retention_lab.churn.learners.mlp import MlpParams, fit_mlp
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.learners.svm import SvmParams, fit_svm
from retention_lab.churn.preparation import Preparing
from retention_lab.churn.sample import ChurnSample
from retention_lab.churn.tuning import Tuned, tune

_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """fit: from a sample, a seed and one of the choices."""

    fit: Callable[[ChurnSample, int, Any], ChurnModel]
    choices: tuple[Any, ...]


GRIDS: dict[str, Grid] = {
    "logistic": Grid(
        fit_logistic,
        tuple(
            LogisticParams(strength, Preparing(knots=knots))
            for strength in (0.03, 0.3, 3.0)
            for knots in (0, 4, 8)
        ),
    ),
    "lightgbm": Grid(
        fit_boosted,
        tuple(
            BoostedParams(rounds=rounds, leaves=leaves, l2=l2)
            for rounds in (200, 500)
            for leaves in (3, 4, 8)
            for l2 in (1.0, 10.0)
        ),
    ),
    "forest": Grid(
        fit_forest, tuple(ForestParams(min_rows_in_leaf=rows, trees=100) for rows in (5, 10, 25, 50))
    ),
    "svm": Grid(
        fit_svm,
        tuple(SvmParams(kernel, strength) for kernel in ("linear", "rbf") for strength in (0.01, 0.1, 1.0)),
    ),
    "mlp": Grid(
        fit_mlp,
        tuple(
            MlpParams(hidden=hidden, penalty=penalty, networks=1)
            for hidden in ((8,), (16,), (32, 16))
            for penalty in (0.1, 1.0)
        ),
    ),
}


def tuned(name: str, sample: ChurnSample, seed: int) -> Tuned[Any] | None:
    """The search for a learner's settings on the training rows; None for one that has none to look for.

    A tree looks for its own penalty whenever it is fitted, and the blend is made of what was found for its
    parts.
    """
    if name not in GRIDS:
        return None
    grid = GRIDS[name]
    return tune(sample, lambda rows, one: grid.fit(rows, seed, one), grid.choices, folds=_FOLDS, seed=seed)
