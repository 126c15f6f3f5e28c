"""A denoising autoencoder: the history through a narrow layer, and out again as a taste."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.profiles import profiles
from retention_lab.recommend.protocol import Scores

_FILE, _ABOUT = "neural.npz", "neural.json"
_Layer = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NeuralParams:
    """hidden: width of the narrow layer. dropout: share of a history that is hidden from the network while it
    learns to restore it. l2: pull of the weights towards 0."""

    hidden: int = 200
    epochs: int = 40
    batch: int = 100
    rate: float = 1e-3
    dropout: float = 0.5
    l2: float = 1e-3


@dataclass(frozen=True, slots=True)
class Neural:
    """inward: (items, h), inward_bias: (h,), outward: (h, items), outward_bias: (items,)."""

    inward: _Layer
    inward_bias: _Layer
    outward: _Layer
    outward_bias: _Layer

    def scores(self, history: Interactions) -> Scores:
        """The logarithm of the chance to be the next item, but for a constant of the user."""
        own = profiles(history)
        if not own.nnz:
            return np.zeros((history.user_count, len(self.outward_bias)), dtype=np.float32)
        hidden = np.tanh(_unit(own) @ self.inward + self.inward_bias)
        return np.asarray(hidden @ self.outward + self.outward_bias, dtype=np.float32)

    def to_files(self) -> dict[str, bytes]:
        """The weights."""
        return {_FILE: npz_bytes(asdict(self))}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Neural":
        """The model that `to_files` wrote."""
        return Neural(**npz_arrays(files[_FILE]))


def fit_neural(data: Interactions, seed: int = 7, params: NeuralParams | None = None) -> Neural:
    """Learn to restore histories of which half was hidden, by their multinomial likelihood and Adam.

    Sources: Liang, Krishnan, Hoffman, Jebara (2018), WWW, doi:10.1145/3178876.3186150 (Mult-DAE); Kingma and
    Ba (2015), ICLR, for the steps.
    """
    used = params or NeuralParams()
    rng = np.random.default_rng(seed)
    own = profiles(data)
    own = own[np.diff(own.indptr) > 0]
    weights = _start(rng, data.item_count, used.hidden)
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    step = 0
    for _ in range(used.epochs):
        order = rng.permutation(own.shape[0])
        for start in range(0, len(order), used.batch):
            step += 1
            slopes = _slopes(weights, own[order[start : start + used.batch]], rng, used)
            for weight, slope, (first, second) in zip(weights, slopes, moments, strict=True):
                _adam(weight, slope, first, second, used.rate, step)
    return Neural(*weights)


def _start(rng: np.random.Generator, items: int, hidden: int) -> tuple[_Layer, _Layer, _Layer, _Layer]:
    spread = np.sqrt(2 / (items + hidden))
    return (
        rng.normal(0, spread, (items, hidden)).astype(np.float32),
        np.zeros(hidden, dtype=np.float32),
        rng.normal(0, spread, (hidden, items)).astype(np.float32),
        np.zeros(items, dtype=np.float32),
    )


def _slopes(
    weights: tuple[_Layer, _Layer, _Layer, _Layer],
    rows: sparse.csr_matrix,
    rng: np.random.Generator,
    params: NeuralParams,
) -> list[_Layer]:
    """Of the mean negative log-likelihood of (b, items) rows, for each of the weights."""
    inward, inward_bias, outward, outward_bias = weights
    seen = _unit(rows)
    seen.data *= (rng.random(len(seen.data)) >= params.dropout) / (1 - params.dropout)
    hidden = np.tanh(seen @ inward + inward_bias)
    logits = hidden @ outward + outward_bias
    chance = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    bought = np.asarray(rows.sum(axis=1), dtype=np.float32)
    error = (chance * bought - rows.toarray()) / np.float32(rows.shape[0])
    back = (error @ outward.T) * (1 - hidden**2)
    decay = np.float32(params.l2)
    return [
        np.asarray(seen.T @ back) + decay * inward,
        back.sum(axis=0),
        hidden.T @ error + decay * outward,
        error.sum(axis=0),
    ]


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of length 1; empty ones stay empty."""
    found = rows.astype(np.float32).tocsr(copy=True)
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1), dtype=np.float32)).ravel()
    found.data /= np.repeat(np.maximum(length, np.float32(1e-12)), np.diff(found.indptr))
    return found


def _adam(weight: _Layer, slope: _Layer, first: _Layer, second: _Layer, rate: float, step: int) -> None:
    """One step, in place."""
    first += np.float32(0.1) * (slope - first)
    second += np.float32(0.001) * (slope**2 - second)
    fair = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    weight -= np.float32(fair) * first / (np.sqrt(second) + np.float32(1e-8))
