"""A model and what makes its probabilities keep their word."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.calibrators import Calibrator
from retention_lab.churn.learners.protocol import ChurnModel, contributions
from retention_lab.features import Features
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_FILE = "calibration.json"


@dataclass(frozen=True)
class Calibrated:
    """model: as fitted; calibrator: of its cross-fitted probabilities."""

    model: ChurnModel
    calibrator: Calibrator

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) calibrated probability of leaving."""
        return self.calibrator.apply(self.model.probability(features))

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): parts of the log-odds before calibration, which does not change their order.

        Raises LabError where the model has none.
        """
        return np.asarray(contributions(self.model, features), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The model in its folder, and the calibrator as JSON."""
        return {_FILE: json_bytes(self.calibrator.as_json()), **in_folder("model", self.model.to_files())}

    @staticmethod
    def from_files(
        files: Mapping[str, bytes], read: Callable[[Mapping[str, bytes]], ChurnModel]
    ) -> "Calibrated":
        """The model that `to_files` wrote; `read` reads the model inside."""
        return Calibrated(read(of_folder("model", files)), Calibrator.from_json(json.loads(files[_FILE])))
