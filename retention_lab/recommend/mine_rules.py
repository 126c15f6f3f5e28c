"""Which products are bought together more often than by chance: frequent itemsets, and rules from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.association import Association, false_discovery_rate
from retention_lab.recommend.basket_loops import (
    count_bits,
    count_sets,
    frequent_sets,
    items_of,
    split_sets,
)
from retention_lab.recommend.baskets import Baskets, as_baskets


@dataclass(frozen=True, slots=True)
class MinedRules:
    """Frequent itemsets and the rules made of them.

    items: ids by code. sets: (s, max_length) codes, ascending, -1 after the last; count: (s,) baskets with
    each. whole, left, right: (r,) which set both sides of a rule together are, and which each is; the
    strongest lift first. tests: how many pairs of frequent sides could have made a rule. baskets: how many
    were mined.
    """

    items: tuple[str, ...]
    sets: Ints
    count: Ints
    whole: Ints
    left: Ints
    right: Ints
    tests: float
    baskets: int

    @property
    def association(self) -> Association:
        """How strongly the sides of each rule belong together, in the baskets that were mined."""
        return Association(
            self.count[self.whole], self.count[self.left], self.count[self.right], self.baskets
        )

    @property
    def itemsets(self) -> pa.Table:
        """A row for each frequent set: items, support, count; the most frequent first."""
        order = np.lexsort((*self.sets.T[::-1], -self.count))
        return pa.table({
            "items": self._texts(self.sets[order]),
            "support": self.count[order] / self.baskets,
            "count": self.count[order],
        })  # fmt: skip

    @property
    def rules(self) -> pa.Table:
        """A row for each rule: antecedent, consequent, and its measures; the strongest lift first.

        q_value: the false discovery rate, over all pairs of frequent sides, not the shown rules alone.
        """
        found = self.association
        p_value = found.p_value()
        return pa.table({
            "antecedent": self._texts(self.sets[self.left]),
            "consequent": self._texts(self.sets[self.right]),
            "support": found.support,
            "confidence": found.confidence,
            "lift": found.lift,
            "leverage": found.leverage,
            "conviction": found.conviction,
            "p_value": p_value,
            "q_value": false_discovery_rate(p_value, self.tests),
        })  # fmt: skip

    def on(self, baskets: Baskets) -> Association:
        """How strongly the sides of each rule belong together in other baskets.

        An item that these do not know is in none of them.
        """
        place = {item: code for code, item in enumerate(baskets.items)}
        unknown = len(baskets.items)
        code = np.array([*(place.get(item, unknown) for item in self.items), -1], dtype=np.int64)
        bits = baskets.bits()
        held = np.concatenate([bits, np.zeros((1, bits.shape[1]), dtype=np.uint64)])
        counts = count_sets(held, code[self.sets])
        return Association(counts[self.whole], counts[self.left], counts[self.right], len(baskets))

    def _texts(self, sets: Ints) -> pa.ListArray:
        offsets = np.concatenate([[0], np.cumsum((sets >= 0).sum(axis=1))])
        texts = pa.array(self.items, pa.string()).take(pa.array(sets[sets >= 0]))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts)


def mine_rules(
    baskets: Baskets | pa.Table | Iterable[Sequence[object]],
    min_support: float,
    min_confidence: float,
    max_length: int = 4,
) -> MinedRules:
    """Every itemset in at least `min_support` of the baskets, and every rule with `min_confidence` from them.

    baskets: a table with `basket` and `item`, or a list of items for each. max_length: items of a rule, both
    sides together; either side may have several.
    A significant rule may still say no more than a shorter one that it holds: compare their confidences.
    Raises LabError for a share outside (0, 1], a length below 1, or baskets without an item.
    Source: Zaki (2000), IEEE TKDE 12(3), doi:10.1109/69.846291 (eclat).

    >>> found = mine_rules([["tea", "cake"], ["tea", "cake"], ["tea"], ["jam"]], 0.5, 0.9)
    >>> found.rules.select(["antecedent", "consequent", "lift"]).to_pylist()
    [{'antecedent': ['cake'], 'consequent': ['tea'], 'lift': 1.3333333333333333}]
    """
    _require(min_support, min_confidence, max_length)
    given = as_baskets(baskets)
    bits = given.bits()
    counts = count_bits(bits)
    # shares are compared, as other tools do: an itemset that lies exactly at the bound falls as theirs
    kept = np.flatnonzero((counts / len(given) >= min_support) & (counts > 0))
    kept = kept[np.argsort(counts[kept], kind="stable")]  # the rare first: sets that fail do so early
    tree = frequent_sets(bits[kept], counts[kept], _least(min_support, len(given)), max_length)
    items, length = items_of(tree, max_length)
    rules = split_sets(tree, items, length, len(given), min_confidence)
    sets = _ascending(np.append(kept, -1)[items])
    order = _strongest(tree[:, 2], sets, rules, len(given))
    whole, left, right = rules[order].T.copy()
    return MinedRules(
        given.items, sets, tree[:, 2].copy(), whole, left, right, _tests(length, max_length), len(given)
    )


def _least(min_support: float, baskets: int) -> int:
    """The fewest baskets whose share is at least `min_support`."""
    guess = max(int(np.floor(min_support * baskets)) - 1, 1)
    return next(count for count in range(guess, guess + 4) if count / baskets >= min_support)


def _ascending(sets: Ints) -> Ints:
    """Codes ascending in each row, -1 last."""
    last = np.iinfo(np.int64).max
    ordered = np.sort(np.where(sets < 0, last, sets), axis=1)
    return np.where(ordered == last, -1, ordered)


def _strongest(count: Ints, sets: Ints, rules: Ints, baskets: int) -> Ints:
    """Rules by lift, then by support; what still ties, by its items."""
    both, left, right = (count[rules[:, side]] for side in range(3))
    found = Association(both, left, right, baskets)
    # lifts of equal counts in another order may differ in the last digit
    lift: Floats = np.round(found.lift, 12)
    names = [*sets[rules[:, 2]].T[::-1], *sets[rules[:, 1]].T[::-1]]
    return np.lexsort((*names, -found.both, -lift))


def _tests(length: Ints, max_length: int) -> float:
    """Pairs of frequent sides short enough for a rule: each could have been tested; overlapping ones too.

    Rules that were not frequent or sure enough together stay in the count: they were looked at, and leaving
    them out would flatter those that are shown.
    """
    of = np.bincount(length, minlength=max_length + 1).astype(float)
    return float(sum(of[a] * of[1 : max_length - a + 1].sum() for a in range(1, max_length)))


def _require(min_support: float, min_confidence: float, max_length: int) -> None:
    for key, value in (("min_support", min_support), ("min_confidence", min_confidence)):
        if not 0 < value <= 1:
            raise LabError(
                f"`{key}` is {value:g}, and is a share.", "Set it above 0 and at most at 1.", key=key
            )
    if max_length < 1:
        raise LabError(f"`max_length` is {max_length}.", "Set at least 1; rules need 2.", key="max_length")
