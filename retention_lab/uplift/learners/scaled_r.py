"""Effects in proportion to how much the outcome of a customer can move at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.attribution import (
    prediction_contributions,
    product_contributions,
    rescaled_contributions,
)
from retention_lab.uplift.boosting import Boosted
from retention_lab.uplift.file_tree import in_folder, json_bytes, of_folder
from retention_lab.uplift.learners.contrast import contrast
from retention_lab.uplift.nuisances import Task
from retention_lab.uplift.outcomes import OutcomeModels

_FILE = "scale.json"
_FLOOR = 0.02  # of the mean: no customer is taken to be out of all reach
_MOSTLY_ABOVE = (
    0.5  # of the mean size: outcomes that are as often below 0 are no count and have no such scale
)


@dataclass(frozen=True, slots=True)
class ScaledEffects:
    """effect = scale x response.

    outcomes: outcome models that the scale comes from; models: the response to each offer; shares: (K + 1,)
    of the arms; floor: least mean outcome, 0 where there is no scale; binary: whether outcomes are 0 or 1.
    """

    outcomes: OutcomeModels
    models: tuple[Boosted, ...]
    shares: tuple[float, ...]
    floor: float
    binary: bool

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        values = matrix(features)
        mean = self.outcomes.mean(values)
        responses = [model.predict(values) for model in self.models]
        return np.column_stack([self.scale(mean, k) * r for k, r in enumerate(responses, start=1)])

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""
        values = matrix(features)
        means = self.outcomes.contributions(values) if self.floor > 0 else None
        found = []
        for k, model in enumerate(self.models, start=1):
            response = prediction_contributions(model, values)
            if means is not None:
                response = product_contributions(self._scale_contributions(means, k), response)
            found.append(response)
        return np.stack(found, axis=1)

    def scale(self, mean: Floats, offer: int) -> Floats:
        """(n,) how far a customer's outcome can move: its variance, as that of a share or of a count."""
        if self.floor <= 0:  # outcomes that are not above 0 on average have no such scale
            return np.ones(len(mean))
        return self._of_level(mean[:, [0, offer]] @ self._halves(offer))

    def _scale_contributions(self, means: Floats, offer: int) -> Floats:
        """(n, d + 1) of the scale, from (n, K + 1, d + 1) of the mean outcomes; in units of the floor, so
        that what is a small change does not depend on the outcome's own unit."""
        halves = self._halves(offer) / self.floor
        level = means[:, 0] * halves[0] + means[:, offer] * halves[1]
        return rescaled_contributions(level, level.sum(axis=1), lambda x: self._of_level(x * self.floor))

    def _halves(self, offer: int) -> Floats:
        """(2,) how much control and the offer count in a customer's level."""
        both = np.array([self.shares[0], self.shares[offer]])
        return np.asarray(both / both.sum())

    def _of_level(self, level: Floats) -> Floats:
        level = np.maximum(level, self.floor)
        return np.asarray(level * np.maximum(1 - level, self.floor) if self.binary else level)

    def to_files(self) -> dict[str, bytes]:
        """Texts of the models, and the numbers of the scale."""
        about = {"shares": list(self.shares), "floor": self.floor, "binary": self.binary}
        texts = {f"response_{k}.txt": m.text.encode() for k, m in enumerate(self.models, start=1)}
        outcomes = in_folder("outcomes", self.outcomes.to_files())
        return {_FILE: json_bytes(about), **texts, **outcomes}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ScaledEffects":
        """The model that `to_files` wrote."""
        about = json.loads(files[_FILE])
        shares = tuple(float(x) for x in about["shares"])
        texts = [files[f"response_{k}.txt"].decode() for k in range(1, len(shares))]
        outcomes = OutcomeModels.from_files(of_folder("outcomes", files))
        return ScaledEffects(
            outcomes, tuple(Boosted(text) for text in texts), shares, about["floor"], about["binary"]
        )


def fit_scaled_r(task: Task) -> ScaledEffects:
    """R-learner of the response, and the effect as response times the outcome's own variance.

    Whoever hardly ever buys can hardly buy less, and moves little either way: on the scale of the outcome's
    variance (log-odds of a share, relative change of a count or of money) effects are simpler, and weighing
    by that variance lets quiet customers, whose rows are exact, say more. One step of a logistic or Poisson
    model of the effect. Wrong where effects are as large for customers with small outcomes.
    Source: the R-loss of Nie and Wager (2021), Biometrika 108(2), doi:10.1093/biomet/asaa076, with the
    working weights of McCullagh and Nelder (1989), Generalized Linear Models, chapter 2.
    """
    sample = task.sample
    shares = np.average(task.nuisances.propensity, axis=0, weights=sample.weight)
    average = sample.mean(task.target)
    scaled = average >= _MOSTLY_ABOVE * sample.mean(np.abs(task.target))
    floor = _FLOOR * average if scaled else 0.0
    blank = ScaledEffects(task.outcomes, (), tuple(shares.tolist()), floor, sample.binary)
    models = []
    for offer in range(1, sample.arm_count):
        one = contrast(task, offer)
        scale = blank.scale(task.nuisances.mean[one.rows], offer)
        target = one.pseudo_effect / scale
        models.append(task.regress(target, one.rows, one.pseudo_weight * scale, task.effect_params))
    return replace(blank, models=tuple(models))
