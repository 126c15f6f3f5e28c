"""The same effect for everybody: the model that every other has to beat."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.file_tree import json_bytes
from retention_lab.uplift.nuisances import Task

_FILE = "constant.json"


@dataclass(frozen=True, slots=True)
class ConstantEffect:
    """values: effect of each offer, (K,), in the outcome's unit."""

    values: tuple[float, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): the same row for everybody."""
        return np.tile(np.array(self.values, dtype=np.float64), (len(features), 1))

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): no feature moves the effect; the base value, last, is all of it."""
        values = matrix(features)
        found = np.zeros((len(values), len(self.values), values.shape[1] + 1))
        found[:, :, -1] = self.values
        return found

    def to_files(self) -> dict[str, bytes]:
        """One JSON file."""
        return {_FILE: json_bytes({"effect": list(self.values)})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ConstantEffect":
        """The model that `to_files` wrote."""
        return ConstantEffect(tuple(float(x) for x in json.loads(files[_FILE])["effect"]))


def fit_constant(task: Task) -> ConstantEffect:
    """Average effect of each offer on those who could get it, from the cross-fitted doubly robust scores.

    Right on average, and blind to who responds.
    Source: Robins, Rotnitzky, Zhao (1994), JASA 89(427), doi:10.1080/01621459.1994.10476818.
    """
    effect, weight = task.gamma[:, 1:] - task.gamma[:, :1], task.sample.weight
    found = []
    for k, able in enumerate(task.feasible.T):
        own = None if weight is None else weight[able]
        found.append(float(np.average(effect[able, k], weights=own)))
    return ConstantEffect(tuple(found))
