"""Autoregression: the next value as a weighted sum of the last few, of a season ago, and of a campaign."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.array_files import npz_arrays, npz_bytes
from retention_lab.arrays import Floats, Ints
from retention_lab.demand.naive import mean_before
from retention_lab.demand.panel import Panel

_FILE = "autoregression.npz"
_ORDERS = (1, 2, 4, 8)
_ROWS_A_WEIGHT = 6
_STABLE = 1.001  # a season that only repeats lies on the circle itself


@dataclass(frozen=True)
class Autoregression:
    """names (s,), constant (s,), lags (l,), weight (s, l), lift (s,) of one unit of campaign.

    other: (l,) weights for series that it has not seen, around their own mean.
    """

    names: tuple[str, ...]
    constant: Floats
    lags: Ints
    weight: Floats
    lift: Floats
    other: Floats

    @property
    def knows_campaigns(self) -> bool:
        """Whether a campaign ran while it learned."""
        return bool(np.any(self.lift != 0))

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h), see `protocol`."""
        mean = mean_before(panel.values, origins, panel.length + 1)  # (s, o)
        weight, constant, lift = self._of(panel.names, mean)
        deepest = int(self.lags.max())
        past = np.pad(panel.values, ((0, 0), (deepest, 0)), constant_values=np.nan)
        path = past[:, origins[:, None] + np.arange(deepest)[None, :]]  # (s, o, deepest), the newest last
        path = np.where(np.isnan(path), mean[:, :, None], path)
        ahead = panel.calendar(int(origins.max()) + horizon)[:, origins[:, None] + np.arange(horizon)]
        for step in range(horizon):
            following = np.einsum("sol,sl->so", path[:, :, -self.lags], weight) + constant
            path = np.append(path, (following + lift[:, None] * ahead[:, :, step])[:, :, None], axis=2)
        return path[:, :, deepest:]

    def _of(self, names: tuple[str, ...], mean: Floats) -> tuple[Floats, Floats, Floats]:
        """Weights (s, l), constants (s, o) and lifts (s,) of these series."""
        place = {name: k for k, name in enumerate(self.names)}
        at = np.array([place.get(name, -1) for name in names], dtype=np.int64)
        seen = at >= 0
        weight = np.where(seen[:, None], self.weight[at], self.other)
        own = mean * (1 - self.other.sum())
        constant = np.where(seen[:, None], self.constant[at][:, None], own)
        return weight, constant, np.where(seen, self.lift[at], 0.0)

    def to_files(self) -> dict[str, bytes]:
        """All in one npz."""
        arrays = {name: getattr(self, name) for name in ("constant", "lags", "weight", "lift", "other")}
        return {_FILE: npz_bytes({**arrays, "names": np.array(self.names, dtype=np.str_)})}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "Autoregression":
        """The model that `to_files` wrote."""
        found = npz_arrays(files[_FILE])
        return Autoregression(tuple(found.pop("names").tolist()), **found)


def fit_autoregression(panel: Panel, season: int) -> Autoregression:
    """Least squares for each series, the number of lags by Akaike's criterion; statsmodels' AutoReg.

    A series too short for it, or whose weights would let forecasts grow without end, keeps its mean.
    Source: Akaike (1974), IEEE Transactions on Automatic Control 19(6), doi:10.1109/TAC.1974.1100705.
    """
    lags = np.array(sorted({*range(1, max(_ORDERS) + 1), season}), dtype=np.int64)
    calendar = panel.calendar(panel.length)
    rows = [_fit_one(y, x, season, lags) for y, x in zip(panel.values, calendar, strict=True)]
    weight = np.array([row[1] for row in rows])
    return Autoregression(
        panel.names,
        np.array([row[0] for row in rows]),
        lags,
        weight,
        np.array([row[2] for row in rows]),
        np.median(weight, axis=0),
    )


def _fit_one(values: Floats, campaign: Floats, season: int, lags: Ints) -> tuple[float, Floats, float]:
    """Constant, (l,) weights and lift of one series."""
    from statsmodels.tsa.ar_model import AutoReg

    known = ~np.isnan(values)
    y, x = values[known], campaign[known]
    weight = np.zeros(len(lags))
    best, score = None, np.inf
    varied = np.ptp(x) > 0
    if np.ptp(y) > 0:
        for chosen in _lag_sets(len(y), season):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # collinear lags of a short series: the next order is tried
                held = max(chosen)
                model = AutoReg(y, chosen, trend="c", exog=x[:, None] if varied else None, hold_back=held)
                found = model.fit()
            criterion = float(found.aicc) / max(len(y) - held, 1)  # fewer rows are left by a longer lag
            if np.isfinite(found.params).all() and criterion < score and _is_stable(found.params, chosen):
                best, score = (chosen, np.asarray(found.params)), criterion
    if best is None:
        return float(y.mean()), weight, 0.0
    chosen, params = best
    weight[np.searchsorted(lags, chosen)] = params[1 : len(chosen) + 1]
    return float(params[0]), weight, float(params[-1]) if varied else 0.0


def _lag_sets(length: int, season: int) -> list[list[int]]:
    """Lags that so many values can carry, with and without the season's."""
    short = [list(range(1, order + 1)) for order in _ORDERS if length - order >= _ROWS_A_WEIGHT * (order + 2)]
    left = length - season
    seasonal = [
        sorted({*one, season}) for one in short if season > 1 and left >= _ROWS_A_WEIGHT * (len(one) + 3)
    ]
    return [*short, *seasonal]


def _is_stable(params: Floats, chosen: list[int]) -> bool:
    """Whether every root of the recursion lies inside the unit circle, or on it."""
    polynomial = np.zeros(max(chosen) + 1)
    polynomial[0] = 1.0
    polynomial[np.array(chosen)] = -params[1 : len(chosen) + 1]
    return bool(np.max(np.abs(np.roots(polynomial))) < _STABLE)
