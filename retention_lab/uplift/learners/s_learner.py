"""One outcome model with the arm as a feature."""

from collections.abc import Mapping
from dataclasses import dataclass

from retention_lab.arrays import Floats
from retention_lab.features import Features
from retention_lab.uplift.nuisances import Task
from retention_lab.uplift.outcomes import OutcomeModels


@dataclass(frozen=True, slots=True)
class SLearner:
    """Outcome models that read the arm as a feature."""

    outcomes: OutcomeModels

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the models' answer with each offer less their answer without one."""
        mean = self.outcomes.mean(features)
        return mean[:, 1:] - mean[:, :1]

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect.

        With the arm known, a model is a function of the features alone; an effect is a difference of two.
        """
        found = self.outcomes.contributions(features)
        return found[:, 1:] - found[:, :1]

    def to_files(self) -> dict[str, bytes]:
        """As of the outcome models."""
        return self.outcomes.to_files()

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "SLearner":
        """The model that `to_files` wrote."""
        return SLearner(OutcomeModels.from_files(files))


def fit_s_learner(task: Task) -> SLearner:
    """Take the shared outcome models, which know the arm as a feature: costs nothing more.

    Never invents an effect out of two models that smooth differently, but shrinks true ones towards zero,
    since trees split on the arm only where that pays more than any other feature.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    return SLearner(task.outcomes)
