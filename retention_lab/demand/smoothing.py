"""Exponential smoothing of many series at once: a level, and where it helps a damped trend and a season.

Every period is one step for all series and all settings that are tried, so a hundred series are fitted in the
time that one takes alone. Sums, not products: sales may be 0, and returns make them negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.demand.naive import pooled_choice
from retention_lab.demand.panel import Panel

_FILE = "smoothing.npz"
_LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
_TRENDS = ((0.0, 0.0), (0.05, 0.9), (0.05, 0.98), (0.2, 0.9), (0.2, 0.98))  # weight, damping
_SEASONS = (0.0, 0.05, 0.15, 0.35)
_ENOUGH_SEASONS = 1.5  # to learn a season's shape from, and judge it


@dataclass(frozen=True, slots=True)
class Settings:
    """(r,) each: weights of the newest value in level, trend and season, damping of the trend (0: none), and
    whether there is a season."""

    level: Floats
    trend: Floats
    damping: Floats
    seasonal: Bools
    weight: Floats

    def take(self, rows: Ints) -> "Settings":
        """The settings at these places."""
        return Settings(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True)
class Smoothing:
    """names (s,), settings (s + 1,), the last for series that it has not seen; season in periods."""

    names: tuple[str, ...]
    settings: Settings
    season: int
    knows_campaigns: bool = False

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h), see `protocol`."""
        place = {name: k for k, name in enumerate(self.names)}
        rows = np.array([place.get(name, len(self.names)) for name in panel.names], dtype=np.int64)
        states = _States.begin(self.settings.take(rows), self.season)
        found = np.full((len(rows), len(origins), horizon), np.nan)
        for t in range(int(origins.max()) + 1):
            for at in np.flatnonzero(origins == t):
                found[:, at] = states.ahead(t, horizon)
            if t < panel.length:
                states.observe(t, panel.values[:, t])
        return found

    def to_files(self) -> dict[str, bytes]:
        """All in one npz."""
        arrays = {name: getattr(self.settings, name) for name in Settings.__slots__}
        names = np.array(self.names, dtype=np.str_)
        return {_FILE: npz_bytes({**arrays, "names": names, "season": np.array(self.season)})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Smoothing":
        """The model that `to_files` wrote."""
        found = npz_arrays(files[_FILE])
        settings = Settings(*(found[name] for name in Settings.__slots__))
        return Smoothing(tuple(found["names"].tolist()), settings, int(found["season"]))


def fit_smoothing(panel: Panel) -> Smoothing:
    """A level for each series, with the weight under which its next period would have been met best.

    Source: Brown (1956); Hyndman, Koehler, Ord, Snyder (2008), Forecasting with Exponential Smoothing,
    doi:10.1007/978-3-540-71918-2.
    """
    level = np.array(_LEVELS)
    none = np.zeros(len(level))
    return _fit(panel, Settings(level, none, none, none > 0, none), season=1)


def fit_holt_winters(panel: Panel, season: int) -> Smoothing:
    """Level, damped trend and season, each only where a series' next period is met better with it.

    A season is tried where a series has seen one and a half. Source: Holt (1957); Winters (1960), Management
    Science 6(3), doi:10.1287/mnsc.6.3.324; Gardner and McKenzie (1985), Management Science 31(10),
    doi:10.1287/mnsc.31.10.1237, for the damping.
    """
    tried = [
        (level, trend, damping, seasonal, weight)
        for level in _LEVELS
        for trend, damping in _TRENDS
        for seasonal, weight in ((False, 0.0), *((True, weight) for weight in _SEASONS if season > 1))
    ]
    level, trend, damping, seasonal, weight = (np.array(part) for part in zip(*tried, strict=True))
    return _fit(panel, Settings(level, trend, damping, seasonal, weight), season)


@dataclass
class _States:
    """What is known of r series so far. shape: (r, m) by period modulo the season; seen: (r,) periods."""

    settings: Settings
    level: Floats
    trend: Floats
    shape: Floats
    seen: Ints
    recent: Floats

    @staticmethod
    def begin(settings: Settings, season: int) -> "_States":
        rows = len(settings.level)
        zero = np.zeros((rows, season))
        start = np.zeros(rows)
        return _States(settings, start, start.copy(), zero, np.zeros(rows, dtype=np.int64), zero.copy())

    def ahead(self, t: int, horizon: int) -> Floats:
        """(r, h) for periods t, t + 1, …; NaN for series that have not begun."""
        steps = np.arange(1, horizon + 1)
        damping = self.settings.damping[:, None]
        path = np.cumsum(damping**steps, axis=1) * self.trend[:, None]
        found = self.level[:, None] + path + self.shape[:, (t + steps - 1) % self.shape.shape[1]]
        return np.where(self.seen[:, None] > 0, found, np.nan)

    def observe(self, t: int, values: Floats) -> None:
        """Take in (r,) values of period t; NaN for series that have not begun."""
        known, slot = ~np.isnan(values), t % self.shape.shape[1]
        y = np.where(known, values, 0.0)
        use, first = self.settings, known & (self.seen == 0)
        carried = use.damping * self.trend
        expected = self.level + carried
        level = use.level * (y - self.shape[:, slot]) + (1 - use.level) * expected
        trend = use.trend * (level - self.level) + (1 - use.trend) * carried
        worth = use.weight * (y - expected) + (1 - use.weight) * self.shape[:, slot]
        shaped = use.seasonal & (self.seen >= self.shape.shape[1])
        self.shape[:, slot] = np.where(known & shaped, worth, self.shape[:, slot])
        self.level = np.where(first, y, np.where(known, level, self.level))
        self.trend = np.where(known & ~first, trend, self.trend)
        self.recent[:, slot] = np.where(known, y, self.recent[:, slot])
        self.seen = self.seen + known
        self._take_shape()

    def _take_shape(self) -> None:
        """Where the first whole season is just complete, begin anew from it: its mean, and what differs."""
        whole = self.settings.seasonal & (self.seen == self.shape.shape[1])
        if whole.any():
            mean = self.recent[whole].mean(axis=1)
            self.level[whole], self.trend[whole] = mean, 0.0
            self.shape[whole] = self.recent[whole] - mean[:, None]


def _fit(panel: Panel, tried: Settings, season: int) -> Smoothing:
    """Of the settings tried, for each series the one with the least squared error one period ahead."""
    s, c = len(panel.names), len(tried.level)
    values = np.repeat(panel.values, c, axis=0)
    states = _States.begin(tried.take(np.tile(np.arange(c), s)), season)
    observed = np.repeat(np.sum(~np.isnan(panel.values), axis=1), c)
    enough = observed >= _ENOUGH_SEASONS * season
    warm = np.where(enough & (season > 1), season, 1)  # the same periods judge every setting of a series
    error, count = np.zeros((2, s * c))
    for t in range(panel.length):
        judged = ~np.isnan(values[:, t]) & (states.seen >= warm)
        miss = np.where(judged, values[:, t] - states.ahead(t, 1)[:, 0], 0.0)
        error += miss**2
        count += judged
        states.observe(t, values[:, t])
    usable = (count > 0) & (enough | ~states.settings.seasonal)
    loss = np.where(usable, error / np.maximum(count, 1), np.inf).reshape(s, c)
    best = np.argmin(loss, axis=1)
    other = pooled_choice(np.where(np.isfinite(loss), loss, np.nan).T)
    return Smoothing(panel.names, tried.take(np.append(best, other)), season)
