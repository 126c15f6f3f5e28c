"""Forecasts that only repeat: the last value, that of the last season, the mean of the last few."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.panel import Panel
from retention_lab.nested_files import json_bytes

_FILE = "model.json"
WINDOWS = (2, 4, 8, 13, 26)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The value of one season ago; of the last period where a series has seen no whole season yet.

    season: periods; 1 repeats the last value.
    """

    season: int = 1
    knows_campaigns: bool = False

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h), see `protocol`."""
        steps = np.arange(horizon)
        ago = origins[:, None] - self.season + steps[None, :] % self.season  # (o, h)
        found = np.where(ago >= 0, panel.values[:, np.maximum(ago, 0)], np.nan)
        last = panel.values[:, origins - 1][:, :, None]
        return np.where(np.isnan(found), last, found)

    def to_files(self) -> dict[str, bytes]:
        """The season, in JSON."""
        return {_FILE: json_bytes({"season": self.season})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Repeat":
        """The model that `to_files` wrote."""
        return Repeat(**json.loads(files[_FILE]))


@dataclass(frozen=True, slots=True)
class MovingAverage:
    """The mean of a series' last `window` values: names of series, and of each the window.

    other: of series that it has not seen.
    """

    window: dict[str, int]
    other: int
    knows_campaigns: bool = False

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h), see `protocol`."""
        windows = np.array([self.window.get(name, self.other) for name in panel.names], dtype=np.int64)
        found = np.full((len(panel.names), len(origins)), np.nan)
        for window in np.unique(windows):
            rows = windows == window
            found[rows] = mean_before(panel.values[rows], origins, int(window))
        return np.repeat(found[:, :, None], horizon, axis=2)

    def to_files(self) -> dict[str, bytes]:
        """The windows, in JSON."""
        about = asdict(self)
        del about["knows_campaigns"]
        return {_FILE: json_bytes(about)}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "MovingAverage":
        """The model that `to_files` wrote."""
        return MovingAverage(**json.loads(files[_FILE]))


def fit_moving_average(panel: Panel, horizon: int) -> MovingAverage:
    """For each series the window that would have erred least so far, over all steps up to the horizon."""
    origins = np.arange(1, panel.length)
    losses = np.array([_loss(panel, origins, window, horizon) for window in WINDOWS])  # (w, s)
    usable = np.where(np.isnan(losses), np.inf, losses)
    chosen = np.array(WINDOWS)[np.argmin(usable, axis=0)]
    return MovingAverage(
        dict(zip(panel.names, chosen.tolist(), strict=True)), int(WINDOWS[pooled_choice(losses)])
    )


def pooled_choice(losses: Floats) -> int:
    """Of (c, s) losses of c choices the one that is least over all series, each in units of its own mean.

    NaN where a choice could not be judged on a series.
    """
    known = np.isfinite(losses)
    own = np.where(known, losses, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    scaled = np.where(known & (own > 0), losses / np.where(own > 0, own, 1.0), 0.0)
    count = (known & (own > 0)).sum(axis=1)
    return int(np.argmin(np.where(count > 0, scaled.sum(axis=1) / np.maximum(count, 1), np.inf)))


def mean_before(values: Floats, origins: Ints, window: int) -> Floats:
    """(s, o) mean of the last `window` known values before each origin; NaN where none is known."""
    known = ~np.isnan(values)
    counts, sums = (
        np.concatenate([np.zeros((len(values), 1)), np.cumsum(part, axis=1)], axis=1)
        for part in (known.astype(float), np.where(known, values, 0.0))
    )
    start = np.maximum(origins - window, 0)
    many = counts[:, origins] - counts[:, start]
    total = sums[:, origins] - sums[:, start]
    return np.where(many > 0, total / np.maximum(many, 1), np.nan)


def _loss(panel: Panel, origins: Ints, window: int, horizon: int) -> Floats:
    """(s,) mean absolute error of the mean over `window`; NaN where a series is shorter than that."""
    made = mean_before(panel.values, origins, window)
    errors = []
    for step in range(min(horizon, panel.length - 1)):
        target = origins[origins + step < panel.length] + step
        errors.append(np.abs(panel.values[:, target] - made[:, : len(target)]))
    error = np.concatenate(errors, axis=1)
    count = np.sum(~np.isnan(error), axis=1)
    long_enough = np.sum(~np.isnan(panel.values), axis=1) > window
    mean = np.nansum(error, axis=1) / np.maximum(count, 1)
    return np.where(long_enough & (count > 0), mean, np.nan)
