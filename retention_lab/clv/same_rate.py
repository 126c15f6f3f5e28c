"""The baseline that a model has to beat: every customer goes on as before."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchases import params_file, require_horizon
from retention_lab.clv.rows import PurchaseRows


@dataclass(frozen=True, slots=True)
class SameRate:
    """Keeps each customer's x / T, for ever; knows no leaving."""

    @property
    def params(self) -> dict[str, float]:
        """None."""
        return {}

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) x / T times t; 0 for who was not observed at all."""
        require_horizon(t)
        return np.asarray(rows.frequency / np.where(rows.age > 0, rows.age, 1.0) * t, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """An empty list of parameters."""
        return params_file({})

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "SameRate":  # noqa: ARG004  # as every model is read
        """The baseline."""
        return SameRate()
