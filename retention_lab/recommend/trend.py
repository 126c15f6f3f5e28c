"""How far a learned order of items is to be held to what everybody bought lately.

The few customers who come back after one date teach a re-ranker little, and where fashion decides it then
loses to what sells. Where taste decides, fashion is in the way. Which of both holds shows at the latest date.
"""

import numpy as np
from numpy.typing import NDArray

from retention_lab.arrays import Bools, Floats, Ints

WEIGHTS = (0.0, 0.5, 1.0)
_LIST = 10


def alike(score: Floats | NDArray[np.float32], user: Ints) -> Floats:
    """(n,) less the mean over the rows of the same user, over their deviation.

    >>> alike(np.array([1.0, 3.0, 5.0, 5.0]), np.array([0, 0, 1, 1])).tolist()
    [-1.0, 1.0, 0.0, 0.0]
    """
    count = np.bincount(user).clip(1)
    centred = score - (np.bincount(user, score) / count)[user]
    spread = np.sqrt(np.bincount(user, centred**2) / count)[user]
    return np.asarray(centred / np.where(spread > 0, spread, 1.0), dtype=np.float64)


def trend_weight(learned: Floats, lately: NDArray[np.float32], taken: Bools, user: Ints) -> float:
    """Of `WEIGHTS` the one whose sum of both scores ranks best, by the mean NDCG of ten over the users.

    learned, lately: (n,) scores of pairs of a user and an item. taken: (n,) what the user turned to.
    user: (n,) sorted codes.
    """
    own, common = alike(learned, user), alike(lately, user)
    gains = [_mean_ndcg(own + weight * common, taken, user) for weight in WEIGHTS]
    return WEIGHTS[int(np.argmax(gains))]


def _mean_ndcg(score: Floats, taken: Bools, user: Ints) -> float:
    order = np.lexsort((-score, user))
    start = np.searchsorted(user, user, side="left")
    place = np.arange(len(user)) - start  # rows stay with their user, whose rows lie side by side
    discount = np.where(place < _LIST, 1 / np.log2(place + 2), 0.0)
    hits = np.bincount(user, discount * taken[order])
    wanted = np.minimum(np.bincount(user, taken), _LIST).astype(np.int64)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(_LIST) + 2))])[wanted]
    return float((hits[ideal > 0] / ideal[ideal > 0]).mean())
