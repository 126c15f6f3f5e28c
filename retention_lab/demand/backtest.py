"""Forecasts from one origin after the other, each from what was known then, beside what came."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.panel import Panel
from retention_lab.demand.protocol import Forecaster
from retention_lab.errors import LabError

_LEAST = 6  # horizons that a log must have: two to learn from, two to choose by, two to be judged by


@dataclass(frozen=True, slots=True)
class Split:
    """Models are chosen by [inner, cut), having learned from [0, inner), and judged by the rest, having
    learned from [0, cut). season: 1 where even the first part has not seen one."""

    inner: int
    cut: int
    season: int


@dataclass(frozen=True, slots=True)
class Rolled:
    """forecast, actual: (s, o, h); origins: (o,) how many periods each knew. NaN where a series had not
    begun."""

    forecast: Floats
    actual: Floats
    origins: Ints

    @property
    def horizon(self) -> int:
        """Steps ahead."""
        return int(self.forecast.shape[2])

    @property
    def target(self) -> Ints:
        """(o, h) the period that each forecast is of."""
        return np.asarray(self.origins[:, None] + np.arange(self.horizon), dtype=np.int64)


def split_of(length: int, horizon: int, season: int) -> Split:
    """A quarter of the periods judges and the quarter before it chooses, at least two horizons each.

    Both shrink to that where the first part would otherwise not have seen a whole season.
    Raises LabError for fewer than six horizons.
    """
    if length < _LEAST * horizon:
        raise LabError(
            f"The log has {length} whole periods, fewer than six times the {horizon} to forecast: some to "
            "learn from, some to choose by and some to judge by.",
            f"Provide a longer log, or set `horizon` to {max(1, length // _LEAST)} or less.",
            key="horizon",
        )
    window = max(2 * horizon, min(length // 4, (length - season) // 2))
    inner = length - 2 * window
    return Split(inner, length - window, season if inner >= season else 1)


def roll(model: Forecaster, panel: Panel, start: int, end: int, horizon: int) -> Rolled:
    """Forecast from every origin from `start` on whose targets lie before `end`, the model as it stands.

    Raises LabError where there is no such origin.
    """
    origins = np.arange(start, end - horizon + 1)
    if not len(origins):
        raise LabError(
            f"{end - start} periods came later, fewer than the {horizon} that are forecast.",
            "Judge when more have passed.",
        )
    ahead = origins[:, None] + np.arange(horizon)
    return Rolled(model.forecast(panel, origins, horizon), panel.values[:, ahead], origins)
