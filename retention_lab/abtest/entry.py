"""Who may enter an experiment, before any arm is drawn."""

from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.holdout import Holdout
from retention_lab.abtest.layers import LayerSlice
from retention_lab.abtest.unit_ids import UnitIds
from retention_lab.arrays import Bools


@dataclass(frozen=True, slots=True)
class Entry:
    """Everybody but the global holdout, and of a layer only one slice; None where there is no such rule."""

    holdout: Holdout | None = None
    layer_slice: LayerSlice | None = None

    def admits(self, units: UnitIds) -> Bools:
        """(n,) whether each unit may enter."""
        found = np.ones(len(units), dtype=np.bool_)
        if self.holdout is not None:
            found &= ~self.holdout.contains(units)
        if self.layer_slice is not None:
            found &= self.layer_slice.contains(units)
        return found

    def probability(self) -> float:
        """How likely a unit may enter: the holdout's hash and the layer's are independent."""
        kept = 1.0 if self.holdout is None else 1 - self.holdout.probability()
        return kept * (1.0 if self.layer_slice is None else self.layer_slice.probability())
