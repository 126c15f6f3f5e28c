"""What is known about a customer and an item together: the columns that a re-ranker learns from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats, Ints
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.popular import fit_decayed_popular
from retention_lab.recommend.protocol import Scores

_FILE = "items.npz"
_HALF_LIVES = (1.0, 3.0, 7.0, 30.0)
_OLDEST = 200.0  # days; older items are alike
_SMALL = 1e-2
Columns = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """facts: (items, f) how an item sold until the cut. age: (items,) days on sale by then. end: the cut, in
    days."""

    facts: Columns
    age: Columns
    end: float

    @property
    def lately(self) -> Columns:
        """(items,) sales of the last days, half-life a week, as a logarithm of the share over an average
        item's."""
        return self.facts[:, _HALF_LIVES.index(7.0)]

    def to_files(self) -> dict[str, bytes]:
        """Three arrays."""
        end = np.array([self.end])
        return {_FILE: npz_bytes({"facts": self.facts, "age": self.age, "end": end})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ItemFacts":
        """The facts that `to_files` wrote."""
        found = npz_arrays(files[_FILE])
        return ItemFacts(found["facts"], found["age"], float(found["end"][0]))


def item_facts(data: Interactions) -> ItemFacts:
    """Sales lately and ever, as logarithms of the share over an average item's, their trend, and age.

    Raises LabError where no time is known.
    """
    time = data.timed()
    end = float(time.max()) if len(time) else 0.0
    recent = [_log_share(fit_decayed_popular(data, days).score) for days in _HALF_LIVES]
    count = np.bincount(data.item, minlength=data.item_count).astype(np.float64)
    first = np.full(data.item_count, end)
    np.minimum.at(first, data.item, time)
    age = np.minimum(end - first, _OLDEST)
    bought = np.log1p(count)
    columns = [*recent, bought, bought - np.log(age + 3), recent[1] - recent[-1], age]
    return ItemFacts(np.column_stack(columns).astype(np.float32), age.astype(np.float32), end)


def pair_features(
    facts: ItemFacts, parents: Mapping[str, Scores], history: Interactions, user: Ints, item: Ints
) -> Columns:
    """(n, d) columns of n pairs of a user of the history and an item.

    parents: (users, items) scores. A user's absence counts from the cut, or from their own latest row where
    that is later; users without rows have missing values.
    """
    time = history.timed()
    latest = np.full(history.user_count, -np.inf)
    np.maximum.at(latest, history.user, time)
    absent = np.where(np.isfinite(latest), np.maximum(facts.end - latest, 0.0), np.nan)
    bought = np.log1p(np.bincount(history.user, minlength=history.user_count))
    gap = absent[user]
    newer = np.log((facts.age[item] + 0.5) / (gap + 0.5))
    scores = [one[user, item] for one in parents.values()]
    columns = [*scores, newer, np.minimum(gap, _OLDEST), bought[user]]
    return np.column_stack([facts.facts[item], *columns]).astype(np.float32)


def _log_share(weight: Floats) -> Floats:
    share = weight / max(float(weight.mean()), 1e-300)
    return np.asarray(np.log(share + _SMALL), dtype=np.float64)
