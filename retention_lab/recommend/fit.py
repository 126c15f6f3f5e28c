"""A recommender by name, over a table: ids in, ids out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.labels import label_text
from retention_lab.recommend.content import Content
from retention_lab.recommend.interactions import NO_ITEM, Interactions, interactions
from retention_lab.recommend.learners import Known, fit_learner
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.popular import fit_decayed_popular, fit_popular
from retention_lab.recommend.protocol import Recommender


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model with the histories it was fitted to.

    ties: (items,) codes, what sells best first. ids: (items,) as the table had them; None: codes were given.
    """

    name: str
    model: Recommender
    data: Interactions
    ties: Ints
    ids: np.ndarray | None = None

    def recommend(self, users: Sequence[Any] | np.ndarray, k: int = 10) -> np.ndarray:
        """(n, k) unseen items for n users, the best first: ids for ids, codes for codes.

        Somebody unknown is offered what sells best. None, or the code -1, stands where nothing is left.
        """
        lists = recommend_lists(self.model, self._history(users), self.ties, k, self._offered()).item
        if self.ids is None:
            return lists
        found = np.full(lists.shape, None, dtype=object)
        found[lists != NO_ITEM] = self.ids[lists[lists != NO_ITEM]]
        return np.asarray(found.astype(self.ids.dtype) if np.all(lists != NO_ITEM) else found)

    def _history(self, users: Sequence[Any] | np.ndarray) -> Interactions:
        """Of the users in their order; one may stand there twice, or be unknown."""
        if self.ids is None:
            codes = np.asarray(users, dtype=np.int64)
        else:
            text = label_text(pa.chunked_array([pa.array(users)]))
            found = pc.index_in(text, value_set=pa.array(self.data.users, pa.string()))
            codes = np.asarray(pc.fill_null(found, NO_ITEM).to_numpy(), dtype=np.int64)
        known, place = np.unique(codes, return_inverse=True)
        if known.size and (known[-1] >= self.data.user_count or known[0] < NO_ITEM):
            raise LabError(
                f"There are {self.data.user_count} users, and another code was given.",
                "Give codes of the interactions, -1 for somebody unknown.",
                key="users",
            )
        return _repeated(self.data, known, place)

    def _offered(self) -> Bools | None:
        """Items that somebody bought; all of them where the model can tell of others too."""
        if self.name in ("content", "hybrid"):
            return None
        return np.bincount(self.data.item, minlength=self.data.item_count) > 0


def fit(name: str, data: Any, *, content: Content | None = None, seed: int = 7, **options: Any) -> Fitted:
    """Fit the recommender of that name, which `LEARNERS` lists.

    data: `Interactions`, or a table (Arrow, a data frame, or a mapping of columns) with user, item, and where
    they are known time and weight. options: of the recommender, such as l2=500 of `ease`, or neighbours=50,
    shrink=0 of `item_knn`.
    Raises LabError where the data lack what it needs, or it has no such option.

    >>> bought = {"user": ["a", "a", "b", "b", "c"], "item": ["tea", "cup", "tea", "cup", "tea"]}
    >>> fit("item_knn", bought, neighbours=1).recommend(["c"], k=1).tolist()
    [['cup']]
    """
    ids = None
    if not isinstance(data, Interactions):
        table = _table(data)
        data = interactions(table)
        ids = _own_ids(table.column("item"), data.items)
    model = fit_learner(name, Known(data, content, seed), **options)
    return Fitted(name, model, data, best_sellers(data), ids)


def best_sellers(data: Interactions) -> Ints:
    """(items,) codes, what sells best of late first; by all sales where no time is known."""
    sales = fit_popular(data) if data.time is None else fit_decayed_popular(data)
    return np.argsort(-sales.score, kind="stable").astype(np.int64)


def _table(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    if hasattr(data, "__dataframe__") or hasattr(data, "iloc"):
        return pa.Table.from_pandas(data, preserve_index=False)
    return pa.table(dict(data))


def _own_ids(column: pa.ChunkedArray, items: tuple[str, ...]) -> np.ndarray:
    """(items,) ids in the column's own type."""
    first = pc.index_in(pa.array(items, pa.string()), value_set=label_text(column).combine_chunks())
    return np.asarray(column.take(first).to_numpy())


def _repeated(data: Interactions, known: Ints, place: Ints) -> Interactions:
    """The histories of places of known codes, one user each, however often a code stands there."""
    here = known >= 0
    row = np.flatnonzero(here)
    base = data.among(known[here])
    order = np.argsort(base.user, kind="stable")
    count = np.bincount(base.user, minlength=len(row))
    start = np.cumsum(count) - count
    position = np.full(len(known), -1, dtype=np.int64)
    position[row] = np.arange(len(row))
    source = position[place]
    sizes = np.where(source >= 0, count[source], 0) if len(row) else np.zeros(len(place), dtype=np.int64)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = order[np.repeat(start[source] if len(row) else source, sizes) + within]
    time: Floats | None = None if base.time is None else base.time[rows]
    return Interactions(
        np.repeat(np.arange(len(place)), sizes), base.item[rows], time, base.weight[rows],
        tuple(str(i) for i in range(len(place))), data.items,
    )  # fmt: skip
