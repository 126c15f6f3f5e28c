"""The global holdout: units that are in no experiment and no campaign, so that all of them can be valued."""

from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.unit_ids import Ids, unit_ids
from retention_lab.arrays import Bools
from retention_lab.errors import LabError
from retention_lab.hashing import unit_interval


@dataclass(frozen=True, slots=True)
class Holdout:
    """A fixed random share of all units.

    It is drawn with SHA-256, as for campaigns, and so are the same units; no experiment's hash knows it.
    Raises LabError where the share is not above 0 and below 1.
    """

    share: float
    salt: str

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise LabError(
                f"The global holdout's share is {self.share}.",
                "Give a share above 0 and below 1.",
                key="global_holdout.share",
            )

    def contains(self, ids: Ids) -> Bools:
        """(n,) whether each unit is held out; raises LabError where an id is missing."""
        return np.asarray(unit_interval(unit_ids(ids).texts(), self.salt) < self.share, dtype=np.bool_)

    def probability(self) -> float:
        """How likely a unit is held out: the fractions of 53 bits below the share."""
        return float(np.ceil(self.share * 2.0**53) / 2.0**53)
