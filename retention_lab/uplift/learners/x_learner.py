"""Effects imputed for every customer from the model of the other arm, then learned in each arm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.file_tree import in_folder, json_bytes, of_folder
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.nuisances import Task

_FILE = "shares.json"


@dataclass(frozen=True, slots=True)
class XLearner:
    """treated, control: effects learned from those with and without the offer; offer_share: (K,) share of the
    offer among both, by which control's weigh."""

    treated: EffectModels
    control: EffectModels
    offer_share: tuple[float, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        share = np.array(self.offer_share)
        return (1 - share) * self.treated.effect(features) + share * self.control.effect(features)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""
        share, values = np.array(self.offer_share)[:, None], matrix(features)
        return (1 - share) * self.treated.contributions(values) + share * self.control.contributions(values)

    def to_files(self) -> dict[str, bytes]:
        """One text per offer and side, and the shares."""
        sides = in_folder("treated", self.treated.to_files()) | in_folder("control", self.control.to_files())
        return {_FILE: json_bytes(list(self.offer_share)), **sides}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "XLearner":
        """The model that `to_files` wrote."""
        treated, control = (
            EffectModels.from_files(of_folder(side, files)) for side in ("treated", "control")
        )
        return XLearner(treated, control, tuple(float(x) for x in json.loads(files[_FILE])))


def fit_x_learner(task: Task) -> XLearner:
    """Learn outcome less prediction without the offer among the treated, and the reverse among controls.

    Good where one arm is much larger: its model then serves the smaller one. The sides are weighed by the
    average shares of the arms, so that a customer's propensity need not be known to predict.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    sample, known = task.sample, task.nuisances
    treated, control, shares = [], [], []
    for offer in range(1, sample.arm_count):
        able = (known.propensity[:, [0, offer]] > 0).all(axis=1)
        with_it = np.flatnonzero(able & (sample.arm == offer))
        without = np.flatnonzero(able & (sample.arm == 0))
        gained = task.target[with_it] - known.mean[with_it, 0]
        missed = known.mean[without, offer] - task.target[without]
        treated.append(task.regress(gained, with_it, task.weight(with_it)))
        control.append(task.regress(missed, without, task.weight(without)))
        total = [float(task.weight(rows).sum()) for rows in (with_it, without)]
        shares.append(total[0] / sum(total))
    return XLearner(EffectModels(tuple(treated)), EffectModels(tuple(control)), tuple(shares))
