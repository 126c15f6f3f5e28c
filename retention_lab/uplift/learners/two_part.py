"""Money with many zeros: the effect on whether anything is bought, times how much a buyer spends."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.attribution import prediction_contributions, product_contributions
from retention_lab.uplift.boosting import Boosted, constant_model
from retention_lab.uplift.file_tree import in_folder, of_folder
from retention_lab.uplift.learners.scaled_r import ScaledEffects, fit_scaled_r
from retention_lab.uplift.nuisances import Task
from retention_lab.uplift.outcomes import FEWEST_EVENTS

_AMOUNT = "amount.txt"


@dataclass(frozen=True, slots=True)
class BuyingEffects:
    """buying: effect on the chance that anything is bought; amount: what a buyer spends, in any arm."""

    buying: ScaledEffects
    amount: Boosted

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        values = matrix(features)
        return self.buying.effect(values) * self.amount.predict(values)[:, None]

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""
        values = matrix(features)
        buying, amount = self.buying.contributions(values), prediction_contributions(self.amount, values)
        by_offer = [product_contributions(buying[:, k], amount) for k in range(buying.shape[1])]
        return np.stack(by_offer, axis=1)

    def to_files(self) -> dict[str, bytes]:
        """The files of both parts."""
        return {**in_folder("buying", self.buying.to_files()), _AMOUNT: self.amount.text.encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "BuyingEffects":
        """The model that `to_files` wrote."""
        return BuyingEffects(
            ScaledEffects.from_files(of_folder("buying", files)), Boosted(files[_AMOUNT].decode())
        )


def fit_two_part(task: Task) -> BuyingEffects:
    """Effect on buying, by the scaled R-learner on whether the outcome is above 0, times a buyer's amount.

    Among few buyers amounts drown the effect; whether somebody bought is the steadier half of the story.
    Blind to offers that change how much a buyer spends: the stack has other parts for those.
    Raises LabError where outcomes are negative, or nobody's or everybody's is 0.
    Source: as `TwoPart`.
    """
    event = task.event()
    bought = np.flatnonzero(task.target > 0)
    if len(bought) < FEWEST_EVENTS:
        amount = constant_model(float(task.target[bought].mean()), task.params.threads)
    else:
        amount = task.regress(task.target[bought], bought, task.weight(bought))
    return BuyingEffects(fit_scaled_r(event), amount)
