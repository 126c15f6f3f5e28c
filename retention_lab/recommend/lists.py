"""From scores to lists: the best that a customer has not had, for any number of them in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.interactions import NO_ITEM, Interactions
from retention_lab.recommend.protocol import Recommender, Scores

_CELLS = 32_000_000  # scores held at once: 128 MB


@dataclass(frozen=True, slots=True)
class Lists:
    """item: (u, k) codes, the best first, -1 where there is none. score: (u, k), of the model's own unit."""

    item: Ints
    score: Scores


def recommend_lists(
    model: Recommender, history: Interactions, ties: Ints, k: int, allowed: Bools | None = None
) -> Lists:
    """The k best items for every user of the history, in the order of their codes, without what they had.

    ties: (items,) codes; of equally good items, the earlier one. So a user without a history is offered what
    stands first: what sells best. allowed: (items,) or (u, items), what may be offered at all.
    Raises LabError where k is below 1.
    """
    if k < 1:
        raise LabError(f"Lists of {k} items were asked for.", "Ask for one at least.", key="k")
    users = history.user_count
    item = np.full((users, k), NO_ITEM, dtype=np.int64)
    score: NDArray[np.float32] = np.zeros((users, k), dtype=np.float32)
    for start, part in in_blocks(history):
        stop = start + part.user_count
        rule = allowed if allowed is None or allowed.ndim == 1 else allowed[start:stop]
        found = best_of(model.scores(part), part, ties, k, rule)
        item[start:stop], score[start:stop] = found.item, found.score
    return Lists(item, score)


def best_of(scores: Scores, history: Interactions, ties: Ints, k: int, allowed: Bools | None = None) -> Lists:
    """The k best of (u, items) scores, without what the users of the history had."""
    from retention_lab.recommend.list_loops import best

    users, width = scores.shape
    item = np.full((users, k), NO_ITEM, dtype=np.int64)
    value: NDArray[np.float32] = np.zeros((users, k), dtype=np.float32)
    had = history.seen()
    rule = np.ones((1, width), dtype=np.bool_) if allowed is None else np.atleast_2d(allowed)
    best(scores, ties, had.indptr, had.indices, rule, item, value)
    return Lists(item, value)


def in_blocks(history: Interactions) -> Iterator[tuple[int, Interactions]]:
    """The first code and the rows of so many users at a time that their scores fit into memory."""
    size = max(1, _CELLS // max(1, history.item_count))
    if history.user_count <= size:
        yield 0, history
        return
    order = np.argsort(history.user, kind="stable")
    edges = np.searchsorted(history.user[order], np.arange(0, history.user_count + size, size))
    for at, start in enumerate(range(0, history.user_count, size)):
        part = history.take(order[edges[at] : edges[at + 1]])
        yield start, replace(part, user=part.user - start, users=history.users[start : start + size])
