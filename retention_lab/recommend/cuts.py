"""What is learned from and what is to be foreseen: cuts through a log of interactions.

A cut by one date for everybody is the honest one: nothing of the future of any customer reaches the model.
Cuts within each user let it: they serve to compare with published figures.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError
from retention_lab.split import held_out_latest


@dataclass(frozen=True, slots=True)
class Cut:
    """Which of the (n,) interactions are learned from, and which are to be foreseen; some may be neither."""

    name: str
    train: Bools
    test: Bools


def time_cut(time: np.ndarray, share: float = 0.8) -> Cut:
    """The earliest `share` of the interactions against all later ones; those of one instant stay together.

    time: (n,) sortable. Raises LabError when a time is missing, or one side would be empty.

    >>> time_cut(np.array([3, 1, 2, 5, 4]), 0.6).train.tolist()
    [True, True, True, False, False]
    """
    later = held_out_latest(time, 1 - share)
    return Cut(f"time {share:g}", ~later, later)


def rolling_cuts(time: np.ndarray, cuts: int = 3, window: float = 0.1) -> tuple[Cut, ...]:
    """Several cuts by date, the earliest first: each foresees the next `window` of the interactions only.

    A model that wins at one date may have been lucky with the season; here it has to win at each.
    Raises LabError when fewer than a window would be left to learn from, or a window has no instant of
    its own.
    """
    if cuts < 1 or not 0 < window < 1 or cuts * window > 1 - window + 1e-9:
        raise LabError(
            f"{cuts} cuts with windows of {window:g} leave less than a window to learn from.",
            "Set fewer cuts, or narrower windows.",
            key="split.rolling",
        )
    starts = [1 - window * (cuts - i) for i in range(cuts)]
    edges = [held_out_latest(time, 1 - start) for start in starts]
    ends = [*edges[1:], np.zeros(len(time), dtype=np.bool_)]
    found = tuple(
        Cut(f"time {start:.3g}", ~edge, np.asarray(edge & ~end, dtype=np.bool_))
        for start, edge, end in zip(starts, edges, ends, strict=True)
    )
    for cut in found:
        _require_test(cut, "Provide times that differ, or set wider windows.")
    return found


def random_cut(user: Ints, share: float = 0.25, *, seed: int) -> Cut:
    """A random `share` of each user's interactions, rounded; one at least is left to learn from.

    user: (n,) codes from 0. Raises LabError when nobody has enough interactions to give one up.
    """
    order = np.random.default_rng(seed).permutation(len(user))
    place, count = _places(user, order)
    test = np.asarray(place < np.minimum(np.round(count * share), count - 1), dtype=np.bool_)
    cut = Cut(f"random {share:g} per user", ~test, test)
    _require_test(cut, "Provide users with several interactions, or hold out a larger share.")
    return cut


def last_cut(user: Ints, time: np.ndarray, count: int = 1) -> Cut:
    """The latest `count` interactions of each user who has more than that; of one instant, the later rows.

    Raises LabError when a time is missing, or nobody has more than `count` interactions.
    """
    if np.any(time != time):
        raise LabError(
            f"{int(np.sum(time != time))} interactions have no time.", "Fill the times in.", key="time"
        )
    order = np.argsort(time, kind="stable")[::-1]
    place, total = _places(user, order)
    test = np.asarray((place < count) & (total > count), dtype=np.bool_)
    cut = Cut(f"last {count}", ~test, test)
    _require_test(cut, "Provide users with several interactions, or leave fewer out.")
    return cut


def _places(user: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Each interaction's place from 0 among its user's, taken in that order, and how many its user has."""
    by_user = order[np.argsort(user[order], kind="stable")]
    counts = np.bincount(user) if len(user) else np.zeros(0, dtype=np.int64)
    first = np.cumsum(counts) - counts
    place = np.empty(len(user), dtype=np.int64)
    place[by_user] = np.arange(len(user)) - first[user[by_user]]
    return place, np.asarray(counts[user], dtype=np.int64)


def _require_test(cut: Cut, next_step: str) -> None:
    if not cut.test.any() or not cut.train.any():
        raise LabError(f"The cut '{cut.name}' leaves one side empty.", next_step, key="split")
