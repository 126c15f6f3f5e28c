"""One outcome model with the arm as a feature."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features, FeatureSchema, matrix
from retention_lab.uplift.boosting import Boosted, binned, objective_for
from retention_lab.uplift.nuisances import Prepared


@dataclass(frozen=True, slots=True)
class SLearner:
    """One model whose last features say the arm."""

    model: Boosted
    arm_count: int

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the model's answer with each arm less its answer with control."""
        values = matrix(features)
        arms = (np.full(len(values), k) for k in range(self.arm_count))
        means = [self.model.predict(_with_indicators(values, arm, self.arm_count)) for arm in arms]
        return np.column_stack([mean - means[0] for mean in means[1:]])

    def to_files(self) -> dict[str, bytes]:
        """The model's text, and the number of arms."""
        return {"model.txt": self.model.text.encode(), "arms.json": json.dumps(self.arm_count).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "SLearner":
        """The model that `to_files` wrote."""
        return SLearner(Boosted(files["model.txt"].decode()), int(json.loads(files["arms.json"])))


def fit_s_learner(task: Prepared) -> SLearner:
    """Fit one model on all customers, arm included.

    Never invents an effect out of two models that smooth differently, but shrinks true ones towards zero,
    since trees split on the arm only where that pays more than any other feature.
    Source: Künzel, Sekhon, Bickel, Yu (2019), PNAS 116(10), doi:10.1073/pnas.1804597116.
    """
    sample = task.sample
    bins = binned(_with_arm(sample.features, sample.arm, sample.arm_count), task.params)
    return SLearner(bins.train(sample.outcome, objective_for(sample.outcome)), sample.arm_count)


def _with_arm(features: Features, arm: Ints, arm_count: int) -> Features:
    known = features.schema
    names = (*known.names, *(f"arm={k}" for k in range(1, arm_count)))
    schema = FeatureSchema(names, (*known.levels, *(None for _ in range(1, arm_count))))
    return Features(_with_indicators(features.values, arm, arm_count), schema)


def _with_indicators(values: Floats, arm: Ints, arm_count: int) -> Floats:
    # one indicator per offer: LightGBM asks more of a category's split than of a number's
    return np.column_stack([values, arm[:, None] == np.arange(1, arm_count)])
