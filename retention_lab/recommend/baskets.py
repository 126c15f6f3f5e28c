"""Baskets: what was bought together, one order at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError
from retention_lab.labels import label_text
from retention_lab.recommend.basket_loops import bits_of

BASKET, ITEM = "basket", "item"


@dataclass(frozen=True, slots=True)
class Baskets:
    """basket, item: (n,) codes into ids and items, both sorted as text; a row that comes twice counts once.

    ids: of all baskets, those without a row too.
    """

    basket: Ints
    item: Ints
    ids: pa.Array
    items: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: Bools) -> "Baskets":
        """The baskets that `chosen`, (len,), marks; the items keep their codes."""
        rows, place = chosen[self.basket], np.cumsum(chosen) - 1
        ids = self.ids.filter(pa.array(chosen))
        return Baskets(place[self.basket[rows]], self.item[rows], ids, self.items)

    def matrix(self) -> sparse.csr_array:
        """(baskets, items), 1 where a basket holds an item."""
        ones = np.ones(len(self.item))
        shape = (len(self), len(self.items))
        found = sparse.coo_array((ones, (self.basket, self.item)), shape=shape).tocsr()
        found.data[:] = 1.0
        return found

    def bits(self) -> np.ndarray:
        """(items, words) one bit for each basket, 64 in a word."""
        return np.asarray(bits_of(self.basket, self.item, len(self.items), len(self)))


def as_baskets(given: "Baskets | pa.Table | Iterable[Sequence[object]]") -> Baskets:
    """Baskets from a table with `basket` and `item`, a row for each item, or from a list of items per basket.

    Raises LabError where there is no basket, a column is missing, or a value is.

    >>> as_baskets([["tea", "cake"], ["tea"]]).matrix().toarray().tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    if isinstance(given, Baskets):
        return given
    return _from_table(given) if isinstance(given, pa.Table) else _from_lists(list(given))


def _from_table(table: pa.Table) -> Baskets:
    basket, ids = _codes(table, BASKET)
    item, items = _codes(table, ITEM)
    return Baskets(basket, item, ids, tuple(items.to_pylist()))


def _from_lists(lists: list[Sequence[object]]) -> Baskets:
    if not lists:
        raise LabError("There is no basket.", "Give a list of the items of each.")
    if any(isinstance(one, str) for one in lists):
        raise LabError("A basket is a text, not a list of items.", "Split it: ['tea', 'cake'].")
    sizes = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    item, items = _codes(pa.table({ITEM: pa.array([*chain.from_iterable(lists)])}), ITEM)
    ids = pa.array(np.arange(len(lists))).cast(pa.string())
    return Baskets(np.repeat(np.arange(len(lists)), sizes), item, ids, tuple(items.to_pylist()))


def _codes(table: pa.Table, name: str) -> tuple[Ints, pa.Array]:
    """Each row's code, and the ids of the codes, sorted as text."""
    if name not in table.column_names:
        raise LabError(
            f"The baskets have no column '{name}'.", "Give a table with `basket` and `item`.", key=name
        )
    column = table.column(name)
    if not len(column):
        raise LabError("The baskets hold nothing.", "Give at least one basket with an item.", key=name)
    # numbers are told apart before they become text: a basket's id is on many rows
    coded = pc.dictionary_encode(column).combine_chunks()
    texts = label_text(pa.chunked_array([coded.dictionary])).combine_chunks()
    missing = coded.indices.null_count + texts.null_count
    if missing:
        raise LabError(
            f"The {name} of a row is missing (one of {len(column)} rows at least).",
            "Remove those rows, or fill them in.",
            key=name,
        )
    ids = pc.unique(texts)
    ids = ids.take(pc.sort_indices(ids))
    rank = pc.index_in(texts, value_set=ids).to_numpy().astype(np.int64)
    return rank[coded.indices.to_numpy()], ids
