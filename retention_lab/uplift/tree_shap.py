"""SHAP values of sums of decision trees, a leaf at a time.

What a leaf adds for a customer depends only on which of the features on its path lead there. With the small
trees that effects need those are few, so every case is worked out once and then looked up: the values of the
library's own algorithm at a small part of its cost. Where a feature is known, the trees can be explained as
the function of the other features that is left.
Source: Lundberg et al. (2020), Nature Machine Intelligence 2, doi:10.1038/s42256-019-0138-9 (path-dependent
values); Yang (2021), "Fast TreeSHAP", arXiv:2109.09847 (the tables).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.uplift.trees import Trees


@dataclass(frozen=True, slots=True)
class Paths:
    """The way to every leaf of all trees.

    value: (l,) what each leaf adds. first_slot: (l + 1,) where its features begin; slot_feature, slot_zero:
    each feature of its path once, and the share of customers that go its way where the feature is not known.
    first_item: (l + 1,) where its questions begin; item_node: which node of `Trees`, item_left: the side that
    leads on (1 left), item_slot: the feature's place among the leaf's.
    """

    value: Floats
    first_slot: Ints
    slot_feature: Ints
    slot_zero: Floats
    first_item: Ints
    item_node: Ints
    item_left: Ints
    item_slot: Ints


def read_paths(text: str, known: Mapping[int, float] | None = None) -> Paths:
    """The paths of a LightGBM model in its text form.

    known: value by position, of features that are numbers and not missing: questions about them are answered,
    and what is left keeps its shares, as if the known feature did not depend on the others.
    """
    first_node, leaves = 0, []
    for block in text.split("\nTree=")[1:]:
        tree = _Tree.read(block.split("\n\n")[0], known or {})
        leaves += [(first_node, items, value) for items, value in tree.leaves()]
        first_node += tree.size
    return _packed(leaves)


def shap_values(trees: Trees, paths: Paths, values: Floats) -> Floats:
    """(n, d) -> (n, d + 1): what each feature adds to the sum of the trees, and the base value last."""
    from retention_lab.uplift.tree_shap_loops import add  # loads the compiler

    found = np.zeros((values.shape[1] + 1, len(values)))
    add(
        np.ascontiguousarray(values.T, dtype=np.float64), trees.kind, trees.feature, trees.threshold,
        trees.first_word, trees.words, paths.value, paths.first_slot, paths.slot_feature, paths.slot_zero,
        paths.first_item, paths.item_node, paths.item_left, paths.item_slot, found,
    )  # fmt: skip
    return np.ascontiguousarray(found.T)


_Item = tuple[int, int, bool, float]  # node, feature, left, share of the node's customers that go this way


@dataclass(frozen=True, slots=True)
class _Tree:
    """columns: LightGBM's; nodes are numbers from 0, leaves are written ~leaf. size: number of nodes."""

    columns: Mapping[str, list[str]]
    known: Mapping[int, float]
    size: int

    @staticmethod
    def read(block: str, known: Mapping[int, float]) -> "_Tree":
        fields = (line.split("=", 1) for line in block.splitlines() if "=" in line)
        columns = {name: text.split() for name, text in fields}
        return _Tree(columns, known, int(columns["num_leaves"][0]) - 1)

    def leaves(self) -> Iterator[tuple[list[_Item], float]]:
        """The questions on the way to each leaf, and what it adds."""
        stack: list[tuple[int, list[_Item]]] = [(0 if self.size else ~0, [])]
        while stack:
            node, items = stack.pop()
            if node < 0:
                yield items, float(self.columns["leaf_value"][~node])
                continue
            feature = int(self.columns["split_feature"][node])
            sides = [int(self.columns[name][node]) for name in ("left_child", "right_child")]
            if feature in self.known:
                left = self.known[feature] <= float(self.columns["threshold"][node])
                stack.append((sides[0 if left else 1], items))
                continue
            counts = [self._count(side) for side in sides]
            for side, count, left in zip(sides, counts, (True, False), strict=True):
                stack.append((side, [*items, (node, feature, left, count / sum(counts))]))

    def _count(self, node: int) -> int:
        """Customers that came by in training."""
        name, place = ("internal_count", node) if node >= 0 else ("leaf_count", ~node)
        return max(int(self.columns[name][place]), 1)


def _packed(leaves: list[tuple[int, list[_Item], float]]) -> Paths:
    slots: list[tuple[int, float]] = []
    items: list[tuple[int, bool, int]] = []
    first_slot, first_item = [0], [0]
    for first_node, path, _ in leaves:
        share: dict[int, float] = {}
        for _, feature, _, going in path:
            share[feature] = share.get(feature, 1.0) * going
        place = {feature: i for i, feature in enumerate(share)}
        slots += share.items()
        items += [(first_node + node, left, place[feature]) for node, feature, left, _ in path]
        first_slot.append(len(slots))
        first_item.append(len(items))
    by_slot = np.array(slots, dtype=np.float64).reshape(-1, 2)
    by_item = np.array(items, dtype=np.int64).reshape(-1, 3)
    return Paths(
        np.array([value for _, _, value in leaves], dtype=np.float64),
        np.array(first_slot),
        by_slot[:, 0].astype(np.int64),
        np.ascontiguousarray(by_slot[:, 1]),
        np.array(first_item),
        *(np.ascontiguousarray(column) for column in by_item.T),
    )
