"""Several learners as one: how much of each is what predicts best for customers that it has not seen."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.file_tree import in_folder, json_bytes, of_folder
from retention_lab.uplift.learners.contrast import Contrast, evidence
from retention_lab.uplift.learners.protocol import UpliftModel, contributions
from retention_lab.uplift.nuisances import WEIGHT_PARTS, Prepared

PARTS = ("ridge_r", "boosted_r", "scaled_r", "s")
MONEY_PARTS = (*PARTS, "two_part")
_FILE = "stack.json"
_LEAST = 0.01  # weights below it cost predictions and change nothing


@dataclass(frozen=True, slots=True)
class Stack:
    """effect = average + sum over parts of weight x (the part's effect less its own average).

    parts: by name; average: (K,) in the outcome's unit; weights, centres: part -> (K,).
    """

    parts: Mapping[str, UpliftModel]
    average: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    centres: Mapping[str, tuple[float, ...]]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        found = np.tile(np.array(self.average), (len(features), 1))
        for name, part in self.parts.items():
            found += np.array(self.weights[name]) * (part.effect(features) - np.array(self.centres[name]))
        return found

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): the parts' SHAP values, weighted; the base value last; they sum to the effect."""
        values = matrix(features)
        found = np.zeros((len(values), len(self.average), values.shape[1] + 1))
        found[:, :, -1] = self.average
        for name, part in self.parts.items():
            weight = np.array(self.weights[name])
            found += weight[:, None] * contributions(part, features)
            found[:, :, -1] -= weight * np.array(self.centres[name])
        return found

    def to_files(self) -> dict[str, bytes]:
        """The weights, and a folder a part."""
        about = {
            "average": self.average,
            "weights": {name: self.weights[name] for name in self.parts},
            "centres": {name: self.centres[name] for name in self.parts},
        }
        files = {_FILE: json_bytes(about)}
        for name, part in self.parts.items():
            files |= in_folder(name, part.to_files())
        return files

    @staticmethod
    def from_files(
        files: Mapping[str, bytes], read: Callable[[str, Mapping[str, bytes]], UpliftModel]
    ) -> "Stack":
        """The model that `to_files` wrote; read: of a part by its name."""
        about = json.loads(files[_FILE])
        return Stack(
            {name: read(name, of_folder(name, files)) for name in about["weights"]},
            tuple(about["average"]),
            {name: tuple(one) for name, one in about["weights"].items()},
            {name: tuple(one) for name, one in about["centres"].items()},
        )


@dataclass(frozen=True, slots=True)
class Stacked:
    """model: the stack; effect: (n, K) of the training rows, with weights that have not seen them either."""

    model: Stack
    effect: Floats


def stack(
    task: Prepared, average: Floats, models: Mapping[str, UpliftModel], effects: Mapping[str, Floats]
) -> Stacked:
    """Weights, not negative, that minimise the cross-fitted R-loss (the DR-loss where propensities are
    estimated) for each offer.

    average: (K,) average effects, which the stack keeps: its parts say only who differs from them.
    models, effects: by part; (n, K) cross-fitted effects of the training rows.
    Source: Nie and Wager (2021), Biometrika 108(2), doi:10.1093/biomet/asaa076, section 4.2; Breiman (1996),
    Machine Learning 24, doi:10.1007/BF00117832 (why weights should not be negative).
    """
    names = list(effects)
    centres = np.array([_centre(task, effects[name]) for name in names])
    found = np.tile(average, (len(task.sample), 1))
    weights = np.empty((len(names), len(average)))
    for k in range(len(average)):
        one = evidence(task.whole, k + 1)
        columns = np.column_stack([effects[name][:, k] for name in names]) - centres[:, k]
        weights[:, k] = _weights(one, columns, np.ones(len(one.rows), dtype=np.bool_))
        # not by fold: with two folds, the scale of one fold's model would be learned from the other's
        for p in range(WEIGHT_PARTS):
            own = _weights(one, columns, task.judged_in[one.rows] != p)
            found[task.judged_in == p, k] += columns[task.judged_in == p] @ own
    kept = [i for i in range(len(names)) if weights[i].max() > _LEAST]
    model = Stack(
        {names[i]: models[names[i]] for i in kept},
        tuple(average.tolist()),
        {names[i]: tuple(weights[i].tolist()) for i in kept},
        {names[i]: tuple(centres[i].tolist()) for i in kept},
    )
    return Stacked(model, found)


def _centre(task: Prepared, effect: Floats) -> list[float]:
    """(K,) average of (n, K) effects over those who could get each offer, as the average effects are."""
    weight = task.whole.weight(np.arange(len(effect)))
    return [
        float(np.average(e, weights=weight * able)) for e, able in zip(effect.T, task.feasible.T, strict=True)
    ]


def _weights(one: Contrast, columns: Floats, where: Bools) -> Floats:
    """(parts,) weights of (n, parts) centred effects, on the rows of the contrast that a mask picks."""
    from scipy.optimize import nnls  # a quarter of a second, which only those pay who fit

    root = np.sqrt(one.weight[where])
    level, y = root * one.surprise[where], root * one.residual[where]
    design = columns[one.rows[where]] * level[:, None]
    # the average effect is not shrunk: it is taken out of both sides first
    across = level @ design / float(level @ level)
    gram = design.T @ design - float(level @ level) * np.outer(across, across)
    aim = design.T @ y - float(level @ y) * across
    spread = np.sqrt(np.maximum(np.diag(gram), 0.0))
    able = spread > 1e-9 * (spread.max(initial=0.0) or 1.0)
    found = np.zeros(columns.shape[1])
    if not able.any():
        return found
    scaled = gram[np.ix_(able, able)] / np.outer(spread[able], spread[able])
    values, vectors = np.linalg.eigh(scaled)
    root_gram = np.sqrt(np.maximum(values, 1e-10))[:, None] * vectors.T
    target = (vectors.T @ (aim[able] / spread[able])) / np.sqrt(np.maximum(values, 1e-10))
    found[able] = nnls(root_gram, target)[0] / spread[able]
    return found
