"""What sells best, ever or lately: the yardstick of every recommender, and what new customers are offered."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.profiles import decay
from retention_lab.recommend.protocol import Scores

_FILE = "popular.npz"


@dataclass(frozen=True, slots=True)
class Popular:
    """score: (items,) users who had each item, or the weight of their purchases."""

    score: Floats

    def scores(self, history: Interactions) -> Scores:
        """The same for everybody."""
        row = self.score.astype(np.float32)
        return np.broadcast_to(row, (history.user_count, len(row))).copy()

    def to_files(self) -> dict[str, bytes]:
        """One array."""
        return {_FILE: npz_bytes({"score": self.score})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Popular":
        """The model that `to_files` wrote."""
        return Popular(npz_arrays(files[_FILE])["score"])


def fit_popular(data: Interactions) -> Popular:
    """How many different users had each item."""
    return Popular(np.asarray(data.seen().sum(axis=0), dtype=np.float64).ravel())


def fit_decayed_popular(data: Interactions, half_life: float = 30.0) -> Popular:
    """Purchases of each item by their weight, halved for every `half_life` days before the last one.

    Raises LabError where no time is known.
    """
    time = data.timed()
    latest = time.max() if len(time) else 0.0
    weight = data.weight * decay(latest - time, half_life)
    total = np.bincount(data.item, weights=weight, minlength=data.item_count)
    return Popular(np.asarray(total, dtype=np.float64))
