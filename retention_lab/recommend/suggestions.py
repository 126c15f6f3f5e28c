"""What to add to a basket: the items that rules lead to, and what sells anyway where none does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from retention_lab.arrays import Floats, Ints
from retention_lab.recommend.association import Association
from retention_lab.recommend.mine_rules import MinedRules

Ranking = Literal["confidence", "lift", "popular"]
RANKINGS: tuple[Ranking, ...] = ("confidence", "lift", "popular")
_CELLS = 8_000_000  # of a chunk of baskets times items: about 64 MiB


@dataclass(frozen=True, slots=True)
class Suggester:
    """Rules that lead to one item. items: ids by code; share: (items,) of all baskets that hold each.

    left: (rules, items), 1 where the left side holds the item; right: (rules,) item that each leads to;
    score: (rules,) its confidence or lift. A rule without a left side stands behind them all: it leads to
    every item, with its share as confidence and a lift of 1.
    """

    ranking: Ranking
    items: tuple[str, ...]
    share: Floats
    left: sparse.csr_array
    right: Ints
    score: Floats

    def suggest(self, baskets: sparse.csr_array, k: int) -> tuple[Ints, Floats]:
        """(b, k) items that each basket lacks, the best first, -1 where there is none; and their scores.

        baskets: (b, items), 1 where a basket holds an item. Of several rules that lead to an item the best
        counts. Equal scores: the item that more baskets hold, then the first code.
        """
        lists = np.full((baskets.shape[0], k), -1, dtype=np.int64)
        scores = np.full(lists.shape, np.nan)
        step = max(1, _CELLS // max(len(self.items), 1))
        for start in range(0, len(lists), step):
            chunk = baskets[start : start + step]
            lists[start : start + step], scores[start : start + step] = self._best(self._scores(chunk), k)
        return lists, scores

    def codes(self, items: Sequence[str]) -> Ints:
        """(n,) codes of those ids; -1 for what the rules have never seen."""
        known = {item: code for code, item in enumerate(self.items)}
        return np.array([known.get(item, -1) for item in items], dtype=np.int64)

    def _scores(self, baskets: sparse.csr_array) -> Floats:
        """(b, items); what a basket holds is at minus infinity."""
        base = self.share if self.ranking != "lift" else np.where(self.share > 0, 1.0, 0.0)
        scores = np.tile(base, (baskets.shape[0], 1))
        if len(self.right):
            held = (baskets @ self.left.T).tocoo()
            whole = held.data == self.left.sum(axis=1)[held.col]
            row, rule = held.row[whole], held.col[whole]
            np.maximum.at(scores, (row, self.right[rule]), self.score[rule])
        row, item = baskets.nonzero()
        scores[row, item] = -np.inf
        return scores

    def _best(self, scores: Floats, k: int) -> tuple[Ints, Floats]:
        popular = np.argsort(-self.share, kind="stable")
        order = popular[np.argsort(-scores[:, popular], axis=1, kind="stable")[:, :k]]
        value = np.take_along_axis(scores, order, axis=1)
        none = ~(value > 0)
        lists, found = np.full((len(scores), k), -1, dtype=np.int64), np.full((len(scores), k), np.nan)
        lists[:, : order.shape[1]] = np.where(none, -1, order)
        found[:, : order.shape[1]] = np.where(none, np.nan, value)
        return lists, found


def fit_suggester(rules: MinedRules, share: Floats, ranking: Ranking) -> Suggester:
    """The rules that lead to one item, ranked by confidence or by lift; `popular` uses none of them.

    share: (items,) of the baskets that were mined, that hold each item. Rules that lead to several items add
    nothing: whatever leads to all of them leads to each.
    """
    size = (rules.sets >= 0).sum(axis=1)
    kept = np.flatnonzero(size[rules.right] == 1) if ranking != "popular" else np.zeros(0, dtype=np.int64)
    left = rules.sets[rules.left[kept]]
    row, place = np.nonzero(left >= 0)
    shape = (len(kept), len(rules.items))
    found: Association = rules.association
    score = found.lift if ranking == "lift" else found.confidence
    return Suggester(
        ranking=ranking,
        items=rules.items,
        share=share,
        left=sparse.csr_array((np.ones(len(row)), (row, left[row, place])), shape=shape),
        right=rules.sets[rules.right[kept], 0],
        score=score[kept],
    )
