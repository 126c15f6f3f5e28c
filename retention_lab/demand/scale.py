"""What size of error a series' own past makes usual: the yardstick that makes series comparable."""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.panel import Panel

_OF_LEVEL = 0.02  # a series that has never moved is not taken to be certain for ever


def error_scale(panel: Panel, season: int) -> Floats:
    """(s,) mean absolute change over a season, or over one period where fewer than two seasons were seen.

    The denominator of MASE; NaN where nothing ever changed, so that no error can be measured by it.
    Source: Hyndman and Koehler (2006), International Journal of Forecasting 22(4),
    doi:10.1016/j.ijforecast.2006.03.001.

    >>> error_scale(Panel(("a",), "week", 0, np.array([[1.0, 3.0, 2.0]])), season=1)
    array([1.5])
    """
    one, whole = _mean_change(panel.values, 1), _mean_change(panel.values, season)
    observed = np.sum(~np.isnan(panel.values), axis=1)
    found = np.where(observed >= 2 * season, whole, one)
    return np.where(found > 0, found, np.nan)


def running_scale(panel: Panel, origins: Ints) -> Floats:
    """(s, o) mean absolute change from period to period before each origin; what intervals are measured in.

    At least a fiftieth of the mean size; 0 only for a series that has been 0 throughout.
    """
    known = ~np.isnan(panel.values)
    size = np.where(known, np.abs(panel.values), 0.0)
    change = np.abs(np.diff(panel.values, axis=1, prepend=np.nan))
    moved = ~np.isnan(change)
    change = np.where(moved, change, 0.0)
    moves = _before(change, origins) / np.maximum(_before(moved.astype(float), origins), 1)
    level = _before(size, origins) / np.maximum(_before(known.astype(float), origins), 1)
    return np.maximum(moves, _OF_LEVEL * level)


def _mean_change(values: Floats, apart: int) -> Floats:
    if values.shape[1] <= apart:
        return np.full(len(values), np.nan)
    change = np.abs(values[:, apart:] - values[:, :-apart])
    count = np.sum(~np.isnan(change), axis=1)
    return np.where(count > 0, np.nansum(change, axis=1) / np.maximum(count, 1), np.nan)


def _before(values: Floats, origins: Ints) -> Floats:
    """(s, o) sums over the periods before each origin."""
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return np.asarray(sums[:, origins])
