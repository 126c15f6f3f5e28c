"""A small neural network: a hidden layer or two, stopped early."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats
from retention_lab.churn.learners.linear import ARRAYS, PREPARED
from retention_lab.churn.preparation import Prepared, Preparing, prepare
from retention_lab.churn.sample import ChurnSample, require_both
from retention_lab.features import Features, matrix
from retention_lab.nested_files import json_bytes


@dataclass(frozen=True, slots=True)
class MlpParams:
    """hidden: units by layer; penalty: on squared weights; epochs: at most. networks: averaged on the scale
    of log-odds, each from another start; one alone depends on its start."""

    hidden: tuple[int, ...] = (16,)
    penalty: float = 0.1
    learning_rate: float = 0.003
    epochs: int = 60
    networks: int = 3
    preparing: Preparing = field(default_factory=lambda: Preparing(knots=5))


@dataclass(frozen=True)
class MlpModel:
    """weights, biases: by network, then by layer; rectified between layers."""

    prepared: Prepared
    weights: tuple[tuple[Floats, ...], ...]
    biases: tuple[tuple[Floats, ...], ...]

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) probability of leaving."""
        columns = self.prepared.columns(matrix(features))
        total = np.zeros(len(columns))
        for weights, biases in zip(self.weights, self.biases, strict=True):
            total += _log_odds(columns, weights, biases)
        return np.asarray(expit(total / len(self.weights)), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The preparation as JSON, the layers as npz."""
        arrays: dict[str, np.ndarray] = {}
        for k, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            arrays |= {f"weight_{k}_{i}": layer for i, layer in enumerate(weights)}
            arrays |= {f"bias_{k}_{i}": layer for i, layer in enumerate(biases)}
        about = {"preparation": self.prepared.as_json(), "layers": [len(one) for one in self.weights]}
        return {PREPARED: json_bytes(about), ARRAYS: npz_bytes(arrays)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "MlpModel":
        """The model that `to_files` wrote."""
        about, arrays = json.loads(files[PREPARED]), npz_arrays(files[ARRAYS])

        def layers(kind: str) -> tuple[tuple[Floats, ...], ...]:
            counts = enumerate(about["layers"])
            return tuple(tuple(arrays[f"{kind}_{k}_{i}"] for i in range(count)) for k, count in counts)

        return MlpModel(Prepared.from_json(about["preparation"]), layers("weight"), layers("bias"))


def fit_mlp(sample: ChurnSample, seed: int = 7, params: MlpParams | None = None) -> MlpModel:
    """Log-loss by Adam; a tenth of the training rows says when to stop.

    Raises LabError unless somebody left and somebody stayed.
    Source: Kingma and Ba (2015), ICLR, arXiv:1412.6980; Lakshminarayanan, Pritzel, Blundell (2017), NeurIPS,
    arXiv:1612.01474, for the average of several.
    """
    from sklearn.neural_network import MLPClassifier

    require_both(sample.left)
    used = params or MlpParams()
    prepared = prepare(sample.features, used.preparing)
    columns = prepared.columns(sample.features.values)
    few = min(int(sample.left.sum()), int(len(sample) - sample.left.sum())) < 20
    weights, biases = [], []
    for k in range(used.networks):
        network = MLPClassifier(
            used.hidden,
            alpha=used.penalty,
            learning_rate_init=used.learning_rate,
            max_iter=used.epochs,
            early_stopping=not few,  # a tenth of a handful says nothing
            n_iter_no_change=8,
            random_state=seed + k,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the epochs are the limit that was asked for
            network.fit(columns, sample.left)
        weights.append(tuple(np.asarray(layer, dtype=np.float64) for layer in network.coefs_))
        biases.append(tuple(np.asarray(layer, dtype=np.float64) for layer in network.intercepts_))
    return MlpModel(prepared, tuple(weights), tuple(biases))


def _log_odds(columns: Floats, weights: tuple[Floats, ...], biases: tuple[Floats, ...]) -> Floats:
    layer = columns
    for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        layer = layer @ weight + bias
        if i < len(weights) - 1:
            layer = np.maximum(layer, 0.0)
    return np.asarray(layer[:, 0], dtype=np.float64)
