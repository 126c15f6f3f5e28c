"""Support vector machines: a straight line, or curves by an approximation of the RBF kernel at any size."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import expit

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats
from retention_lab.churn.learners.linear import ARRAYS, PREPARED, LinearModel
from retention_lab.churn.preparation import Prepared, Preparing, prepare
from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.features import Features, matrix
from retention_lab.nested_files import json_bytes


@dataclass(frozen=True, slots=True)
class SvmParams:
    """kernel: linear or rbf; strength: inverse of the penalty. components: landmarks of the approximation;
    width: of the kernel exp(-width x distance squared), None is one over the number of columns."""

    kernel: Literal["linear", "rbf"] = "rbf"
    strength: float = 0.1
    components: int = 300
    width: float | None = None
    preparing: Preparing = field(default_factory=lambda: Preparing(knots=5))


@dataclass(frozen=True)
class KernelModel:
    """landmark: (c, b) training rows; to_coordinates: (c, c); slope: (c,); width: of the kernel."""

    prepared: Prepared
    landmark: Floats
    to_coordinates: Floats
    slope: Floats
    intercept: float
    width: float

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) logistic function of the distance to the margin; not calibrated."""
        columns = self.prepared.columns(matrix(features))
        kernel = _kernel(columns, self.landmark, self.width)
        margin = kernel @ self.to_coordinates.T @ self.slope + self.intercept
        return np.asarray(expit(margin), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The preparation as JSON, the numbers as npz."""
        arrays = {
            "landmark": self.landmark,
            "to_coordinates": self.to_coordinates,
            "slope": self.slope,
            "intercept": np.array(self.intercept),
            "width": np.array(self.width),
        }
        return {PREPARED: json_bytes(self.prepared.as_json()), ARRAYS: npz_bytes(arrays)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "KernelModel":
        """The model that `to_files` wrote."""
        found = npz_arrays(files[ARRAYS])
        prepared = Prepared.from_json(json.loads(files[PREPARED]))
        return KernelModel(
            prepared, found["landmark"], found["to_coordinates"], found["slope"],
            float(found["intercept"]), float(found["width"]),
        )  # fmt: skip


def fit_svm(sample: ChurnSample, seed: int = 7, params: SvmParams | None = None) -> KernelModel | LinearModel:
    """Squared hinge loss; its `probability` orders customers, and becomes one only by calibration.

    The RBF kernel through the Nystroem method costs rows x components, where the exact machine costs rows
    squared.
    Raises LabError unless somebody left and somebody stayed.
    Source: Cortes and Vapnik (1995), Machine Learning 20(3), doi:10.1007/BF00994018; Williams and Seeger
    (2001), NIPS 13, for the approximation.
    """
    from sklearn.kernel_approximation import Nystroem
    from sklearn.svm import LinearSVC

    require_both(sample.left)
    used = params or SvmParams()
    prepared = prepare(sample.features, used.preparing)
    columns = prepared.columns(sample.features.values)
    machine = LinearSVC(C=used.strength, random_state=seed, dual=False, max_iter=5000)
    if used.kernel == "linear":
        centre = columns.mean(axis=0)
        machine.fit(columns - centre, sample.left)
        return LinearModel(prepared, np.asarray(machine.coef_[0]), centre, float(machine.intercept_[0]))
    width = used.width if used.width is not None else 1.0 / max(columns.shape[1], 1)
    components = min(used.components, len(columns))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer rows than components is answered by fewer components
        nystroem = Nystroem(gamma=width, n_components=components, random_state=seed).fit(columns)
    landmark = np.asarray(nystroem.components_, dtype=np.float64)
    root = np.asarray(nystroem.normalization_, dtype=np.float64)
    machine.fit(_kernel(columns, landmark, width) @ root.T, sample.left)
    slope = np.asarray(machine.coef_[0])
    return KernelModel(prepared, landmark, root, slope, float(machine.intercept_[0]), width)


def read_svm(files: Mapping[str, bytes]) -> KernelModel | LinearModel:
    """The model that `to_files` of either kind wrote."""
    if "landmark" in npz_arrays(files[ARRAYS]):
        return KernelModel.from_files(files)
    return LinearModel.from_files(files)


def _kernel(columns: Floats, landmark: Floats, width: float) -> Floats:
    """(n, c) exp(-width x squared distance)."""
    square = (columns**2).sum(axis=1)[:, None] + (landmark**2).sum(axis=1) - 2 * columns @ landmark.T
    return np.asarray(np.exp(-width * np.maximum(square, 0.0)), dtype=np.float64)
