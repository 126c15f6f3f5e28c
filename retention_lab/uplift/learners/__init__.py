"""Ways to learn who responds: each takes what all of them share and returns a fitted value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.uplift.learners.averaged import Averaged
from retention_lab.uplift.learners.constant import ConstantEffect, fit_constant
from retention_lab.uplift.learners.dr_learner import fit_dr_learner, fit_transformed
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.learners.from_causalml.forests import (
    CausalmlForest,
    fit_causalml_causal_forest,
    fit_causalml_uplift_forest,
)
from retention_lab.uplift.learners.from_causalml.meta_learners import (
    fit_causalml_dr,
    fit_causalml_r,
    fit_causalml_s,
    fit_causalml_t,
    fit_causalml_x,
)
from retention_lab.uplift.learners.from_causalml.meta_models import (
    CausalmlEffects,
    CausalmlS,
    CausalmlT,
    CausalmlX,
)
from retention_lab.uplift.learners.protocol import UpliftModel
from retention_lab.uplift.learners.r_learner import fit_boosted_r, fit_r_learner
from retention_lab.uplift.learners.ridge_r import RidgeEffects, fit_ridge_r
from retention_lab.uplift.learners.s_learner import SLearner, fit_s_learner
from retention_lab.uplift.learners.scaled_r import ScaledEffects, fit_scaled_r
from retention_lab.uplift.learners.stack import Stack
from retention_lab.uplift.learners.t_learner import TLearner, fit_t_learner
from retention_lab.uplift.learners.two_part import BuyingEffects, fit_two_part
from retention_lab.uplift.learners.x_learner import XLearner, fit_x_learner
from retention_lab.uplift.nuisances import Task

__all__ = ["LEARNERS", "STACK", "Learner", "UpliftModel", "learner", "read_model"]

STACK = "stack"


@dataclass(frozen=True, slots=True)
class Learner:
    """How to fit a model, and how to read it back."""

    fit: Callable[[Task], UpliftModel]
    from_files: Callable[[Mapping[str, bytes]], UpliftModel]


LEARNERS: dict[str, Learner] = {
    "constant": Learner(fit_constant, ConstantEffect.from_files),
    "s": Learner(fit_s_learner, SLearner.from_files),
    "t": Learner(fit_t_learner, TLearner.from_files),
    "x": Learner(fit_x_learner, XLearner.from_files),
    "r": Learner(fit_r_learner, EffectModels.from_files),
    "dr": Learner(fit_dr_learner, EffectModels.from_files),
    "transformed": Learner(fit_transformed, EffectModels.from_files),
    "ridge_r": Learner(fit_ridge_r, RidgeEffects.from_files),
    "boosted_r": Learner(fit_boosted_r, EffectModels.from_files),
    "scaled_r": Learner(fit_scaled_r, ScaledEffects.from_files),
    "two_part": Learner(fit_two_part, BuyingEffects.from_files),
    "causalml.s": Learner(fit_causalml_s, CausalmlS.from_files),
    "causalml.t": Learner(fit_causalml_t, CausalmlT.from_files),
    "causalml.x": Learner(fit_causalml_x, CausalmlX.from_files),
    "causalml.r": Learner(fit_causalml_r, CausalmlEffects.from_files),
    "causalml.dr": Learner(fit_causalml_dr, CausalmlEffects.from_files),
    "causalml.uplift_forest": Learner(fit_causalml_uplift_forest, CausalmlForest.from_files),
    "causalml.causal_forest": Learner(fit_causalml_causal_forest, CausalmlForest.from_files),
}


def learner(name: str) -> Learner:
    """The learner of that name; raises ConfigurationError with the nearest known one.

    The stack is not one of them: it is made of several, see `selection`.
    """
    if name not in LEARNERS:
        raise ConfigurationError(
            f"No uplift learner is named {name!r}.", did_you_mean(name, (STACK, *LEARNERS))
        )
    return LEARNERS[name]


def read_model(name: str, files: Mapping[str, bytes]) -> UpliftModel:
    """The model of a learner, or of the stack, from its files."""
    if name == STACK:
        return Stack.from_files(files, read_model)
    if all(path.startswith("fold_") for path in files):
        return Averaged.from_files(files, learner(name).from_files)
    return learner(name).from_files(files)
