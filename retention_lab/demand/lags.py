"""What was known at an origin, as columns of numbers in which every series looks alike.

Values are told as differences from a series' recent level, in units of its usual change: a model that has
learned from many series applies to each of them, and to one that it has never seen.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.naive import mean_before
from retention_lab.demand.panel import Panel
from retention_lab.demand.scale import running_scale

_FEWEST, _MOST = 4, 8  # of the last values, each a column
_LONG = 3  # times as many, of which the mean is a column


@dataclass(frozen=True, slots=True)
class LagFrame:
    """season: periods. reference: the period from which the season is counted, so that moving all dates
    moves all forecasts with them. campaigns: whether their calendar is a column."""

    season: int
    reference: int
    campaigns: bool

    @property
    def lags(self) -> int:
        """How many of the last values are columns."""
        return min(max(self.season, _FEWEST), _MOST)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in their order."""
        last = tuple(f"lag_{k}" for k in range(1, self.lags + 1))
        season = ("season_ago", "season_change", "season_around", "season_sin", "season_cos")
        campaign = ("campaign", "campaign_before") if self.campaigns else ()
        return (*last, "long_mean", "zeros", "step", *(season if self.season > 1 else ()), *campaign)

    def columns(self, panel: Panel, origins: Ints, horizon: int) -> tuple[Floats, Floats, Floats]:
        """(s, o, h, d) columns, and (s, o) level and scale that undo them; unknown values count as the level.

        Nothing at or after an origin is read, but the calendar of campaigns.
        """
        s, o = len(panel.names), len(origins)
        level, scale = mean_before(panel.values, origins, self.lags), running_scale(panel, origins)
        unit = np.where(scale > 0, scale, 1.0)
        found = np.empty((s, o, horizon, len(self.names)), dtype=np.float64)
        ago = np.arange(1, self.lags + 1)
        for k in ago:
            found[..., k - 1] = ((_at(panel.values, origins - k) - level) / unit)[:, :, None]
        long_mean = mean_before(panel.values, origins, _LONG * self.lags)
        zeros = mean_before(np.where(np.isnan(panel.values), np.nan, panel.values == 0), origins, self.lags)
        found[..., self.lags] = ((long_mean - level) / unit)[:, :, None]
        found[..., self.lags + 1] = zeros[:, :, None]
        found[..., self.lags + 2] = np.arange(1, horizon + 1)
        at = self.lags + 3
        if self.season > 1:
            self._season(panel, origins, (level, unit), found[..., at : at + 5])
            at += 5
        if self.campaigns:
            _campaign(panel, origins, self.lags, found[..., at : at + 2])
        return np.where(np.isnan(found), 0.0, found), level, scale

    def _season(self, panel: Panel, origins: Ints, units: tuple[Floats, Floats], out: Floats) -> None:
        """Fill (s, o, h, 5): the value a season before the target, its change against the level of then, the
        mean around it, and the place in the season."""
        level, unit = units
        then = mean_before(panel.values, np.maximum(origins - self.season, 0), self.lags)
        for step in range(out.shape[2]):
            target = origins + step
            back = target - self.season * (step // self.season + 1)
            value = _at(panel.values, back)
            near = np.stack([_at(panel.values, np.minimum(back + k, origins - 1)) for k in (-1, 0, 1)])
            known = ~np.isnan(near)
            around = np.where(known, near, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
            out[:, :, step, 0] = (value - level) / unit
            out[:, :, step, 1] = (value - then) / unit
            out[:, :, step, 2] = np.where(known.any(axis=0), (around - level) / unit, np.nan)
            angle = 2 * np.pi * ((panel.first + target - self.reference) % self.season) / self.season
            out[:, :, step, 3], out[:, :, step, 4] = np.sin(angle), np.cos(angle)


def _campaign(panel: Panel, origins: Ints, lags: int, out: Floats) -> None:
    """Fill (s, o, h, 2): how much of a campaign runs in the target's period, and ran in the last few."""
    horizon = out.shape[2]
    calendar = panel.calendar(int(origins.max()) + horizon)
    out[..., 0] = calendar[:, origins[:, None] + np.arange(horizon)]
    out[..., 1] = mean_before(calendar, origins, lags)[:, :, None]


def _at(values: Floats, places: Ints) -> Floats:
    """(s, o) values at these places, NaN before the first."""
    found: Floats = np.where(places >= 0, values[:, np.maximum(places, 0)], np.nan)
    return found
