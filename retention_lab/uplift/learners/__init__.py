"""Ways to learn who responds: each takes what all of them share and returns a fitted value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, did_you_mean
from retention_lab.features import Features
from retention_lab.uplift.learners.constant import ConstantEffect, fit_constant
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
from retention_lab.uplift.learners.s_learner import SLearner, fit_s_learner
from retention_lab.uplift.learners.t_learner import TLearner, fit_t_learner
from retention_lab.uplift.nuisances import Prepared


class UpliftModel(Protocol):
    """A fitted effect model."""

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): outcome with each offer less outcome without one, in the outcome's unit."""

    def to_files(self) -> dict[str, bytes]:
        """The model in open formats, by file name."""


@dataclass(frozen=True, slots=True)
class Learner:
    """How to fit a model, and how to read it back."""

    fit: Callable[[Prepared], UpliftModel]
    from_files: Callable[[Mapping[str, bytes]], UpliftModel]


LEARNERS: dict[str, Learner] = {
    "constant": Learner(fit_constant, ConstantEffect.from_files),
    "s": Learner(fit_s_learner, SLearner.from_files),
    "t": Learner(fit_t_learner, TLearner.from_files),
    "causalml.s": Learner(fit_causalml_s, CausalmlS.from_files),
    "causalml.t": Learner(fit_causalml_t, CausalmlT.from_files),
    "causalml.x": Learner(fit_causalml_x, CausalmlX.from_files),
    "causalml.r": Learner(fit_causalml_r, CausalmlEffects.from_files),
    "causalml.dr": Learner(fit_causalml_dr, CausalmlEffects.from_files),
    "causalml.uplift_forest": Learner(fit_causalml_uplift_forest, CausalmlForest.from_files),
    "causalml.causal_forest": Learner(fit_causalml_causal_forest, CausalmlForest.from_files),
}


def learner(name: str) -> Learner:
    """The learner of that name; raises ConfigurationError with the nearest known one."""
    if name not in LEARNERS:
        raise ConfigurationError(f"No uplift learner is named {name!r}.", did_you_mean(name, LEARNERS))
    return LEARNERS[name]
