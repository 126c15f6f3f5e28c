"""Effects that rise or fall evenly with each feature."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.features import Features, matrix
from retention_lab.uplift.file_tree import json_bytes
from retention_lab.uplift.learners.contrast import Contrast, contrast
from retention_lab.uplift.nuisances import Task

_FILE = "ridge.json"
_REACH = 3.0  # standard deviations: one customer far out must not turn the line
_MOST_LEVELS = 20
_RARE = 0.01  # share of missing values from which being missing is a feature
_PENALTIES = tuple(10.0**p for p in np.arange(-3, 4.5, 0.5))


@dataclass(frozen=True, slots=True)
class LinearBasis:
    """How features become columns: numbers standardised and held within reach, levels and gaps as 0 or 1.

    numbers: (column, mean, spread); levels: (column, code); gaps: columns whose missing values count.
    """

    numbers: tuple[tuple[int, float, float], ...]
    levels: tuple[tuple[int, float], ...]
    gaps: tuple[int, ...]

    def columns(self, values: Floats) -> Floats:
        """(n, d) -> (n, b)."""
        parts = []
        for j, mean, spread in self.numbers:
            scaled = np.clip((values[:, j] - mean) / spread, -_REACH, _REACH)
            parts.append(np.where(np.isnan(scaled), 0.0, scaled))
        parts += [(values[:, j] == code).astype(np.float64) for j, code in self.levels]
        parts += [np.isnan(values[:, j]).astype(np.float64) for j in self.gaps]
        return np.column_stack(parts) if parts else np.zeros((len(values), 0))

    @property
    def sources(self) -> list[int]:
        """(b,) the feature that each column comes from."""
        return [j for j, _, _ in self.numbers] + [j for j, _ in self.levels] + list(self.gaps)


@dataclass(frozen=True, slots=True)
class RidgeEffects:
    """basis; intercept: (K,); slopes: (K, b), in the outcome's unit per column; centre: (b,) column means."""

    basis: LinearBasis
    intercept: tuple[float, ...]
    slopes: tuple[tuple[float, ...], ...]
    centre: tuple[float, ...]

    def effect(self, features: Features | Floats) -> Floats:
        """(n, K): effect of each offer, in the outcome's unit."""
        columns = self.basis.columns(matrix(features)) - np.array(self.centre)
        slopes = np.array(self.slopes).reshape(len(self.intercept), -1)
        return np.asarray(np.array(self.intercept) + columns @ slopes.T)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, K, d + 1): each feature's part, against its average; the base value last."""
        values = matrix(features)
        columns = self.basis.columns(values) - np.array(self.centre)
        found = np.zeros((len(values), len(self.intercept), values.shape[1] + 1))
        found[:, :, -1] = self.intercept
        for i, j in enumerate(self.basis.sources):
            found[:, :, j] += columns[:, [i]] * np.array([slope[i] for slope in self.slopes])
        return found

    def to_files(self) -> dict[str, bytes]:
        """One JSON file."""
        basis = {"numbers": self.basis.numbers, "levels": self.basis.levels, "gaps": self.basis.gaps}
        about = {"intercept": self.intercept, "slopes": self.slopes, "centre": self.centre, **basis}
        return {_FILE: json_bytes(about)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "RidgeEffects":
        """The model that `to_files` wrote."""
        about = json.loads(files[_FILE])
        basis = LinearBasis(
            tuple((int(j), float(m), float(s)) for j, m, s in about["numbers"]),
            tuple((int(j), float(code)) for j, code in about["levels"]),
            tuple(int(j) for j in about["gaps"]),
        )
        slopes = tuple(tuple(map(float, one)) for one in about["slopes"])
        return RidgeEffects(basis, tuple(map(float, about["intercept"])), slopes, tuple(about["centre"]))


def fit_ridge_r(task: Task) -> RidgeEffects:
    """Ridge regression on the R-loss; the penalty by generalised cross-validation.

    The steadiest of the learners that tell customers apart, and blind to all but straight lines.
    Source: Nie and Wager (2021), Biometrika 108(2), doi:10.1093/biomet/asaa076; Golub, Heath, Wahba (1979),
    Technometrics 21(2), doi:10.1080/00401706.1979.10489751.
    """
    basis = _basis(task.sample.features)
    columns = basis.columns(task.sample.features.values)
    centre = np.average(columns, axis=0, weights=task.sample.weight)
    fits = [_fit(contrast(task, k), columns - centre) for k in range(1, task.sample.arm_count)]
    return RidgeEffects(
        basis,
        tuple(float(line[0]) for line in fits),
        tuple(tuple(line[1:].tolist()) for line in fits),
        tuple(centre.tolist()),
    )


def _basis(features: Features) -> LinearBasis:
    values, categorical = features.values, set(features.schema.categorical)
    numbers, levels, gaps = [], [], []
    for j in range(values.shape[1]):
        known = values[:, j][~np.isnan(values[:, j])]
        if len(known) < (1 - _RARE) * len(values):
            gaps.append(j)
        if j in categorical:
            codes, counts = np.unique(known, return_counts=True)
            common = codes[np.argsort(-counts, kind="stable")][:_MOST_LEVELS]
            levels += [(j, float(code)) for code in np.sort(common)]
        elif len(known) and np.ptp(known) > 0:
            numbers.append((j, float(known.mean()), float(known.std())))
    return LinearBasis(tuple(numbers), tuple(levels), tuple(gaps))


def _fit(one: Contrast, columns: Floats) -> Floats:
    """(1 + b,) intercept and slopes with the least generalised cross-validation error."""
    root = np.sqrt(one.weight)
    level, y = root * one.surprise, root * one.residual
    design = columns[one.rows] * level[:, None]
    # the intercept is not penalised: it is taken out of both sides first
    length, height = float(level @ level), float(level @ y)
    across = level @ design / length
    values, vectors = np.linalg.eigh(design.T @ design - length * np.outer(across, across))
    aim, rows = vectors.T @ (design.T @ y - height * across), len(y)
    total = float(y @ y) - height**2 / length
    values = np.maximum(values, 0.0)
    size = float(values.max(initial=0.0)) or 1.0
    best, least = np.zeros(len(aim)), np.inf
    for penalty in _PENALTIES:
        shrunk = aim / (values + penalty * size)
        error = total - 2 * float(shrunk @ aim) + float(shrunk**2 @ values)
        freedom = 1.0 + float(np.sum(values / (values + penalty * size)))
        score = error / (1 - freedom / rows) ** 2
        if score < least:
            best, least = shrunk, score
    slopes = vectors @ best
    intercept = float(level @ (y - design @ slopes)) / length
    return np.concatenate([[intercept], slopes])
