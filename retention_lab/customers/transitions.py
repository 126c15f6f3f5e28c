"""Who moved where between two dates: lifecycle stages, RFM cells and segments alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.customers.rates import share
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Transitions:
    """(a, b) customers who were in `before[i]` at the first date and in `after[j]` at the second."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    counts: Ints

    def share(self, before: str, after: str, *, confidence: float = 0.95) -> Estimate:
        """Of those who were in `before`, the share now in `after`; LabError where nobody was in it."""
        row = self.counts[self.before.index(before)]
        return share(int(row[self.after.index(after)]), int(row.sum()), confidence=confidence)

    @property
    def stayed(self) -> int:
        """Customers whose state has the same name at both dates."""
        return sum(
            int(self.counts[i, self.after.index(name)])
            for i, name in enumerate(self.before)
            if name in self.after
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row per pair that has customers: from, to, customers, and their share of those in `from`."""
        return [
            {
                "from": before,
                "to": after,
                "customers": int(self.counts[i, j]),
                "share": self.share(before, after).as_json(),
            }
            for i, before in enumerate(self.before)
            for j, after in enumerate(self.after)
            if self.counts[i, j]
        ]


def transitions(
    before: Sequence[str | None], after: Sequence[str | None], order: Sequence[str]
) -> Transitions:
    """Count the moves of (n,) customers, the same ones in the same order at both dates.

    None: not known at that date (not yet a customer, or no state could be told). order: the states as they
    are to be shown; those that nobody was ever in keep their place, so tables of two dates line up.
    Raises LabError for different numbers of customers, and for a state that `order` does not name.

    >>> transitions(["new", None], ["active", "new"], ["new", "active"]).counts.tolist()
    [[0, 1, 0], [0, 0, 0], [1, 0, 0]]
    """
    if len(before) != len(after):
        raise LabError(
            f"{len(before)} customers before and {len(after)} after cannot be compared one by one.",
            "Give the same customers, in the same order, at both dates.",
        )
    names = (*order, NOT_KNOWN)
    place = {name: i for i, name in enumerate(names)}
    unknown = sorted({str(name) for name in (*before, *after) if name is not None and name not in place})
    if unknown:
        raise LabError(
            f"The state {unknown[0]!r} is not one of those expected.", f"Known: {', '.join(order)}."
        )
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    rows = [place[NOT_KNOWN if name is None else name] for name in before]
    columns = [place[NOT_KNOWN if name is None else name] for name in after]
    np.add.at(counts, (rows, columns), 1)
    return Transitions(names, names, counts)
