"""Implicit alternating least squares: users and items as short vectors whose product is the taste."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.protocol import Scores

_FILE, _ABOUT = "als.npz", "als.json"


@dataclass(frozen=True, slots=True)
class AlsParams:
    """factors: length of the vectors. confidence: how much more a purchase of weight 1 counts than none. l2:
    per item bought. rounds: of users and items in turn."""

    factors: int = 64
    confidence: float = 5.0
    l2: float = 0.3
    rounds: int = 10


@dataclass(frozen=True, slots=True)
class Als:
    """factors: (items, f) float32. Users have none: theirs are solved for from what they had."""

    factors: NDArray[np.float32]
    params: AlsParams

    def scores(self, history: Interactions) -> Scores:
        """The product of an item's vector with the user's."""
        user = _solve(history.matrix(), self.factors.astype(np.float64), self.params)
        return user.astype(np.float32) @ self.factors.T

    def to_files(self) -> dict[str, bytes]:
        """The vectors and settings."""
        about = json.dumps(asdict(self.params)).encode()
        return {_FILE: npz_bytes({"factors": self.factors}), _ABOUT: about}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Als":
        """The model that `to_files` wrote."""
        return Als(npz_arrays(files[_FILE])["factors"], AlsParams(**json.loads(files[_ABOUT])))


def fit_als(data: Interactions, seed: int = 7, params: AlsParams | None = None) -> Als:
    """Weighted least squares on all pairs, bought or not, in turn for users and for items.

    Each side is solved exactly, so that a row takes the cube of the number of factors; the ridge grows with
    a row's purchases, so that those with few of them stay near 0.
    Sources: Hu, Koren, Volinsky (2008), ICDM, doi:10.1109/ICDM.2008.22; the ridge by Zhou, Wilkinson,
    Schreiber, Pan (2008), AAIM, doi:10.1007/978-3-540-68880-8_32.
    """
    used = params or AlsParams()
    by_user = data.matrix()
    by_item = by_user.T.tocsr()
    start = np.random.default_rng(seed).normal(0, 0.1, (data.item_count, used.factors))
    items: Floats = start * (np.diff(by_item.indptr) > 0)[:, None]
    for _ in range(used.rounds):
        users = _solve(by_user, items, used)
        items = _solve(by_item, users, used)
    return Als(items.astype(np.float32), used)


def _solve(rows: sparse.csr_matrix, other: Floats, params: AlsParams) -> Floats:
    from retention_lab.recommend.als_loops import solve_rows

    out = np.empty((rows.shape[0], other.shape[1]))
    confidence = params.confidence * rows.data.astype(np.float64)
    gram = other.T @ other
    solve_rows(rows.indptr, rows.indices, confidence, other, gram, params.l2, out)
    return out
