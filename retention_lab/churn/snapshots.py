"""When customers are looked at for training, so that no label reaches into the time that is predicted."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Look:
    """One moment: features lie strictly before `as_of`, labels in [label_start, label_end)."""

    as_of: int
    label_start: int
    label_end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """`count` looks, `every` apart; labels over `horizon` after a `gap` for the time that acting takes.

    All in one unit, of the instants too.
    """

    every: int
    count: int
    horizon: int
    gap: int = 0

    def looks(self, now: int) -> tuple[Look, ...]:
        """The looks, earliest first; the last one's label ends at `now`, so all labels are known then.

        >>> [look.as_of for look in Schedule(every=30, count=3, horizon=90, gap=10).looks(now=1000)]
        [840, 870, 900]
        """
        if min(self.every, self.count, self.horizon) < 1 or self.gap < 0:
            raise LabError(
                "A schedule needs a distance, a count and a horizon of at least 1, and no negative gap.",
                "Correct `snapshots:`.",
                key="snapshots",
            )
        last = now - self.horizon - self.gap
        moments = [last - self.every * back for back in range(self.count - 1, -1, -1)]
        return tuple(Look(at, at + self.gap, at + self.gap + self.horizon) for at in moments)


@dataclass(frozen=True, slots=True)
class RollingFold:
    """(m,) positions of rows: those fitted on, and those of a later look that are predicted."""

    train: Ints
    test: Ints


def rolling_folds(as_of: Ints, label_end: Ints, folds: int) -> tuple[RollingFold, ...]:
    """Each of the last `folds` looks predicted from rows whose label was complete at that look.

    as_of, label_end: (n,) of each row. Rows between, whose label was still open, are on neither side: to
    learn from them is to know the future.
    Raises LabError where no look has completed labels before it.
    """
    moments = np.unique(as_of)
    found = []
    for moment in moments[-folds:]:
        train = np.flatnonzero(label_end <= moment)
        if len(train):
            found.append(RollingFold(train, np.flatnonzero(as_of == moment)))
    if not found:
        raise LabError(
            f"None of the last {folds} of {len(moments)} looks comes after a completed label.",
            "Take more snapshots, further apart, or a shorter horizon.",
            key="snapshots",
        )
    return tuple(found)
