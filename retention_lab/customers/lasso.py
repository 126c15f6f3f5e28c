"""Which features matter for a target of the user's: LASSO, the sparsest fit as good as the best."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Lasso, LassoCV

from retention_lab.arrays import Floats
from retention_lab.cleaning import indicator_owner
from retention_lab.customers.space import SpaceRule, fit_space
from retention_lab.errors import LabError
from retention_lab.features import Features

FOLDS = 5


@dataclass(frozen=True, slots=True)
class LassoChoice:
    """names: features kept, strongest first. weights: of each, in standard deviations of the target per
    standard deviation of the feature (for a category the largest of its levels'). penalty: the one chosen.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    penalty: float


def choose_features(features: Features, target: Floats, *, seed: int) -> LassoChoice:
    """Features with a weight at the largest penalty whose cross-validated error is within one standard error
    of the smallest. A category is kept whole. features: without gaps; target: (n,) numbers, 0 and 1 too.

    Raises LabError for a target with gaps or without variation, with fewer than ten customers a fold, and
    where no feature tells anything of the target.
    Source: Tibshirani (1996), J. R. Stat. Soc. B 58(1); the rule of one standard error is Breiman's (1984).
    """
    _refuse_target(target)
    columns = fit_space(features, SpaceRule("standard", None)).scaled(features)
    goal = (target - target.mean()) / target.std()
    order = np.random.default_rng(seed).permutation(len(goal))  # folds are blocks of rows
    fitted = LassoCV(cv=FOLDS, max_iter=20_000, random_state=seed).fit(columns[order], goal[order])
    mean = fitted.mse_path_.mean(axis=1)
    error = fitted.mse_path_.std(axis=1, ddof=1) / np.sqrt(FOLDS)
    best = int(np.argmin(mean))
    penalty = float(fitted.alphas_[np.argmax(mean <= mean[best] + error[best])])  # from the largest down
    weights = _weights(columns, goal, penalty)
    owner = indicator_owner(features.schema)
    strength = np.array([_strongest(weights[owner == i]) for i in range(len(features.schema.names))])
    kept = [i for i in np.argsort(-np.abs(strength), kind="stable") if strength[i] != 0]
    if not kept:
        raise LabError(
            "No feature tells anything of the target beyond chance, so none would be kept.",
            "Leave `target` out and name the `features`, or choose another target.",
            key="target",
        )
    return LassoChoice(
        tuple(features.schema.names[i] for i in kept), tuple(float(strength[i]) for i in kept), penalty
    )


def _weights(columns: Floats, goal: Floats, penalty: float) -> Floats:
    return np.asarray(Lasso(alpha=penalty, max_iter=20_000).fit(columns, goal).coef_, dtype=np.float64)


def _strongest(weights: Floats) -> float:
    return float(weights[np.argmax(np.abs(weights))])


def _refuse_target(target: Floats) -> None:
    missing = int((~np.isfinite(target)).sum())
    if missing:
        raise LabError(
            f"{missing} customers have no value of the target.", "Name a column without gaps.", key="target"
        )
    if len(target) < 10 * FOLDS:
        raise LabError(
            f"{len(target)} customers are too few to choose features by.",
            f"At least {10 * FOLDS} are needed; or leave `target` out.",
            key="target",
        )
    if target.std() == 0:
        raise LabError("The target is the same for everybody.", "Name a column that varies.", key="target")
