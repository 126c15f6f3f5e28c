"""Rows from the best score down, sorted once; rows that tie keep together."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Ranking:
    """Runs of tied scores, best first. A place is a position in that order, from 0.

    row: (n,) the row at each place; start, end: (b,) first place of each run, and the first after it;
    above, through: (b,) share of rows better than the run, and up to its end.
    """

    row: Ints
    start: Ints
    end: Ints
    above: Floats
    through: Floats

    def __len__(self) -> int:
        return len(self.row)

    def spread(self, values: Floats) -> Floats:
        """(b,) values of runs -> (n,) values by place."""
        if len(values) == len(self.row):
            return values  # no ties: a run is a row
        return np.asarray(np.repeat(values, self.end - self.start), dtype=np.float64)

    def sums(self, values: Floats) -> Floats:
        """(n,) values by place -> (b,) sums of runs."""
        if len(self.start) == len(self.row):
            return values
        return np.asarray(np.add.reduceat(values, self.start), dtype=np.float64)

    def by_row(self, values: Floats) -> Floats:
        """(n,) values by place -> (n,) the same in the order of the rows."""
        found = np.empty(len(values))
        found[self.row] = values
        return found

    def run_at(self, share: float) -> int:
        """Number of the run in which the best `share` of the rows ends."""
        return min(int(np.searchsorted(self.through, share)), len(self.start) - 1)

    def near(self, share: float, window: float) -> slice:
        """Places of the runs that reach into `share` ± `window`."""
        first = int(np.searchsorted(self.through, share - window, side="right"))
        last = int(np.searchsorted(self.above, share + window)) - 1
        return slice(int(self.start[first]), int(self.end[last]))

    def groups(self, count: int) -> list[slice]:
        """Places of at most `count` groups of equal width, lowest scores first; runs are cut by mid-rank.

        Groups that no run falls into are left out.
        """
        twice = 2 * len(self.row)
        number = (twice - self.start - self.end) * count // twice  # whole numbers: no cut by rounding
        firsts = np.flatnonzero(np.concatenate([[True], number[1:] != number[:-1]]))
        starts = self.start[firsts]
        ends = np.append(starts[1:], len(self.row))
        return [slice(int(a), int(b)) for a, b in zip(starts[::-1], ends[::-1], strict=True)]


def ranking(score: Floats) -> Ranking:
    """Rank rows by (n,) scores; raises LabError where there are none, or one is missing or infinite."""
    if len(score) == 0:
        raise LabError("There are no scores to rank.", "Give one per customer.")
    if not np.isfinite(score).all():
        raise LabError("A score is missing or infinite, so customers cannot be ranked.", "Correct the model.")
    row = np.argsort(-score)
    ranked = score[row]
    start = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    end = np.append(start[1:], len(score))
    return Ranking(row, start, end, start / len(score), end / len(score))
