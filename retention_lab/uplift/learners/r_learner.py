"""Effects as what explains the residuals of those who got the offer, against those who did not."""

from retention_lab.uplift.boosting import BoostingParams
from retention_lab.uplift.learners.contrast import contrast
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.nuisances import Task


def fit_r_learner(task: Task) -> EffectModels:
    """Boosted regression on the R-loss, trees as deep as the outcome's.

    Right on average when either the propensities or the outcome models are, and steadier than weighting by
    inverse propensities; trees this deep find noise in small samples: see `fit_boosted_r`.
    Source: Nie and Wager (2021), Biometrika 108(2), doi:10.1093/biomet/asaa076.
    """
    return _fit(task, task.params)


def fit_boosted_r(task: Task) -> EffectModels:
    """The same on small trees and in small steps: effects are simpler than outcomes, and noisier.

    Source: as `fit_r_learner`.
    """
    return _fit(task, task.effect_params)


def _fit(task: Task, params: BoostingParams) -> EffectModels:
    models = []
    for offer in range(1, task.sample.arm_count):
        one = contrast(task, offer)
        models.append(task.regress(one.pseudo_effect, one.rows, one.pseudo_weight, params))
    return EffectModels(tuple(models))
