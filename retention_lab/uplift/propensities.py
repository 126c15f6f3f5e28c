"""How likely each arm was, where nobody logged it: learned from whom each arm was given to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.features import Features, matrix
from retention_lab.uplift.boosting import Binned, Boosted
from retention_lab.uplift.sample import UpliftSample

SMALLEST_PROPENSITY = 0.01  # below it, one row weighs more than a hundred


@dataclass(frozen=True, slots=True)
class PropensityModel:
    """Probability of each arm given the features, where nobody logged it: the average of several models.

    columns: (K + 1,) where each arm stands among the models' classes.
    """

    models: tuple[Boosted, ...]
    columns: tuple[int, ...]

    def probability(self, features: Features | Floats) -> Floats:
        """(n, K + 1), kept away from 0 and summing to 1."""
        values = matrix(features)
        raw = np.mean([model.predict(values) for model in self.models], axis=0)
        raw = np.maximum(raw, SMALLEST_PROPENSITY)
        # summed up in the classes' order: the arms' own would move the last digit when offers are renumbered
        return np.asarray((raw / raw.sum(axis=1, keepdims=True))[:, self.columns], dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """One text a model, and the classes."""
        texts = {f"{i}.txt": model.text.encode() for i, model in enumerate(self.models)}
        return {**texts, "classes.json": json.dumps(self.columns).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "PropensityModel":
        """The models that `to_files` wrote."""
        numbers = sorted(int(name.removesuffix(".txt")) for name in files if name.endswith(".txt"))
        columns = tuple(int(k) for k in json.loads(files["classes.json"]))
        return PropensityModel(tuple(Boosted(files[f"{i}.txt"].decode()) for i in numbers), columns)


def fit_propensity(
    sample: UpliftSample, bins: Binned, rows: Ints, places: tuple[int, ...]
) -> PropensityModel:
    """Probability of each arm, learned from the rows of an index array.

    places: (K + 1,) of the arms among the classes, whatever their numbers.
    """
    code = np.array(places)
    model = bins.train(
        code[sample.arm[rows]].astype(np.float64),
        "multiclass",
        rows=rows,
        weight=None if sample.weight is None else sample.weight[rows],
        classes=sample.arm_count,
    )
    return PropensityModel((model,), places)
