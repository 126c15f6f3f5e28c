"""How good lists of recommendations are, user by user: what they found, and what they show.

Lists are (u, k) item codes, the best first, -1 where there is none. A user's metrics are (u,) numbers, whose
mean over users is the metric; only coverage belongs to all lists together, see `list_evidence.py`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.wanted import Wanted

POPULAR = 0.2  # the share of the catalogue, by popularity, that counts as its short head


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the lists could be made of, as known at the cut.

    popularity: (items,) users who had each item before the cut. users: how many there were. offered: (items,)
    which can be recommended. vectors: (items, d) what each item is like, dense or sparse; None: not known.
    """

    popularity: Ints
    users: int
    offered: Bools
    vectors: Floats | sparse.csr_matrix | None = None


def found(lists: Ints, wanted: Wanted) -> Bools:
    """(u, k) whether each place of each list holds an item that its user wanted.

    Raises LabError when the lists are not the wanted items' users', or an item stands twice in a list.
    """
    if len(lists) != len(wanted.user):
        raise LabError(
            f"There are {len(lists)} lists, and {len(wanted.user)} users who wanted something.",
            "Make one list for each of them, in their order.",
        )
    _require_distinct(lists)
    width = int(max(lists.max(initial=0), wanted.item.max(initial=0))) + 1
    key = np.where(lists < 0, -1, np.arange(len(lists))[:, None] * width + lists)
    return np.isin(key, wanted.rows() * width + wanted.item)


def recall(hits: Bools, wanted: Wanted) -> Floats:
    """(u,) share of the wanted items that the list holds."""
    return np.asarray(hits.sum(axis=1) / wanted.count, dtype=np.float64)


def hit(hits: Bools) -> Floats:
    """(u,) 1 where the list holds at least one wanted item."""
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def ndcg(hits: Bools, wanted: Wanted) -> Floats:
    """(u,) discounted gain of the places that hit, against the best list of that length.

    Source: Järvelin and Kekäläinen (2002), ACM TOIS 20(4), doi:10.1145/582415.582418.
    """
    discount = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    best = np.cumsum(discount)[np.minimum(wanted.count, hits.shape[1]) - 1]
    return np.asarray(hits @ discount / best, dtype=np.float64)


def average_precision(hits: Bools, wanted: Wanted) -> Floats:
    """(u,) precision at the places that hit, summed, by the most a list could hold; its mean is MAP."""
    precision = np.cumsum(hits, axis=1) / (np.arange(hits.shape[1]) + 1)
    return np.asarray(
        (precision * hits).sum(axis=1) / np.minimum(wanted.count, hits.shape[1]), dtype=np.float64
    )


def novelty(lists: Ints, shelf: Shelf) -> Floats:
    """(u,) mean surprise of the listed items, in bits: −log2 of the share of users who had each already.

    An item that nobody had counts as one that half a user had. NaN for an empty list.
    Source: Zhou et al. (2010), PNAS 107(10), doi:10.1073/pnas.1000488107.
    """
    bits = -np.log2(np.maximum(shelf.popularity, 0.5) / shelf.users)
    return _mean_of_listed(lists, np.asarray(bits, dtype=np.float64))


def popular_share(lists: Ints, shelf: Shelf) -> Floats:
    """(u,) share of the list that belongs to the most popular fifth of the catalogue; NaN if it is empty.

    Source: Abdollahpouri, Burke, Mobasher (2019), FLAIRS 32, "Managing popularity bias in
    recommender systems".
    """
    rank = np.empty(len(shelf.popularity), dtype=np.int64)
    rank[np.argsort(np.where(shelf.offered, -shelf.popularity, 1), kind="stable")] = np.arange(len(rank))
    return _mean_of_listed(lists, np.asarray(rank < POPULAR * shelf.offered.sum(), dtype=np.float64))


def diversity(lists: Ints, shelf: Shelf) -> Floats:
    """(u,) how different the items of a list are: 1 less the mean cosine of its pairs; NaN below two items.

    The cosines of all pairs follow from the length of the sum of the items' unit vectors, so that no pair is
    ever formed. An item with no vector resembles none.
    Source: Smyth and McClave (2001), ICCBR 4, doi:10.1007/3-540-44593-5_25.
    Raises LabError when the shelf knows no vectors.
    """
    if shelf.vectors is None:
        raise LabError(
            "Nothing is known of what the items are like, so lists cannot be called diverse.",
            "Give the products' categories or texts.",
        )
    vectors = sparse.csr_matrix(shelf.vectors, dtype=np.float64)
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    unit = sparse.diags_array(np.where(length > 0, 1 / np.where(length > 0, length, 1), 0)) @ vectors
    listed = _incidence(lists, len(shelf.popularity))
    total = listed @ unit
    squares = np.asarray(total.multiply(total).sum(axis=1)).ravel()
    cosines = squares - listed @ (length > 0).astype(np.float64)
    size = (lists >= 0).sum(axis=1)
    pairs = (size * (size - 1)).astype(np.float64)
    return np.where(pairs > 0, 1 - cosines / np.where(pairs > 0, pairs, 1), np.nan)


def _mean_of_listed(lists: Ints, value: Floats) -> Floats:
    listed = lists >= 0
    size = listed.sum(axis=1)
    total = np.where(listed, value[lists], 0.0).sum(axis=1)
    return np.where(size > 0, total / np.maximum(size, 1), np.nan)


def _incidence(lists: Ints, items: int) -> sparse.csr_array:
    rows, places = np.nonzero(lists >= 0)
    ones = np.ones(len(rows))
    return sparse.csr_array((ones, (rows, lists[rows, places])), shape=(len(lists), items))


def _require_distinct(lists: Ints) -> None:
    ordered = np.sort(lists, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if twice.any():
        raise LabError(
            f"List {int(np.argmax(twice.any(axis=1))) + 1} holds an item twice, which would count it twice.",
            "Recommend each item once.",
        )
