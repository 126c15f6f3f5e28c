"""Effects as a regression of scores that are right on average for any group of customers."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.nuisances import Task


def fit_dr_learner(task: Task) -> EffectModels:
    """Boosted regression of the doubly robust scores of each effect.

    Right when either the propensities or the outcome models are; noisy where an arm is rare.
    Source: Kennedy (2023), Electronic Journal of Statistics 17(2), doi:10.1214/23-EJS2157.
    """
    return _fit(task, task.nuisances.mean)


def fit_transformed(task: Task) -> EffectModels:
    """Boosted regression of the outcome weighted by inverse propensity: needs no outcome model.

    Right where propensities are, and noisier than any other: the outcome's whole level is noise to it.
    Source: Athey and Imbens (2016), PNAS 113(27), doi:10.1073/pnas.1510489113.
    """
    return _fit(task, np.zeros_like(task.nuisances.mean))


def _fit(task: Task, mean: Floats) -> EffectModels:
    sample = task.sample
    scores = doubly_robust(task.target, sample.arm, task.nuisances.propensity, mean)
    models = []
    for offer in range(1, sample.arm_count):
        rows = np.flatnonzero(task.feasible[:, offer - 1])
        models.append(task.regress(scores[rows, offer] - scores[rows, 0], rows, task.weight(rows)))
    return EffectModels(tuple(models))
