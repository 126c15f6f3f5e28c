"""Predicted effects brought to the scale of what was seen, and to the average where little was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.calibration import calibration_slope
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Per offer, calibrated = intercept + slope x predicted, in the outcome's unit; slopes are 0 or more."""

    intercept: tuple[float, ...]
    slope: tuple[float, ...]

    def apply(self, effect: Floats) -> Floats:
        """(n, K) predicted effects -> (n, K) calibrated; raises LabError on another number of offers.

        Within an offer customers keep their order; at slope 0 all are predicted the average effect.
        """
        if effect.ndim != 2 or effect.shape[1] != len(self.slope):
            raise LabError(
                f"Effects have the shape {effect.shape}, and {len(self.slope)} offers were calibrated.",
                "Give one column per offer, in the order of the calibration.",
            )
        return np.asarray(np.array(self.intercept) + np.array(self.slope) * effect, dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """Plain lists; `from_json` gives the same value, bit for bit."""
        return {"intercept": list(self.intercept), "slope": list(self.slope)}

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> "Recalibration":
        """What `to_json` gave."""
        intercept, slope = (tuple(float(x) for x in found[key]) for key in ("intercept", "slope"))
        return Recalibration(intercept, slope)


def fit_recalibration(
    gamma: Floats, effect: Floats, group: np.ndarray | None = None, *, feasible: Bools | None = None
) -> Recalibration:
    """Fit on cross-fitted scores (n, K + 1) and cross-fitted effects (n, K), in the outcome's unit.

    Each offer's effect scores are regressed on its predictions. The slope is then shrunk towards 0, that is
    the predictions towards the average effect, by the share of its square that its own error explains: a
    slope within one standard error of 0, or below it, becomes 0. The average is left as it was seen.
    Every row counts alike: rows of a prepared sample of 200,000 and more are thinned, and do not.
    group: (n,) customer of each row; feasible: (n, K) rows that could have got each offer; None: all.

    Raises LabError when fewer than two customers could have got an offer.
    Source: Chernozhukov, Demirer, Duflo, Fernández-Val (2018), arXiv:1712.04802 (best linear predictor); the
    shrinkage is the positive part of James and Stein's, as in Efron and Morris (1973), JASA 68(341).
    """
    intercepts, slopes = [], []
    for k in range(effect.shape[1]):
        rows = slice(None) if feasible is None else feasible[:, k]
        e, predicted = (gamma[:, k + 1] - gamma[:, 0])[rows], effect[rows, k]
        if len(e) < 2:
            raise LabError(
                f"Only {len(e)} rows could have got offer {k + 1}, so its effect cannot be calibrated.",
                "Leave that offer out, or provide more rows.",
            )
        slope = _shrunken_slope(e, predicted, None if group is None else group[rows])
        slopes.append(slope)
        intercepts.append(float(np.mean(e) - slope * np.mean(predicted)))
    return Recalibration(tuple(intercepts), tuple(slopes))


def _shrunken_slope(e: Floats, predicted: Floats, group: np.ndarray | None) -> float:
    try:
        seen = calibration_slope(e, predicted, group)
    except LabError:  # all predictions are equal: the average is all there is to say
        return 0.0
    if seen.value <= seen.se:
        return 0.0
    return float(seen.value * (1 - (seen.se / seen.value) ** 2))
