"""Layers: experiments in disjoint slices of one layer never share a unit; different layers are independent.

Source: Tang, Agarwal, O'Brien, Meyer (2010), KDD, doi:10.1145/1835804.1835810.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from retention_lab.abtest.buckets import range_probabilities
from retention_lab.abtest.hashes import HashVersion, hash_bucket, require_version
from retention_lab.abtest.unit_ids import Ids
from retention_lab.arrays import Bools
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class LayerSlice:
    """The units of a layer whose bucket lies in [start, end).

    version: of the hash that cuts the layer. Version 1 is a namespace of GrowthBook; its namespaces whose
    names differ in the last character alone are far from independent.
    Raises LabError where the slice is empty or reaches out of [0, 1], or the version is not known.
    """

    layer: str
    start: float
    end: float
    version: HashVersion = 3

    def __post_init__(self) -> None:
        require_version(self.version)
        if not 0 <= self.start < self.end <= 1:
            raise LabError(
                f"The slice of layer {self.layer!r} is [{self.start}, {self.end}).",
                "Let it start at 0 or above, and end above its start and at most at 1.",
                key="layer",
            )

    @property
    def seed(self) -> str:
        """What the layer's hash is seeded with."""
        return f"__{self.layer}"

    def contains(self, ids: Ids) -> Bools:
        """(n,) whether each unit is in the slice; raises LabError where an id is missing."""
        bucket = hash_bucket(ids, self.seed, self.version)
        return np.asarray((bucket >= self.start) & (bucket < self.end), dtype=np.bool_)

    def probability(self) -> float:
        """How likely a unit is in the slice: its buckets over all; raises LabError where it has none."""
        return float(range_probabilities(((self.start, self.end),), self.version)[0])


def cut_layer(layer: str, parts: Mapping[str, float], version: HashVersion = 3) -> dict[str, LayerSlice]:
    """One slice for each experiment, one after the other; what the parts leave free, later ones can take.

    parts: experiment -> part of the layer's units.
    Raises LabError where a part is not above 0, or they sum to more than 1.

    >>> cut_layer("home page", {"banner": 0.5, "search": 0.25})["search"].start
    0.5
    """
    found, start = {}, 0.0
    for experiment, part in parts.items():
        end = start + part
        if abs(end - 1) < 1e-9:
            end = 1.0  # where sums of parts end a little before it, the last units would be in no slice
        if not part > 0 or end > 1:
            raise LabError(
                f"Experiment {experiment!r} would take {part} of layer {layer!r}; {1 - start:.6g} is free.",
                "Give it a part above 0 that is still free.",
                key="layer",
            )
        found[experiment] = LayerSlice(layer, start, end, version)
        start = end
    return found


def require_disjoint(slices: Sequence[LayerSlice]) -> None:
    """Raises LabError where two slices of one layer share units, or cut it by different hashes."""
    ordered = sorted(slices, key=lambda one: (one.layer, one.start))
    for first, second in pairwise(ordered):
        if first.layer == second.layer and (first.end > second.start or first.version != second.version):
            raise LabError(
                f"Two slices of layer {first.layer!r} share units: [{first.start}, {first.end}) and "
                f"[{second.start}, {second.end}), by hash versions {first.version} and {second.version}.",
                "Move one of them, or put it into a layer of its own.",
                key="layer",
            )
