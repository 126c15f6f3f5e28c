"""How far forecasts may be off: from how far they were off, at each step ahead."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import ndtri
from scipy.stats import t as student

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.backtest import Rolled
from retention_lab.demand.panel import Panel
from retention_lab.demand.scale import running_scale
from retention_lab.errors import LabError

LEVEL = 0.95
_NORMAL = float(ndtri(0.5 + LEVEL / 2))
_OWN_SHAPE = 200  # draws from which the shape of errors counts as much as the normal one


@dataclass(frozen=True, slots=True)
class Spread:
    """below, above: (h,) what is taken off and added, in units of a series' running scale."""

    below: Floats
    above: Floats

    def around(self, panel: Panel, origins: Ints, forecast: Floats) -> tuple[Floats, Floats, Floats]:
        """Forecast, low and high (s, o, h); none below 0 for a series that has never been there."""
        scale = running_scale(panel, origins)[:, :, None]
        steps = forecast.shape[2]
        low, high = forecast - scale * self.below[:steps], forecast + scale * self.above[:steps]
        least = np.fmin.accumulate(panel.values, axis=1)[:, origins - 1]
        floor = np.where(least >= 0, 0.0, -np.inf)[:, :, None]
        return np.maximum(forecast, floor), np.maximum(low, floor), np.maximum(high, floor)

    def as_json(self) -> dict[str, list[float]]:
        """Plain numbers."""
        return {"below": self.below.tolist(), "above": self.above.tolist()}


def fit_spread(panel: Panel, rolled: Rolled) -> Spread:
    """Learn it from a backtest that the model had not seen.

    The size grows with the step as errors did, never falling; their shape is mixed with the normal one as
    far as there are few of them, and the factor is Student's for as many errors as err independently.
    Raises LabError where no error could be measured.
    """
    scale = running_scale(panel, rolled.origins)
    unit = np.where(scale > 0, scale, np.nan)[:, :, None]
    error = (rolled.actual - rolled.forecast) / unit
    if not np.isfinite(error).any():
        raise LabError("No series changed, so no error can be measured.", "Provide a longer log.")
    known = np.isfinite(error)
    count = known.sum(axis=(0, 1))
    square = np.where(known, error, 0.0) ** 2
    size = np.sqrt(isotonic_regression(square.sum(axis=(0, 1)) / np.maximum(count, 1), weights=count).x)
    size = np.maximum(size, np.finfo(float).tiny)
    independent = _independent_series(error) * len(rolled.origins)
    steps = np.arange(1, rolled.horizon + 1)
    factor = student.ppf(0.5 + LEVEL / 2, np.maximum(independent / steps, 1.0)) / _NORMAL
    low, high = np.quantile((error / size)[known], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    own = independent / (independent + _OWN_SHAPE)
    below = (1 - own) * _NORMAL - own * float(low)
    above = (1 - own) * _NORMAL + own * float(high)
    return Spread(np.maximum(below, 0.0) * size * factor, np.maximum(above, 0.0) * size * factor)


def _independent_series(error: Floats) -> float:
    """How many series err independently: 1 where all are off together, their number where none are."""
    known = np.isfinite(error)
    clean = np.where(known, error, 0.0)
    count = known.sum(axis=0)
    alone = (clean**2).sum(axis=0) / np.maximum(count, 1)
    together = (clean.sum(axis=0) / np.maximum(count, 1)) ** 2
    found = alone[count > 0].mean() / max(float(together[count > 0].mean()), np.finfo(float).tiny)
    return float(np.clip(found, 1.0, max(len(error), 1)))
