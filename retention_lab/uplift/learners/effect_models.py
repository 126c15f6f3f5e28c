"""Fitted effect models that several learners share: one regression of the effect per offer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.boosting import Boosted


@dataclass(frozen=True, slots=True)
class EffectModels:
    """One boosted model of the effect for each offer."""

    models: tuple[Boosted, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        values = matrix(features)
        return np.column_stack([model.predict(values) for model in self.models])

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): SHAP values of the effects, the base value last; they sum to the effect."""
        values = matrix(features)
        return np.stack([model.contributions(values) for model in self.models], axis=1)

    def to_files(self) -> dict[str, bytes]:
        """One text per offer."""
        return {f"effect_{k}.txt": model.text.encode() for k, model in enumerate(self.models, start=1)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "EffectModels":
        """The models that `to_files` wrote."""
        return EffectModels(
            tuple(Boosted(files[f"effect_{k}.txt"].decode()) for k in range(1, len(files) + 1))
        )
