"""Because you bought …: which earlier purchases speak for an item."""

from dataclasses import dataclass

import numpy as np

from retention_lab.recommend.hybrid import Hybrid
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.protocol import ByItem, Recommender
from retention_lab.recommend.rerank import Rerank

_PARENTS = ("ease", "item_knn", "content")


@dataclass(frozen=True, slots=True)
class Because:
    """item: code of what the customer had; share: of all that speaks for the recommendation, above 0."""

    item: int
    share: float


def because(model: Recommender, history: Interactions, item: int, most: int = 3) -> tuple[Because, ...]:
    """The purchases of the one user of the history that speak most for an item; empty where none do.

    A model that adds up over purchases gives its own reasons; hybrids and re-rankers those of the first of
    their parts that does. Popularity and vectors have none.
    """
    source = explaining_part(model)
    if source is None:
        return ()
    parts = source.parts(history, item).toarray()[0]
    parts[item] = 0.0
    for_it = np.maximum(parts, 0.0)
    total = float(for_it.sum())
    if total <= 0:
        return ()
    order = np.argsort(-for_it, kind="stable")[:most]
    return tuple(Because(int(one), float(for_it[one]) / total) for one in order if for_it[one] > 0)


def explaining_part(model: Recommender) -> ByItem | None:
    """The model that gives the reasons: itself, one of its parts, or none."""
    if isinstance(model, Hybrid | Rerank):
        weighed = model.weight if isinstance(model, Hybrid) else dict.fromkeys(_PARENTS, 1.0)
        for name in _PARENTS:
            part: object = model.parents.models.get(name)
            if weighed.get(name) and isinstance(part, ByItem):
                return part
        return None
    return model if isinstance(model, ByItem) else None
