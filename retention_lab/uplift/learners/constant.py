"""The same effect for everybody: the model that every other has to beat."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features
from retention_lab.uplift.nuisances import Prepared

_FILE = "constant.json"


@dataclass(frozen=True, slots=True)
class ConstantEffect:
    """values: effect of each offer, (K,), in the outcome's unit."""

    values: tuple[float, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the same row for everybody."""
        return np.tile(np.array(self.values, dtype=np.float64), (len(features), 1))

    def to_files(self) -> dict[str, bytes]:
        """One JSON file."""
        return {_FILE: json.dumps({"effect": list(self.values)}).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ConstantEffect":
        """The model that `to_files` wrote."""
        return ConstantEffect(tuple(float(x) for x in json.loads(files[_FILE])["effect"]))


def fit_constant(task: Prepared) -> ConstantEffect:
    """Average effect of each offer on those who could get it, from the cross-fitted doubly robust scores.

    Right on average, and blind to who responds.
    Source: Robins, Rotnitzky, Zhao (1994), JASA 89(427), doi:10.1080/01621459.1994.10476818.
    """
    effect, feasible = task.gamma[:, 1:] - task.gamma[:, :1], task.feasible
    return ConstantEffect(tuple(float(effect[feasible[:, k], k].mean()) for k in range(effect.shape[1])))
