"""Deterministic assignment of units to arms by a hash of their ids."""

from dataclasses import dataclass, field

import numpy as np

from retention_lab.abtest.buckets import OUTSIDE, bucket_ranges, choose_arms, range_probabilities
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.hashes import HashVersion, hash_bucket, require_version
from retention_lab.abtest.unique_units import unique_units
from retention_lab.abtest.unit_ids import Ids
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who got what, and how likely that was.

    arm: (n,) 0 = control, k = the k-th offer, -1 = not in the experiment.
    propensity: (n, K + 1) chance of each arm before anything was drawn, the entry included; what a row lacks
    to 1 is the unit's chance of staying outside. Read-only: rows that agree share their memory.
    """

    arm: Ints
    propensity: Floats

    def inside(self) -> Bools:
        """(n,) whether each unit is in the experiment."""
        return np.asarray(self.arm != OUTSIDE, dtype=np.bool_)

    def propensity_inside(self) -> Floats:
        """(n, K + 1) chance of each arm for a unit that is in the experiment; rows sum to 1."""
        return np.asarray(self.propensity / self.propensity.sum(axis=1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class HashDesign:
    """An experiment whose arms depend on each unit's id alone, whenever it comes and whoever else does.

    seed: the experiment's own; two with the same seed put the same units into the same arms.
    shares: (K + 1,) of the arms, control first, sum 1. coverage: part of the units that may enter and do.
    version: of the hash, see `hashes`; entry: the global holdout and the layer.
    Raises LabError where the shares do not sum to 1, an arm gets no bucket, or the seed is the layer's.
    """

    seed: str
    shares: tuple[float, ...]
    coverage: float = 1.0
    version: HashVersion = 2
    entry: Entry = field(default_factory=Entry)

    def __post_init__(self) -> None:
        require_version(self.version)
        self.probabilities()
        layer = self.entry.layer_slice
        if layer is not None and (self.seed, self.version) == (layer.seed, layer.version):
            raise LabError(
                f"The experiment's seed {self.seed!r} is that of its layer: arms would follow slices.",
                "Give the experiment a seed of its own.",
                key="seed",
            )

    def probabilities(self) -> Floats:
        """(K + 1,) chance of each arm for any unit: of a bucket in its range, and of being let in."""
        ranges = bucket_ranges(self.shares, self.coverage)
        return np.asarray(
            self.entry.probability() * range_probabilities(ranges, self.version), dtype=np.float64
        )


def assign(ids: Ids, design: HashDesign) -> Assignment:
    """The arm of each of (n,) units, and its propensities. A unit's arm never depends on the other units.

    Raises LabError where an id is missing or empty, or a unit appears twice.

    >>> design = HashDesign("exp-1", (0.5, 0.5), coverage=0.5)
    >>> found = assign(["1", "42"], design)
    >>> found.arm.tolist(), found.propensity[0].tolist()
    ([-1, 1], [0.25, 0.25])
    """
    units = unique_units(ids)
    bucket = hash_bucket(units, design.seed, design.version)
    arm = choose_arms(bucket, bucket_ranges(design.shares, design.coverage))
    if design.entry != Entry():
        arm[~design.entry.admits(units)] = OUTSIDE
    return Assignment(arm, np.broadcast_to(design.probabilities(), (len(units), len(design.shares))))
