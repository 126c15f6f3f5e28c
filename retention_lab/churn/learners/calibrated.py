"""A model and what makes its probabilities keep their word."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.calibrators import Calibrator
from retention_lab.churn.learners.cleaned import cleaned
from retention_lab.churn.learners.protocol import ChurnModel, contributions
from retention_lab.cleaning import Cleaning
from retention_lab.features import Features, FeatureSchema
from retention_lab.nested_files import in_folder, json_bytes, of_folder

_FILE, _CLEANING = "calibration.json", "cleaning.json"


@dataclass(frozen=True)
class Calibrated:
    """model: as fitted; calibrator: of its cross-fitted probabilities; cleaning: what comes before the model,
    None where it reads the features as they are."""

    model: ChurnModel
    calibrator: Calibrator
    cleaning: Cleaning | None = None

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) calibrated probability of leaving."""
        return self.calibrator.apply(self.model.probability(self.cleaned(features)))

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): parts of the log-odds before calibration, which does not change their order.

        Raises LabError where the model has none.
        """
        return np.asarray(contributions(self.model, self.cleaned(features)), dtype=np.float64)

    def cleaned(self, features: Features | Floats) -> Features | Floats:
        """(n, d) features as the model inside reads them."""
        return cleaned(self.cleaning, features)

    def to_files(self) -> dict[str, bytes]:
        """The model in its folder, calibrator and cleaning as JSON."""
        files = {_FILE: json_bytes(self.calibrator.as_json()), **in_folder("model", self.model.to_files())}
        if self.cleaning is not None:
            about = {"schema": self.cleaning.schema.as_json(), "cleaning": self.cleaning.as_json()}
            files[_CLEANING] = json_bytes(about)
        return files

    @staticmethod
    def from_files(
        files: Mapping[str, bytes], read: Callable[[Mapping[str, bytes]], ChurnModel]
    ) -> "Calibrated":
        """The model that `to_files` wrote; `read` reads the model inside."""
        calibrator = Calibrator.from_json(json.loads(files[_FILE]))
        return Calibrated(read(of_folder("model", files)), calibrator, _read_cleaning(files))


def _read_cleaning(files: Mapping[str, bytes]) -> Cleaning | None:
    if _CLEANING not in files:
        return None
    about = json.loads(files[_CLEANING])
    return Cleaning.from_json(about["cleaning"], FeatureSchema.from_json(about["schema"]))
