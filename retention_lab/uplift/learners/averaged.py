"""The average of the models of all folds: what is fitted to judge a learner is also what is used of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features
from retention_lab.uplift.file_tree import in_folder, of_folder
from retention_lab.uplift.learners.protocol import UpliftModel, contributions


@dataclass(frozen=True, slots=True)
class Averaged:
    """models: one per fold, of one learner."""

    models: tuple[UpliftModel, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): average of the models' effects, in the outcome's unit."""
        return np.asarray(np.mean([model.effect(features) for model in self.models], axis=0))

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): average of the models' SHAP values; they sum to the effect.

        Raises LabError where the learner has none.
        """
        return np.asarray(np.mean([contributions(model, features) for model in self.models], axis=0))

    def to_files(self) -> dict[str, bytes]:
        """A folder a model."""
        return {
            name: data
            for i, model in enumerate(self.models)
            for name, data in in_folder(f"fold_{i}", model.to_files()).items()
        }

    @staticmethod
    def from_files(
        files: Mapping[str, bytes], read: Callable[[Mapping[str, bytes]], UpliftModel]
    ) -> "Averaged":
        """The model that `to_files` wrote; read: of one of the models."""
        count = len({name.partition("/")[0] for name in files})
        return Averaged(tuple(read(of_folder(f"fold_{i}", files)) for i in range(count)))
