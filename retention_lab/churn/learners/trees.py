"""Decision trees as arrays: walked by all rows at once, saved as they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats, Ints
from retention_lab.churn.preparation import Prepared
from retention_lab.features import Features, matrix
from retention_lab.nested_files import json_bytes
from retention_lab.tree_arrays import LEAF, joined_trees, leaves_of

_PREPARED, _ARRAYS = "preparation.json", "trees.npz"
_EDGE = 1e-9


@dataclass(frozen=True)
class TreeModel:
    """One tree, or the average of many.

    root: (t,) where each tree's nodes begin; left, right: (m,) children, -1 in leaves; feature, threshold:
    (m,) a row goes left where its column, as a single-precision number, is at most the threshold; share: (m,)
    of leavers among the training rows of the node.
    """

    prepared: Prepared
    root: Ints
    left: Ints
    right: Ints
    feature: Ints
    threshold: Floats
    share: Floats

    def probability(self, features: Features | Floats) -> Floats:
        """(n, d) -> (n,) share of leavers in the leaf, averaged over trees."""
        columns = self.prepared.columns(matrix(features)).astype(np.float32)  # as the trees were grown
        total = np.zeros(len(columns))
        for root in self.root:
            total += self.share[self._leaves(int(root), columns)]
        return total / len(self.root)

    def contributions(self, features: Features | Floats) -> Floats:
        """(n, d + 1): each feature's part of the log-odds, the base value last.

        Along a row's path, each split's change of the share of leavers goes to the feature that it asks;
        a row's parts are then stretched from shares to log-odds, all by one factor.
        Source: Saabas (2014), "Interpreting random forests"; the factor is the rescale rule of Shrikumar,
        Greenside, Kundaje (2017), arXiv:1704.02685.
        """
        values = matrix(features)
        columns = self.prepared.columns(values).astype(np.float32)
        found = np.zeros((len(values), values.shape[1] + 1))
        sources = np.array(self.prepared.sources, dtype=np.int64)
        for root in self.root:
            self._walk(int(root), columns, sources, found)
        found /= len(self.root)
        return _on_log_odds(found)

    @property
    def leaves(self) -> int:
        """How many leaves all trees have."""
        return int(np.sum(self.left == LEAF))

    def to_files(self) -> dict[str, bytes]:
        """The preparation as JSON, the nodes as npz."""
        names = ("root", "left", "right", "feature", "threshold", "share")
        arrays = {name: getattr(self, name) for name in names}
        return {_PREPARED: json_bytes(self.prepared.as_json()), _ARRAYS: npz_bytes(arrays)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "TreeModel":
        """The model that `to_files` wrote."""
        return TreeModel(Prepared.from_json(json.loads(files[_PREPARED])), **npz_arrays(files[_ARRAYS]))

    def _walk(self, root: int, columns: np.ndarray, sources: Ints, found: Floats) -> None:
        """Add one tree's parts, as shares, to the (n, d + 1) found so far."""
        node = np.full(len(columns), root, dtype=np.int64)
        found[:, -1] += self.share[root]
        walking = np.arange(len(columns)) if self.left[root] != LEAF else np.empty(0, dtype=np.int64)
        while len(walking):
            here = node[walking]
            goes_left = columns[walking, self.feature[here]] <= self.threshold[here]
            child = np.where(goes_left, self.left[here], self.right[here])
            found[walking, sources[self.feature[here]]] += self.share[child] - self.share[here]
            node[walking] = child
            walking = walking[self.left[child] != LEAF]

    def _leaves(self, root: int, columns: np.ndarray) -> Ints:
        return leaves_of(root, columns, (self.left, self.right), (self.feature, self.threshold))


def _on_log_odds(parts: Floats) -> Floats:
    """(n, d + 1) parts of a share -> parts of its log-odds."""
    base, share = parts[:, -1], parts.sum(axis=1)
    start, end = (logit(np.clip(one, _EDGE, 1 - _EDGE)) for one in (base, share))
    change = share - base
    small = np.abs(change) < 1e-9
    slope = 1 / np.clip(base * (1 - base), _EDGE, None)
    factor = np.where(small, slope, (end - start) / np.where(small, 1.0, change))
    found = parts * factor[:, None]
    found[:, -1] = start
    return np.asarray(found, dtype=np.float64)


def tree_model(prepared: Prepared, fitted: list[Any]) -> TreeModel:
    """The arrays of scikit-learn's fitted classification trees of two classes, 0 and 1."""
    found = joined_trees(fitted)
    value = found.pop("value")
    return TreeModel(prepared, share=value[:, 1] / value.sum(axis=1), **found)
