"""EASE: every item as a weighted sum of all others, solved in one step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.profiles import profiles
from retention_lab.recommend.protocol import Scores

_FILE, _ABOUT = "ease.npz", "ease.json"
_PRECISE = 1_000  # up to so many items, twice the digits cost nothing
_SPARSE = 20  # a pair counted one by one takes as long as so many of a dense product


@dataclass(frozen=True, slots=True)
class Ease:
    """weight: (m, m) float32, what having item i (row) says about item j; its diagonal is 0.

    covered: (m,) codes of those items; the others score 0. items: how many there are in all. half_life: of
    what was bought, in days; None: all of it counts alike.
    """

    weight: NDArray[np.float32]
    covered: Ints
    items: int
    half_life: float | None = None

    def scores(self, history: Interactions) -> Scores:
        """What the user's items say about each item, summed."""
        own = profiles(history, self.half_life)
        if len(self.covered) == self.items:
            return np.asarray(own @ self.weight, dtype=np.float32)
        found: Scores = np.zeros((history.user_count, self.items), dtype=np.float32)
        found[:, self.covered] = own[:, self.covered] @ self.weight
        return found

    def parts(self, history: Interactions, item: int) -> sparse.csr_matrix:
        """What each item of the history adds."""
        column = np.zeros(self.items, dtype=np.float32)
        at = np.flatnonzero(self.covered == item)
        if len(at):
            column[self.covered] = self.weight[:, at[0]]
        return profiles(history, self.half_life).multiply(column[None, :]).tocsr()

    def to_files(self) -> dict[str, bytes]:
        """Arrays and settings."""
        about = {"items": self.items, "half_life": self.half_life}
        arrays = npz_bytes({"weight": self.weight, "covered": self.covered})
        return {_FILE: arrays, _ABOUT: json.dumps(about).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Ease":
        """The model that `to_files` wrote."""
        arrays, about = npz_arrays(files[_FILE]), json.loads(files[_ABOUT])
        return Ease(arrays["weight"], arrays["covered"], about["items"], about["half_life"])


def fit_ease(
    data: Interactions, l2: float = 500.0, *, half_life: float | None = None, most_items: int = 10_000
) -> Ease:
    """Ridge regression of every item on all others; B = I - P diag(1 / diag P), P = (X'X + l2 I)^-1.

    most_items: only the items that most customers bought take part, since the time grows with the cube of
    their number, and the memory with its square.
    Raises LabError where l2 is not above 0.
    Source: Steck (2019), WWW, doi:10.1145/3308558.3313710.
    """
    if l2 <= 0:
        raise LabError(f"EASE was asked for with l2 {l2}.", "Give a number above 0, such as 500.", key="l2")
    seen = data.seen()
    buyers = np.asarray(seen.sum(axis=0)).ravel()
    covered = np.sort(np.argsort(-buyers, kind="stable")[:most_items])
    gram = _gram(seen[:, covered])
    gram[np.diag_indices_from(gram)] += gram.dtype.type(l2)
    inverse = _inverse(gram)
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0.0)
    return Ease(inverse.astype(np.float32), covered, data.item_count, half_life)


def _gram(seen: sparse.csr_matrix) -> np.ndarray:
    """(m, m), in its lower half the customers that each two items share."""
    from retention_lab.recommend.ease_loops import count_pairs

    kind = np.float64 if seen.shape[1] <= _PRECISE else np.float32
    total = np.zeros((seen.shape[1], seen.shape[1]), dtype=kind)
    each = np.diff(seen.indptr).astype(np.float64)
    if float(each @ each) * _SPARSE < seen.shape[0] * float(seen.shape[1]) ** 2:
        rows = seen.sorted_indices()
        count_pairs(rows.indptr, rows.indices, total)
        return total
    block = max(1, 64_000_000 // max(1, seen.shape[1]))
    for start in range(0, seen.shape[0], block):
        dense = seen[start : start + block].toarray().astype(kind)
        total += dense.T @ dense
    return total


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Of a symmetric positive definite matrix whose lower half is given, in its place."""
    from retention_lab.recommend.ease_loops import mirror

    wide = gram.dtype == np.float64
    factor, solve = (lapack.dpotrf, lapack.dpotri) if wide else (lapack.spotrf, lapack.spotri)
    # by columns, as LAPACK reads it, the lower half by rows is the upper one
    upper, failed = factor(gram.T, lower=0, overwrite_a=1, clean=0)
    if not failed:
        upper, failed = solve(upper, lower=0, overwrite_c=1)
    if failed:
        raise LabError("EASE has no solution on these data.", "Give a larger l2.", key="l2")
    found = np.ascontiguousarray(upper.T)
    mirror(found)
    return found
