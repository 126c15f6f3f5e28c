"""The units of a list with their arms: who is in a test, with which chances, and why the others are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.abtest.assign import HashDesign, assign
from retention_lab.abtest.buckets import OUTSIDE
from retention_lab.abtest.entry import Entry
from retention_lab.abtest.strata import strata
from retention_lab.abtest.stratified import StratifiedDesign, assign_within_strata
from retention_lab.abtest.unit_ids import UnitIds
from retention_lab.arrays import Bools, Floats, Ints

HELD_OUT, OTHER_SLICE, BUSY, UNCOVERED = "global_holdout", "layer", "open_campaign", "coverage"


@dataclass(frozen=True, slots=True)
class Drawn:
    """n units in the order of their list.

    arms: names, control first. arm: (n,), -1 outside. chances: (K + 1,) of each arm for whoever is inside,
    summing to 1. outside: (n,) why a unit is outside, empty text inside. stratum: (n,) its label, empty where
    it has none; None where arms were hashed. admitted: the chance of any unit to be let in, before the draw.
    """

    ids: UnitIds
    arms: tuple[str, ...]
    arm: Ints
    chances: Floats
    outside: np.ndarray
    stratum: np.ndarray | None
    admitted: float

    @property
    def inside(self) -> Bools:
        """(n,) whether each unit is in the test."""
        return np.asarray(self.arm != OUTSIDE, dtype=np.bool_)

    @property
    def counts(self) -> dict[str, int]:
        """Units by arm."""
        return {name: int((self.arm == k).sum()) for k, name in enumerate(self.arms)}

    @property
    def left_out(self) -> dict[str, int]:
        """Units outside, by reason."""
        reasons, counts = np.unique(self.outside[~self.inside].astype(str), return_counts=True)
        return dict(zip(reasons.tolist(), counts.tolist(), strict=True))

    def arm_names(self) -> pa.Array:
        """(n,) text, null outside."""
        names = np.array([*self.arms, None], dtype=object)
        return pa.array(names[self.arm], pa.string())

    def table(self) -> pa.Table:
        """One row a unit: id, arm, p.<arm>, and stratum and why it is outside where there are such units."""
        outside = ~self.inside
        found = {"id": pa.array(self.ids.texts(), pa.string()), "arm": self.arm_names()}
        for k, name in enumerate(self.arms):
            found[f"p.{name}"] = pa.array(np.full(len(self.arm), self.chances[k]), mask=outside)
        if self.stratum is not None:
            found["stratum"] = pa.array(self.stratum, pa.string(), mask=self.stratum == "")
        if outside.any():
            found["outside"] = pa.array(self.outside, pa.string(), mask=~outside)
        return pa.table(found)


def drawn_by_hash(ids: UnitIds, arms: Sequence[str], design: HashDesign, busy: Bools) -> Drawn:
    """Arms that follow from ids alone. busy: (n,) units that may not enter now.

    Raises LabError as `assign`.
    """
    arm = np.where(busy, OUTSIDE, assign(ids, design).arm)
    chances = design.probabilities()
    outside = _reasons(ids, arm, design.entry, busy)
    admitted = float(chances.sum())
    return Drawn(ids, tuple(arms), arm, chances / admitted, outside, None, admitted)


def drawn_within_strata(
    ids: UnitIds,
    arms: Sequence[str],
    design: StratifiedDesign,
    columns: Mapping[str, np.ndarray],
    blocks: int,
    busy: Bools,
) -> Drawn:
    """Arms dealt out within cells of (n,) columns. blocks: that numbers and times are cut into.

    Raises LabError as `strata` and `assign_within_strata`.
    """
    free, texts = np.flatnonzero(~busy), ids.texts()
    cells = strata({name: np.asarray(values)[free] for name, values in columns.items()}, blocks)
    arm, stratum = np.full(len(texts), OUTSIDE, dtype=np.int64), np.full(len(texts), "", dtype=object)
    arm[free] = assign_within_strata([texts[i] for i in free.tolist()], cells, design).arm
    stratum[free] = np.array(cells.label, dtype=object)[cells.code]
    outside = _reasons(ids, arm, design.entry, busy)
    shares = np.array(design.shares)
    return Drawn(ids, tuple(arms), arm, shares, outside, stratum, design.entry.probability())


def _reasons(ids: UnitIds, arm: Ints, entry: Entry, busy: Bools) -> np.ndarray:
    """The first that holds: the holdout, the layer, another campaign, else too small a coverage."""
    found = np.where(arm == OUTSIDE, UNCOVERED, "").astype(object)
    found[busy] = BUSY
    if entry.layer_slice is not None:
        found[~entry.layer_slice.contains(ids)] = OTHER_SLICE
    if entry.holdout is not None:
        found[entry.holdout.contains(ids)] = HELD_OUT
    return np.asarray(found)
