"""Complete randomisation within strata or blocks: arms in their planned shares in every group, by design."""

from dataclasses import dataclass, field

import numpy as np

from retention_lab.abtest.assign import Assignment
from retention_lab.abtest.buckets import OUTSIDE
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.hashes import hash64
from retention_lab.abtest.rounding import rounded_counts
from retention_lab.abtest.shares import require_shares
from retention_lab.abtest.strata import Strata
from retention_lab.abtest.unique_units import unique_units
from retention_lab.abtest.unit_ids import Ids
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class StratifiedDesign:
    """An experiment over units that are all known when it starts.

    salt: the experiment's own. shares: (K + 1,) of the arms, control first, sum 1.
    entry: the global holdout and the layer; strata are balanced among those who enter.
    Raises LabError where the shares do not sum to 1.
    """

    salt: str
    shares: tuple[float, ...]
    entry: Entry = field(default_factory=Entry)

    def __post_init__(self) -> None:
        require_shares(self.shares)

    def probabilities(self) -> Floats:
        """(K + 1,) chance of each arm for any unit, whatever its stratum."""
        return np.asarray(self.entry.probability() * np.array(self.shares), dtype=np.float64)


def assign_within_strata(ids: Ids, strata: Strata, design: StratifiedDesign) -> Assignment:
    """The arm of each of (n,) units: every stratum is split in the planned shares, to less than one unit.

    The totals are, too; each unit's propensity is exactly the planned share. Who gets which arm depends on
    the salt, the ids and the strata, never on the order of the rows; unlike with `assign`, it depends on who
    else is there: assign once, and keep what was drawn. Analyse with the strata, or intervals are too wide.

    Raises LabError where an id is missing or empty, a unit appears twice, or the lengths differ.
    Source: Imbens and Rubin (2015), Causal Inference, chapter 9, doi:10.1017/CBO9781139025751.
    """
    units = unique_units(ids)
    if len(strata.code) != len(units):
        raise LabError(
            f"There are {len(units)} ids and strata for {len(strata.code)} units.", "Give one of each a unit."
        )
    arm = np.full(len(units), OUTSIDE, dtype=np.int64)
    rows = np.flatnonzero(design.entry.admits(units))
    place = hash64(units, f"{design.salt}\x00order")[rows]
    arm[rows] = _drawn(place, strata.code[rows], len(strata.label), design)
    return Assignment(arm, np.broadcast_to(design.probabilities(), (len(units), len(design.shares))))


def _drawn(place: np.ndarray, code: Ints, count: int, design: StratifiedDesign) -> Ints:
    """(m,) arms: in each stratum the units are put into the random order of their places, and dealt out."""
    sizes = np.bincount(code, minlength=count)
    counts = rounded_counts(sizes, design.shares, f"{design.salt}\x00counts")
    found = np.empty(len(code), dtype=np.int64)
    arms = np.tile(np.arange(len(design.shares)), count)
    order = np.argsort(place)
    least = np.min_scalar_type(count)  # a stable sort of small numbers needs no comparisons
    found[order[np.argsort(code[order].astype(least), kind="stable")]] = np.repeat(arms, counts.ravel())
    return found
