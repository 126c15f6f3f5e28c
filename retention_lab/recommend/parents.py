"""The simple models that hybrids and re-rankers are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.nested_files import in_folder, of_folder
from retention_lab.recommend.content import Content
from retention_lab.recommend.ease import Ease, fit_ease
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.neighbours import ItemNeighbours, fit_item_neighbours
from retention_lab.recommend.popular import Popular, fit_decayed_popular, fit_popular
from retention_lab.recommend.protocol import Recommender, Scores

_READERS: Mapping[str, Callable[[Mapping[str, bytes]], Recommender]] = {
    "popular": Popular.from_files,
    "decayed_popular": Popular.from_files,
    "ease": Ease.from_files,
    "item_knn": ItemNeighbours.from_files,
    "content": Content.from_files,
}


@dataclass(frozen=True, slots=True)
class Parents:
    """Fitted models by name, over the same items."""

    models: Mapping[str, Recommender]

    @property
    def names(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self.models)

    def scores(self, history: Interactions) -> dict[str, Scores]:
        """(users, items) of each, with mean 0 and deviation 1 over each user's items; equal ones are 0."""
        return {name: standardised(model.scores(history)) for name, model in self.models.items()}

    def to_files(self) -> dict[str, bytes]:
        """Each in a folder of its name."""
        found: dict[str, bytes] = {}
        for name, model in self.models.items():
            found |= in_folder(name, model.to_files())
        return found


def fit_parents(data: Interactions, content: Content | None) -> Parents:
    """Popularity (decayed where times are known), neighbours, EASE, and content where there is text."""
    timed = data.time is not None
    models: dict[str, Recommender] = {
        "decayed_popular" if timed else "popular": fit_decayed_popular(data) if timed else fit_popular(data),
        "item_knn": fit_item_neighbours(data),
        "ease": fit_ease(data, half_life=30.0 if timed else None),
    }
    if content is not None:
        models["content"] = content
    return Parents(models)


def read_parents(names: tuple[str, ...], files: Mapping[str, bytes]) -> Parents:
    """The models that `to_files` wrote."""
    return Parents({name: _READERS[name](of_folder(name, files)) for name in names})


def standardised(scores: Scores) -> Scores:
    """Less each row's mean, over its deviation.

    >>> standardised(np.array([[1, 3], [2, 2]], dtype=np.float32)).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    centred = scores - scores.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(spread > 0, spread, np.float32(1)), dtype=np.float32)
