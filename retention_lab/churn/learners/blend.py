"""Several models in one: a weighted average of their log-odds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from retention_lab.arrays import Floats
from retention_lab.churn.learners.boosted import BoostedModel
from retention_lab.churn.learners.linear import LinearModel
from retention_lab.features import Features
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_FILE = "blend.json"
_STEPS = 20
_EDGE = 1e-9


@dataclass(frozen=True)
class Blend:
    """weight: of the logistic model, 0 to 1; the boosted trees have the rest."""

    logistic: LinearModel
    boosted: BoostedModel
    weight: float

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving."""
        smooth, trees = self.logistic.probability(features), self.boosted.probability(features)
        return blended(smooth, trees, self.weight)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): each feature's part of the log-odds, the base value last."""
        smooth, trees = self.logistic.contributions(features), self.boosted.contributions(features)
        return np.asarray(self.weight * smooth + (1 - self.weight) * trees, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """Each part in its folder, and the weight."""
        return {
            _FILE: json_bytes({"weight": self.weight}),
            **in_folder("logistic", self.logistic.to_files()),
            **in_folder("lightgbm", self.boosted.to_files()),
        }

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Blend":
        """The model that `to_files` wrote."""
        return Blend(
            LinearModel.from_files(of_folder("logistic", files)),
            BoostedModel.from_files(of_folder("lightgbm", files)),
            float(json.loads(files[_FILE])["weight"]),
        )


def blended(first: Floats, second: Floats, weight: float) -> Floats:
    """(n,) weighted average of two probabilities on the scale of log-odds."""
    a, b = (logit(np.clip(one, _EDGE, 1 - _EDGE)) for one in (first, second))
    return np.asarray(expit(weight * a + (1 - weight) * b), dtype=np.float64)


def best_weight(first: Floats, second: Floats, left: Floats) -> float:
    """The weight of the first with the least log loss, in steps of a twentieth.

    first, second: (n,) cross-fitted probabilities: of rows that the models were fitted on, the more flexible
    would always win. Source: van der Laan, Polley, Hubbard (2007), doi:10.2202/1544-6115.1309.
    """
    weights = np.arange(_STEPS + 1) / _STEPS
    losses = [_log_loss(blended(first, second, float(weight)), left) for weight in weights]
    return float(weights[int(np.argmin(losses))])


def _log_loss(probability: Floats, left: Floats) -> float:
    return float(-np.mean(np.where(left == 1, np.log(probability), np.log1p(-probability))))
