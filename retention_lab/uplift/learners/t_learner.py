"""One outcome model per arm, and their difference."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features
from retention_lab.uplift.boosting import objective_for
from retention_lab.uplift.nuisances import Task
from retention_lab.uplift.outcomes import ArmModels


@dataclass(frozen=True, slots=True)
class TLearner:
    """Outcome models of the arms, control first."""

    outcomes: ArmModels

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): predicted outcome with each offer less without one."""
        mean = self.outcomes.mean(features)
        return mean[:, 1:] - mean[:, :1]

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""
        found = self.outcomes.contributions(features)
        return found[:, 1:] - found[:, :1]

    def to_files(self) -> dict[str, bytes]:
        """One text per arm."""
        return self.outcomes.to_files()

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "TLearner":
        """The model that `to_files` wrote."""
        return TLearner(ArmModels.from_files(files))


def fit_t_learner(task: Task) -> TLearner:
    """Outcome models on disjoint customers.

    Easy to explain, but biased towards spurious effects when one arm is small: the models then smooth
    differently.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    objective, models = objective_for(task.target), []
    for k in range(task.sample.arm_count):
        own = np.flatnonzero(task.sample.arm == k)
        rows, weight = task.members[own], task.weight(own)
        models.append(task.bins.train(task.target[own], objective, rows=rows, weight=weight))
    return TLearner(ArmModels(tuple(models)))
