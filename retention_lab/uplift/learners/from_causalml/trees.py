"""A fitted forest as plain arrays, walked by our own code."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retention_lab.arrays import Bools, Floats

_LEAF = -1


@dataclass(frozen=True, slots=True)
class Trees:
    """The nodes of all trees, end to end.

    root: (t,) first node of each tree; left, right: (m,) children, counted over all trees, −1 in a leaf;
    feature: (m,) column that is compared; threshold: (m,) values up to it go left; missing_left: (m,) where
    missing values go; value: (m, K + 1) mean outcome under each arm, control first.
    """

    root: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Floats
    missing_left: Bools
    value: Floats

    def effect(self, values: Floats) -> Floats:
        """(n, d) -> (n, K): mean over the trees of each offer's leaf value, less control's."""
        with np.errstate(over="ignore"):  # beyond single precision is as good as infinite
            single = np.ascontiguousarray(values, dtype=np.float32)  # thresholds were cut between such values
        total = np.zeros((len(single), self.value.shape[1]))
        _compiled()(
            single,
            self.root,
            self.left,
            self.right,
            self.feature,
            self.threshold,
            self.missing_left,
            self.value,
            total,
        )
        mean = total / len(self.root)
        return np.asarray(mean[:, 1:] - mean[:, :1], dtype=np.float64)

    def to_bytes(self) -> bytes:
        """As npz."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{one.name: getattr(self, one.name) for one in fields(self)})
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "Trees":
        """The trees that `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Trees(**{one.name: arrays[one.name] for one in fields(Trees)})


def from_nodes(trees: Sequence[Mapping[str, np.ndarray]]) -> Trees:
    """Put trees end to end; each has the arrays of `Trees` but `root`, with children counted from its own."""
    sizes = np.array([len(tree["left"]) for tree in trees])
    root = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def joined(name: str, kind: Any) -> Any:
        return np.concatenate([tree[name] for tree in trees]).astype(kind)

    def children(name: str) -> NDArray[np.int32]:
        own = joined(name, np.int32)
        return np.asarray(np.where(own == _LEAF, _LEAF, own + np.repeat(root, sizes)), dtype=np.int32)

    return Trees(
        root=root.astype(np.int32),
        left=children("left"),
        right=children("right"),
        feature=joined("feature", np.int32),
        threshold=joined("threshold", np.float64),
        missing_left=joined("missing_left", np.bool_),
        value=joined("value", np.float64),
    )


@cache
def _compiled() -> Callable[..., None]:
    import numba  # half a second, which only those pay who predict with a forest

    walk: Callable[..., None] = numba.njit(_add_leaf_values)
    return walk


def _add_leaf_values(
    values: Any,
    root: Any,
    left: Any,
    right: Any,
    feature: Any,
    threshold: Any,
    missing_left: Any,
    value: Any,
    total: Any,
) -> None:
    for i in range(values.shape[0]):
        for start in root:
            node = start
            while left[node] >= 0:
                x = values[i, feature[node]]
                goes_left = missing_left[node] if np.isnan(x) else x <= threshold[node]
                node = left[node] if goes_left else right[node]
            for k in range(value.shape[1]):
                total[i, k] += value[node, k]
