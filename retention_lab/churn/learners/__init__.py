"""Ways to learn who leaves: each takes a sample and a seed, and returns a fitted value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retention_lab.churn.learners.blend import Blend
from retention_lab.churn.learners.boosted import BoostedModel, fit_boosted
from retention_lab.churn.learners.calibrated import Calibrated
from retention_lab.churn.learners.forest import fit_forest
from retention_lab.churn.learners.hazard import HazardModel
from retention_lab.churn.learners.linear import LinearModel
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.learners.mlp import MlpModel, fit_mlp
from retention_lab.churn.learners.protocol import ChurnModel, contributions
from retention_lab.churn.learners.svm import fit_svm, read_svm
from retention_lab.churn.learners.tree import fit_tree
from retention_lab.churn.learners.trees import TreeModel
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import ConfigurationError, did_you_mean

__all__ = ["BLEND", "HAZARD", "LEARNERS", "ChurnModel", "contributions", "learner", "read_calibrated"]

BLEND, HAZARD = "blend", "hazard"  # made of others, or told which column is the clock: see `selection`


@dataclass(frozen=True, slots=True)
class Learner:
    """How to fit a model from a sample and a seed, and how to read it back."""

    fit: Callable[[ChurnSample, int], ChurnModel]
    from_files: Callable[[Mapping[str, bytes]], ChurnModel]


LEARNERS: dict[str, Learner] = {
    "logistic": Learner(fit_logistic, LinearModel.from_files),
    "tree": Learner(fit_tree, TreeModel.from_files),
    "forest": Learner(fit_forest, TreeModel.from_files),
    "svm": Learner(fit_svm, read_svm),
    "mlp": Learner(fit_mlp, MlpModel.from_files),
    "lightgbm": Learner(fit_boosted, BoostedModel.from_files),
}


def learner(name: str) -> Learner:
    """The learner of that name; raises ConfigurationError with the nearest known one."""
    if name not in LEARNERS:
        known = (*LEARNERS, HAZARD, BLEND)
        raise ConfigurationError(
            f"No churn model is named {name!r}.", did_you_mean(name, known), key="models"
        )
    return LEARNERS[name]


def read_calibrated(name: str, files: Mapping[str, bytes]) -> Calibrated:
    """The calibrated model of that name from its files."""
    special: dict[str, Callable[[Mapping[str, bytes]], ChurnModel]] = {
        BLEND: Blend.from_files,
        HAZARD: HazardModel.from_files,
    }
    return Calibrated.from_files(files, special.get(name) or learner(name).from_files)
