"""What a churn model learns from: customers at the moments at which they were looked at."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.features import Features


@dataclass(frozen=True, slots=True)
class ChurnSample:
    """One row per customer and look.

    features: (n, d), known before the look; left: (n,) 1 where the customer left afterwards, else 0.
    group: (n,) the customer of each row, None where every row is another one; rows of one customer are never
    on both sides of a fold.
    """

    features: Features
    left: Floats
    group: np.ndarray | None = None

    def __post_init__(self) -> None:
        if len(self.left) != len(self.features) or len(self.left) == 0:
            raise LabError(
                f"There are {len(self.features)} rows of features and {len(self.left)} labels.",
                "Give one label for each row, and at least one row.",
            )
        wrong = ~((self.left == 0) | (self.left == 1))
        if wrong.any():
            raise LabError(
                f"{int(wrong.sum())} labels are neither 0 nor 1, row {int(np.argmax(wrong)) + 1} first.",
                "Say who left by 1 and who stayed by 0; leave out rows of which it is not known.",
            )

    def __len__(self) -> int:
        return len(self.left)

    def rows(self, where: np.ndarray) -> "ChurnSample":
        """The rows that a mask or an index array picks, in that order, repeated where it repeats."""
        group = None if self.group is None else self.group[where]
        return ChurnSample(self.features.rows(where), self.left[where], group)


def require_both(left: Floats, where: str = "the training rows") -> None:
    """Raises LabError unless somebody left and somebody stayed."""
    leavers = int(left.sum())
    if leavers in (0, len(left)):
        raise LabError(
            f"Of {len(left)} customers in {where}, {leavers} left: there is nobody to compare them with.",
            "Provide more rows, another label, or a longer horizon.",
        )
