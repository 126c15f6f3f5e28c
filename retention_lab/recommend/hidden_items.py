"""Do suggestions find what a basket held? One item of each is hidden, and looked for among them."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.recommend.baskets import Baskets
from retention_lab.recommend.list_evidence import UserMetrics, user_metrics
from retention_lab.recommend.list_metrics import Shelf
from retention_lab.recommend.suggestions import Suggester
from retention_lab.recommend.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Hidden:
    """Baskets of two items or more without one of them.

    basket: (b,) which; item: (b,) what was hidden; rest: (b, items) what was not. Codes are the baskets' own.
    """

    basket: Ints
    item: Ints
    rest: sparse.csr_array
    items: tuple[str, ...]


def hide_one(baskets: Baskets, *, seed: int) -> Hidden:
    """Hide one item, drawn at random, of each basket of two items or more.

    Raises LabError with fewer than two such baskets.
    """
    matrix = baskets.matrix()
    size = np.diff(matrix.indptr)
    several = np.flatnonzero(size >= 2)
    if len(several) < 2:
        raise LabError(
            f"{len(several)} baskets hold two items or more, so suggestions cannot be tried on them.",
            "Provide more baskets.",
        )
    drawn = np.random.default_rng(seed).random(len(several))
    place = matrix.indptr[several] + np.floor(drawn * size[several]).astype(np.int64)
    rest = matrix.copy()
    rest.data[place] = 0.0
    rest.eliminate_zeros()
    item = matrix.indices[place].astype(np.int64)
    return Hidden(several, item, rest[several], baskets.items)


def suggestion_metrics(suggester: Suggester, hidden: Hidden, k: int) -> tuple[UserMetrics, Shelf]:
    """The metrics of k suggestions for each basket that lost an item, and the shelf that they were made of.

    An item that the rules have never seen cannot be suggested, and counts as missed.
    """
    codes = suggester.codes(hidden.items)
    known = np.flatnonzero(codes >= 0)
    shape = (len(hidden.items), len(suggester.items))
    into = sparse.csr_array((np.ones(len(known)), (known, codes[known])), shape=shape)
    lists, _ = suggester.suggest(sparse.csr_array(hidden.rest @ into), k)
    unknown = len(suggester.items)
    item = np.where(codes[hidden.item] < 0, unknown, codes[hidden.item])
    rows = len(hidden.item)
    wanted = Wanted(np.arange(rows), np.arange(rows + 1), item, np.ones(rows, dtype=np.bool_))
    # novelty only needs shares: of a million baskets, so that no item that was sold counts as unsold
    shelf = Shelf(np.round(suggester.share * 1e6).astype(np.int64), 1_000_000, suggester.share > 0)
    return user_metrics(lists, wanted, shelf, k), shelf
