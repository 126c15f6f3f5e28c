"""What can be fitted to interactions, by name, all behind one protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from retention_lab.errors import LabError, did_you_mean
from retention_lab.recommend.als import Als, AlsParams, fit_als
from retention_lab.recommend.content import Content
from retention_lab.recommend.ease import Ease, fit_ease
from retention_lab.recommend.hybrid import Hybrid, fit_hybrid
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.neighbours import (
    ItemNeighbours,
    UserNeighbours,
    fit_item_neighbours,
    fit_user_neighbours,
)
from retention_lab.recommend.neural import Neural, NeuralParams, fit_neural
from retention_lab.recommend.popular import Popular, fit_decayed_popular, fit_popular
from retention_lab.recommend.protocol import Recommender
from retention_lab.recommend.rerank import Rerank, RerankParams, fit_rerank

# What is there to compare with: no model of customers.
BASELINES = ("popular", "decayed_popular")


@dataclass(frozen=True, slots=True)
class Known:
    """What may be learned from: interactions, and what the items' texts say where there are any."""

    data: Interactions
    content: Content | None = None
    seed: int = 7


def _content(known: Known) -> Content:
    if known.content is None:
        raise LabError(
            "Nothing is known about the items but who bought them.",
            "Give products with a title, description or category, or leave `content` out.",
            key="models",
        )
    return known.content


_LEARNERS: Mapping[str, Callable[..., Recommender]] = {
    "popular": lambda known: fit_popular(known.data),
    "decayed_popular": lambda known, **own: fit_decayed_popular(known.data, **own),
    "item_knn": lambda known, **own: fit_item_neighbours(known.data, **own),
    "user_knn": lambda known, **own: fit_user_neighbours(known.data, **own),
    "ease": lambda known, **own: fit_ease(known.data, **own),
    "als": lambda known, **own: fit_als(known.data, known.seed, AlsParams(**own)),
    "content": _content,
    "hybrid": lambda known: fit_hybrid(known.data, known.content, known.seed),
    "neural": lambda known, **own: fit_neural(known.data, known.seed, NeuralParams(**own)),
    "rerank": lambda known, **own: fit_rerank(known.data, known.content, known.seed, RerankParams(**own)),
}
_READERS: Mapping[str, Callable[[Mapping[str, bytes]], Recommender]] = {
    "popular": Popular.from_files,
    "decayed_popular": Popular.from_files,
    "item_knn": ItemNeighbours.from_files,
    "user_knn": UserNeighbours.from_files,
    "ease": Ease.from_files,
    "als": Als.from_files,
    "content": Content.from_files,
    "hybrid": Hybrid.from_files,
    "neural": Neural.from_files,
    "rerank": Rerank.from_files,
}
LEARNERS = tuple(_LEARNERS)


def fit_learner(name: str, known: Known, **options: Any) -> Recommender:
    """Fit the learner of that name; options: those of its own function, such as `l2` of EASE.

    Raises LabError where there is none of that name, it has no such option, or the data lack what it needs.
    """
    if name not in _LEARNERS:
        raise LabError(f"No recommender is named '{name}'.", did_you_mean(name, LEARNERS), key="models")
    try:
        return _LEARNERS[name](known, **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise LabError(
            f"'{name}' was given options it does not have: {', '.join(sorted(options))}.",
            "Leave them out, or look at its function for those that it has.",
            key="options",
        ) from error


def read_learner(name: str, files: Mapping[str, bytes]) -> Recommender:
    """The model that a learner's `to_files` wrote."""
    return _READERS[name](files)
