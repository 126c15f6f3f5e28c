"""A hybrid: several models' scores in one, weighed by what served customers at earlier dates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.errors import LabError
from retention_lab.nested_files import in_folder, of_folder
from retention_lab.recommend.content import Content
from retention_lab.recommend.inner import Lesson, inner_cuts, lessons
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.list_metrics import found, ndcg
from retention_lab.recommend.lists import best_of
from retention_lab.recommend.parents import Parents, fit_parents, read_parents
from retention_lab.recommend.protocol import Scores

_ABOUT = "hybrid.json"
_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_SWEEPS = 2
_ENDS, _WINDOW = (0.5, 0.65, 0.8), 0.2


@dataclass(frozen=True, slots=True)
class Hybrid:
    """parents: fitted to all. weight: of each one's standardised scores."""

    parents: Parents
    weight: Mapping[str, float]

    def scores(self, history: Interactions) -> Scores:
        """The weighted sum."""
        return blended(self.parents.scores(history), self.weight)

    def to_files(self) -> dict[str, bytes]:
        """The weights, and each parent in a folder."""
        about = json.dumps(dict(self.weight), allow_nan=False).encode()
        return {_ABOUT: about, **in_folder("parents", self.parents.to_files())}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Hybrid":
        """The model that `to_files` wrote."""
        weight = json.loads(files[_ABOUT])
        return Hybrid(read_parents(tuple(weight), of_folder("parents", files)), weight)


def fit_hybrid(data: Interactions, content: Content | None = None, seed: int = 7) -> Hybrid:
    """Weigh the parents by the NDCG of ten at inner cuts, one weight at a time, then fit them to all.

    Raises LabError where nobody comes back inside the data, so that nothing tells the weights.
    """
    taught = list(lessons(data, inner_cuts(data, _ENDS, _WINDOW, seed), seed))
    if not taught:
        raise LabError(
            "No customer comes back inside what is learned from, so nothing tells models' weights.",
            "Provide a longer log, or leave `hybrid` out.",
            key="models",
        )
    seen = [(one, fit_parents(one.before, content).scores(one.history)) for one in taught]
    parents = fit_parents(data, content)
    return Hybrid(parents, _weights(parents.names, seen))


def blended(scores: Mapping[str, Scores], weight: Mapping[str, float]) -> Scores:
    """The weighted sum of (users, items) scores."""
    total = np.zeros_like(next(iter(scores.values())))
    for name, one in scores.items():
        if weight[name]:
            total += np.float32(weight[name]) * one
    return np.asarray(total, dtype=np.float32)


def quality(scores: Scores, taught: Lesson, k: int = 10) -> float:
    """Mean NDCG of the k best unseen items on offer."""
    ties = np.arange(scores.shape[1])
    lists = best_of(scores, taught.history, ties, k, taught.offered)
    return float(ndcg(found(lists.item, taught.wanted), taught.wanted).mean())


def _weights(names: Sequence[str], seen: Sequence[tuple[Lesson, Mapping[str, Scores]]]) -> dict[str, float]:
    """Coordinate ascent from equal weights; the mean over lessons decides, so that no single date does."""
    weight = dict.fromkeys(names, 1.0)

    def worth(tried: Mapping[str, float]) -> float:
        return float(np.mean([quality(blended(scores, tried), one) for one, scores in seen]))

    best = worth(weight)
    for _ in range(_SWEEPS):
        for name in names:
            for value in _WEIGHTS:
                tried = {**weight, name: value}
                if any(tried.values()) and (found_worth := worth(tried)) > best:
                    best, weight = found_worth, tried
    return weight
