"""What each user turned to after the cut: the items that a list should have held."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.cuts import Cut


@dataclass(frozen=True, slots=True)
class Wanted:
    """The distinct items that each of the (u,) users was to be offered.

    Row i's are item[start[i]:start[i + 1]].
    user: (u,) codes, ascending, each with one item at least. start: (u + 1,). item: ascending within a row.
    warm: (u,) whether the user has interactions before the cut.
    """

    user: Ints
    start: Ints
    item: Ints
    warm: Bools

    @property
    def count(self) -> Ints:
        """(u,) how many items each user was to be offered."""
        return np.diff(self.start)

    def rows(self) -> Ints:
        """(items wanted,) the row of each."""
        return np.repeat(np.arange(len(self.user)), self.count)

    def among(self, chosen: Bools) -> "Wanted":
        """Those of the users that `chosen`, (u,), marks."""
        counts = self.count[chosen]
        start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        return Wanted(self.user[chosen], start, self.item[np.repeat(chosen, self.count)], self.warm[chosen])


def wanted_items(user: Ints, item: Ints, cut: Cut, offered: Bools | None = None) -> Wanted:
    """What the users of the cut's later part turned to for the first time.

    user, item: (n,) codes from 0. offered: (items,) whether an item can be recommended at all, None: all can.
    What a user already had before the cut is not wanted again: lists hold unseen items.
    Raises LabError when nothing is left.
    """
    width = int(item.max()) + 1 if len(item) else 1
    key = user * width + item
    after, before = np.unique(key[cut.test]), np.unique(key[cut.train])
    after = after[~np.isin(after, before, assume_unique=True)]
    if offered is not None:
        after = after[offered[after % width]]
    if not len(after):
        raise LabError(
            f"After the cut '{cut.name}' no user turned to an item for the first time.",
            "Provide more interactions, or cut earlier.",
            key="split",
        )
    users, counts = np.unique(after // width, return_counts=True)
    start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
    return Wanted(users, start, after % width, np.isin(users, user[cut.train]))
