"""Neighbours: items bought by the same customers, customers who bought the same items."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from retention_lab.arrays import Floats
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.profiles import profiles
from retention_lab.recommend.protocol import Scores
from retention_lab.recommend.sparse_files import sparse_arrays, sparse_bytes

Weighting = Literal["cosine", "bm25"]
_FILE, _ABOUT = "neighbours.npz", "neighbours.json"
_K1, _B = 100.0, 0.8  # of BM25: how soon repeats stop counting, how much long rows are held back


@dataclass(frozen=True, slots=True)
class ItemNeighbours:
    """likeness: (items, items) sparse, row i holds the items nearest to i. half_life: of what was bought, in
    days; None: all of it counts alike."""

    likeness: sparse.csr_matrix
    half_life: float | None = None

    def scores(self, history: Interactions) -> Scores:
        """The likeness of an item to all that the user had, summed."""
        return np.asarray((profiles(history, self.half_life) @ self.likeness).toarray(), dtype=np.float32)

    def parts(self, history: Interactions, item: int) -> sparse.csr_matrix:
        """What each item of the history adds."""
        column = self.likeness[:, [item]].T
        return profiles(history, self.half_life).multiply(column).tocsr()

    def to_files(self) -> dict[str, bytes]:
        """Arrays and a setting."""
        about = json.dumps({"half_life": self.half_life}).encode()
        return {_FILE: sparse_bytes(self.likeness), _ABOUT: about}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ItemNeighbours":
        """The model that `to_files` wrote."""
        return ItemNeighbours(sparse_arrays(files[_FILE]), json.loads(files[_ABOUT])["half_life"])


@dataclass(frozen=True, slots=True)
class UserNeighbours:
    """bought: (known users, items) sparse 0/1, whose rows nobody can name. neighbours: how many of them
    speak for a user. shrink: holds likeness back where little is shared."""

    bought: sparse.csr_matrix
    neighbours: int
    shrink: float

    def scores(self, history: Interactions) -> Scores:
        """How alike those are who had the item, summed over the nearest."""
        own = profiles(history)
        norms = _norms(self.bought)
        shared = (own @ self.bought.T).tocsr()
        rows = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
        shared.data /= _norms(own)[rows] * norms[shared.indices] + self.shrink
        return np.asarray((_largest(shared, self.neighbours) @ self.bought).toarray(), dtype=np.float32)

    def to_files(self) -> dict[str, bytes]:
        """Arrays and two settings."""
        about = {"neighbours": self.neighbours, "shrink": self.shrink}
        return {_FILE: sparse_bytes(self.bought), _ABOUT: json.dumps(about).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "UserNeighbours":
        """The model that `to_files` wrote."""
        return UserNeighbours(sparse_arrays(files[_FILE]), **json.loads(files[_ABOUT]))


def fit_item_neighbours(
    data: Interactions,
    neighbours: int = 50,
    shrink: float = 0.0,
    *,
    weighting: Weighting = "cosine",
    half_life: float | None = None,
) -> ItemNeighbours:
    """Keep for each item the `neighbours` most like it: c_ij / (|i| |j| + shrink), c the customers of both.

    shrink: a few customers in common prove little; larger values ask for more of them. weighting: BM25 counts
    heavy buyers less, and its products are left as they are.
    Sources: Sarwar, Karypis, Konstan, Riedl (2001), WWW 10, doi:10.1145/371920.372071; Robertson and Zaragoza
    (2009), Foundations and Trends in Information Retrieval 3(4), doi:10.1561/1500000019.
    """
    from retention_lab.recommend.neighbour_loops import nearest

    by_item = data.seen().T.tocsr().astype(np.float64)
    if weighting == "bm25":
        by_item = _bm25(by_item)
        norms, shrink = np.zeros(data.item_count), 1.0
    else:
        norms = _norms(by_item)
    by_user = by_item.T.tocsr()
    keep = max(1, min(neighbours, data.item_count))
    found, value = nearest(
        by_item.indptr, by_item.indices, by_item.data, by_user.indptr, by_user.indices, by_user.data,
        norms, float(shrink), keep,
    )  # fmt: skip
    row, rank = np.nonzero(found >= 0)
    shape = (data.item_count, data.item_count)
    likeness = sparse.csr_matrix((value[row, rank], (row, found[row, rank])), shape=shape)
    return ItemNeighbours(likeness, half_life)


def fit_user_neighbours(data: Interactions, neighbours: int = 100, shrink: float = 0.0) -> UserNeighbours:
    """Keep who bought what, without saying who; users are compared when they are scored."""
    seen = data.seen().astype(np.float32)
    return UserNeighbours(seen[np.diff(seen.indptr) > 0], neighbours, shrink)


def _norms(rows: sparse.csr_matrix) -> Floats:
    return np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64)).ravel()


def _bm25(by_item: sparse.csr_matrix) -> sparse.csr_matrix:
    """Items as texts whose words are their customers."""
    found = by_item.tocsr(copy=True)
    size = np.asarray(found.sum(axis=1)).ravel()
    length = 1.0 - _B + _B * size / max(float(size.mean()), 1e-12)
    rows = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    rare = np.log(found.shape[0]) - np.log1p(np.bincount(found.indices, minlength=found.shape[1]))
    found.data = (
        found.data * (_K1 + 1) / (_K1 * length[rows] + found.data) * np.maximum(rare, 0)[found.indices]
    )
    found.eliminate_zeros()
    return found


def _largest(rows: sparse.csr_matrix, keep: int) -> sparse.csr_matrix:
    """The largest entries of each row; of equal ones, those further left."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    order = np.lexsort((rows.indices, -rows.data, row))
    rank = np.arange(len(row)) - rows.indptr[:-1][row]
    kept = order[rank < keep]
    return sparse.csr_matrix((rows.data[kept], (row[kept], rows.indices[kept])), shape=rows.shape)
