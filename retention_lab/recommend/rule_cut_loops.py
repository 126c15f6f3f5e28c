"""The cut to the best items under caps, compiled: one pass over the scores of each user."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def best_within_caps(scores, rank, items, users, indptr, closed, category, cap, lists):  # type: ignore[no-untyped-def]  # compiled
    """Fill (u, k) `lists`, -1 at first, with the best items that are open to each user, best first.

    rank: (items,) decides between equal scores, the lower first. indptr, closed: items closed to each user.
    category: (items,), or (0,) where `cap` is 0. An item that finds its category full takes the place of the
    worst of that category, one that finds the list full that of the worst of all, if it is better.
    """
    k = lists.shape[1]
    barred = np.full(len(items), -1, dtype=np.int64)
    for user in range(len(lists)):
        if not users[user]:
            continue
        for place in range(indptr[user], indptr[user + 1]):
            barred[closed[place]] = user
        size = 0
        for item in range(len(items)):
            score = scores[user, item]
            if not items[item] or barred[item] == user or np.isnan(score) or score == -np.inf:
                continue
            if size == k and not _better(scores[user], rank, item, lists[user, k - 1]):
                continue  # below the worst of a full list there is no way in
            out = _place_to_leave(lists[user], size, item, category, cap)
            if out < size and not _better(scores[user], rank, item, lists[user, out]):
                continue
            if out == size:
                size += 1
            # the list stays in order: what is worse moves down, as far as the place that is left
            while out > 0 and _better(scores[user], rank, item, lists[user, out - 1]):
                lists[user, out] = lists[user, out - 1]
                out -= 1
            lists[user, out] = item


@njit(cache=True, nogil=True)
def _place_to_leave(row, size, item, category, cap):  # type: ignore[no-untyped-def]  # compiled
    """The place that has to go for the item: its category's worst, the worst of all, or `size`: none has."""
    if cap > 0 and category[item] >= 0:
        same, worst = 0, -1
        for place in range(size):
            if category[row[place]] == category[item]:
                same += 1
                worst = place
        if same >= cap:
            return worst
    return size if size < len(row) else size - 1


@njit(cache=True, nogil=True)
def _better(scores, rank, one, other):  # type: ignore[no-untyped-def]  # compiled
    """Whether the first item's score is higher, or as high and earlier in rank."""
    if scores[one] != scores[other]:
        return scores[one] > scores[other]
    return rank[one] < rank[other]
