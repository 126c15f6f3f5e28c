"""One outcome model with the arm as a feature."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.attribution import prediction_contributions
from retention_lab.uplift.boosting import Boosted, objective_for
from retention_lab.uplift.file_tree import json_bytes
from retention_lab.uplift.nuisances import Task, with_arm

_FILE = "arms.json"


@dataclass(frozen=True, slots=True)
class SLearner:
    """One model whose last features say the arm; columns: (K + 1,) which of them is each arm's, control 0."""

    model: Boosted
    columns: tuple[int, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the model's answer with each arm less its answer with control."""
        values = matrix(features)
        arms = len(self.columns)
        means = [self.model.predict(with_arm(values, np.full(len(values), k), arms)) for k in self.columns]
        return np.column_stack([mean - means[0] for mean in means[1:]])

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect.

        With the arm known, the model is a function of the features alone; an effect is a difference of two.
        """
        values = matrix(features)
        d, offers = values.shape[1], len(self.columns) - 1
        wider = np.column_stack([values, np.zeros((len(values), offers))])
        by_arm = []
        for place in self.columns:
            arm = {d + k: float(place == k + 1) for k in range(offers)}
            found = prediction_contributions(self.model, wider, arm)
            by_arm.append(np.delete(found, np.s_[d : d + offers], axis=1))
        return np.stack([found - by_arm[0] for found in by_arm[1:]], axis=1)

    def to_files(self) -> dict[str, bytes]:
        """The model's text, and the places of the arms."""
        return {"model.txt": self.model.text.encode(), _FILE: json_bytes(list(self.columns))}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "SLearner":
        """The model that `to_files` wrote."""
        columns = tuple(int(k) for k in json.loads(files[_FILE]))
        return SLearner(Boosted(files["model.txt"].decode()), columns)


def fit_s_learner(task: Task) -> SLearner:
    """Fit one model on all customers, arm included.

    Never invents an effect out of two models that smooth differently, but shrinks true ones towards zero,
    since trees split on the arm only where that pays more than any other feature.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    target, weight = task.target, task.sample.weight
    model = task.arm_bins().train(target, objective_for(target), rows=task.members, weight=weight)
    return SLearner(model, task.places)
