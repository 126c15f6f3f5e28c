"""causalml's S-, T-, X-, R- and DR-learner, on our gradient boosting.

Base learners have the parameters of the task, so that a difference to our own learners is one of method.
Categories stay categories and missing values stay missing. Propensities are the task's, known or
cross-fitted: causalml's own model of them knows no missing values. Above `MOST_ROWS` rows each is fitted on a
random part of the customers, and says so in `fitted_on`. causalml's own folds, of the R- and DR-learner, do
not keep the rows of one customer together.
"""

from collections.abc import Mapping
from typing import Any

from retention_lab.uplift.boosting import Boosted, Objective, objective_for
from retention_lab.uplift.learners.from_causalml.meta_models import (
    CausalmlEffects,
    CausalmlS,
    CausalmlT,
    CausalmlX,
)
from retention_lab.uplift.learners.from_causalml.quiet import quietly
from retention_lab.uplift.learners.from_causalml.training_part import TrainingPart, training_part
from retention_lab.uplift.nuisances import Task

# of which three fits, two to judge a candidate and one to use it, take about 10 seconds of one core
MOST_ROWS: Mapping[str, int] = {"s": 150_000, "t": 150_000, "x": 100_000, "r": 50_000, "dr": 75_000}


def fit_causalml_s(task: Task) -> CausalmlS:
    """For each offer one outcome model of its customers and control's, the arm as a feature.

    Shrinks effects towards zero, and with several offers learns about control once for each.
    Raises LabError when the rows fitted on lack an arm.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    part = training_part(task, MOST_ROWS["s"])
    with quietly():
        from causalml.inference.meta import BaseSRegressor

        # causalml puts the arm before the features
        learner = BaseSRegressor(learner=_outcome(task, part, shift=1), control_name=0)
        learner.fit(**_rows(part))
    return CausalmlS(tuple(_each(learner.models, part)), len(part.sample))


def fit_causalml_t(task: Task) -> CausalmlT:
    """One outcome model per arm, and their difference: biased where one arm is small.

    Raises LabError when the rows fitted on lack an arm.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    part = training_part(task, MOST_ROWS["t"])
    with quietly():
        from causalml.inference.meta import BaseTRegressor

        learner = BaseTRegressor(learner=_outcome(task, part), control_name=0)
        learner.fit(**_rows(part))
    return CausalmlT((learner.model_c.model_, *_each(learner.models_t, part)), len(part.sample))


def fit_causalml_x(task: Task) -> CausalmlX:
    """Effects imputed with the other arm's outcome model, learned in each arm, weighted by propensity.

    Outcome models are not cross-fitted: they are asked about rows of other arms only. To predict, known
    propensities are replaced by their mean over the rows fitted on, since nobody has drawn new customers yet
    (any weights between 0 and 1 are valid); estimated ones come from the task's propensity model.
    Raises LabError when the rows fitted on lack an arm.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    part = training_part(task, MOST_ROWS["x"])
    outcome, effect = _outcome(task, part), _effect(task, part)
    with quietly():
        from causalml.inference.meta import BaseXRegressor

        learner = BaseXRegressor(
            control_outcome_learner=outcome,
            treatment_outcome_learner=outcome,
            control_effect_learner=effect,
            treatment_effect_learner=effect,
            control_name=0,
        )
        learner.fit(**_rows(part), p=part.p)
    return CausalmlX(
        from_control=tuple(_each(learner.models_tau_c, part)),
        from_offer=tuple(_each(learner.models_tau_t, part)),
        chance=tuple(float(p.mean()) for p in part.p.values()),
        propensities=task.propensities,
        fitted_on=len(part.sample),
    )


def fit_causalml_r(task: Task) -> CausalmlEffects:
    """Residuals of the outcome regressed on residuals of the arm; outcome model cross-fitted in five folds.

    Raises LabError when the rows fitted on lack an arm.
    Source: Nie, Wager (2021), Biometrika 108(2), doi:10.1093/biomet/asaa076.
    """
    part = training_part(task, MOST_ROWS["r"])
    with quietly():
        # the class for numbers has no way to say how many processes to start, and starts one per core
        from causalml.inference.meta import BaseRLearner

        learner = BaseRLearner(
            outcome_learner=_outcome(task, part),
            effect_learner=_effect(task, part),
            control_name=0,
            random_state=task.params.seed,
            cv_n_jobs=1,
        )
        learner.fit(**_rows(part), p=part.p, verbose=False)
    return CausalmlEffects(tuple((model,) for model in _each(learner.models_tau, part)), len(part.sample))


def fit_causalml_dr(task: Task) -> CausalmlEffects:
    """Doubly robust scores regressed on features, in three folds whose models are averaged.

    Each of the three learns outcomes on a third of the rows and the effect on another third.
    Raises LabError when a fold lacks an arm.
    Source: Kennedy (2023), Electronic Journal of Statistics 17(2), doi:10.1214/23-EJS2157.
    """
    part = training_part(task, MOST_ROWS["dr"])
    outcome = _outcome(task, part)
    with quietly():
        from causalml.inference.meta import BaseDRRegressor

        learner = BaseDRRegressor(
            control_outcome_learner=outcome,
            treatment_outcome_learner=outcome,
            treatment_effect_learner=_effect(task, part),
            control_name=0,
        )
        learner.fit(**_rows(part), p=part.p, seed=task.params.seed)
    offers = range(1, part.sample.arm_count)
    models = tuple(tuple(fold.model_ for fold in learner.models_tau[k]) for k in offers)
    return CausalmlEffects(models, len(part.sample))


def _rows(part: TrainingPart) -> dict[str, Any]:
    sample = part.sample
    return {"X": sample.features.values, "treatment": sample.arm, "y": sample.outcome}


def _outcome(task: Task, part: TrainingPart, shift: int = 0) -> Any:
    return _base(task, part, objective_for(part.sample.outcome), shift)


def _effect(task: Task, part: TrainingPart) -> Any:
    return _base(task, part, "regression")


def _base(task: Task, part: TrainingPart, objective: Objective, shift: int = 0) -> Any:
    # brings scikit-learn along, which only those pay who fit
    from retention_lab.uplift.learners.from_causalml.base_learner import BoostedRegressor

    categorical = tuple(i + shift for i in part.sample.features.schema.categorical)
    return BoostedRegressor(params=task.params, objective=objective, categorical=categorical)


def _each(models: dict[int, Any], part: TrainingPart) -> list[Boosted]:
    return [models[k].model_ for k in range(1, part.sample.arm_count)]
