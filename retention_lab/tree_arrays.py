"""Fitted decision trees as arrays: walked by all rows at once, whatever their nodes hold."""

from typing import Any

import numpy as np

from retention_lab.arrays import Floats, Ints

LEAF = -1


def joined_trees(fitted: list[Any]) -> dict[str, np.ndarray]:
    """The nodes of scikit-learn's fitted trees in one row: root (t,); left, right, feature, threshold (m,).

    left, right: children, -1 in leaves. A row goes left where its column, as a single-precision number, is at
    most the threshold. value: (m, ...) what scikit-learn keeps for the node.
    """
    trees = [one.tree_ for one in fitted]
    start = np.cumsum([0] + [tree.node_count for tree in trees])

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(tree, name) for tree in trees])

    def children(name: str) -> Ints:
        parts = [getattr(tree, name) for tree in trees]
        moved = [np.where(part == LEAF, LEAF, part + at) for part, at in zip(parts, start[:-1], strict=True)]
        return np.concatenate(moved).astype(np.int64)

    return {
        "root": start[:-1].astype(np.int64),
        "left": children("children_left"),
        "right": children("children_right"),
        "feature": joined("feature").astype(np.int64),
        "threshold": joined("threshold").astype(np.float64),
        "value": joined("value")[:, 0, :],
    }


def leaves_of(
    root: int, columns: np.ndarray, children: tuple[Ints, Ints], split: tuple[Ints, Floats]
) -> Ints:
    """(n,) node in which each row of (n, d) single-precision columns ends, in the tree from `root`.

    children: left, right. split: feature, threshold.
    """
    (left, right), (feature, threshold) = children, split
    node = np.full(len(columns), root, dtype=np.int64)
    walking = np.arange(len(columns)) if left[root] != LEAF else np.empty(0, dtype=np.int64)
    while len(walking):
        here = node[walking]
        goes_left = columns[walking, feature[here]] <= threshold[here]
        node[walking] = np.where(goes_left, left[here], right[here])
        walking = walking[left[node[walking]] != LEAF]
    return node
