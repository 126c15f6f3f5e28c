"""One regressor on lags for all series and all steps ahead."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.lag_regressors import (
    Regressor,
    fit_forest,
    fit_lightgbm,
    fit_svm,
    fit_tree,
    read_regressor,
)
from retention_lab.demand.lags import LagFrame
from retention_lab.demand.panel import Panel
from retention_lab.errors import LabError
from retention_lab.nested_files import in_folder, json_bytes, of_folder

Fit = Callable[[Floats, Floats, tuple[str, ...], int], Regressor]
# How each is fitted, and to how many rows at most: the others' time grows faster than their rows.
REGRESSORS: dict[str, tuple[Fit, int]] = {
    "tree": (fit_tree, 40_000),
    "forest": (fit_forest, 20_000),
    "svm": (fit_svm, 2_000),
    "lightgbm": (fit_lightgbm, 200_000),
}
_FRAME = "frame.json"
_FEWEST = 40
_FARTHEST = 20.0  # usual changes from the level; a sale beyond them would be all that is learned


@dataclass(frozen=True)
class LagModel:
    """frame: what it looks at. regressor: from that to the change from the level, in usual changes."""

    frame: LagFrame
    regressor: Regressor

    @property
    def knows_campaigns(self) -> bool:
        """Whether the calendar of campaigns is among what it looks at."""
        return self.frame.campaigns

    def forecast(self, panel: Panel, origins: Ints, horizon: int) -> Floats:
        """(s, o, h), see `protocol`."""
        columns, level, scale = self.frame.columns(panel, origins, horizon)
        change = self.regressor.predict(columns.reshape(-1, columns.shape[-1])).reshape(columns.shape[:3])
        return np.asarray(level[:, :, None] + scale[:, :, None] * change, dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The frame in JSON, the regressor's files in a folder."""
        return {
            _FRAME: json_bytes(asdict(self.frame)),
            **in_folder("regressor", self.regressor.to_files()),
        }

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "LagModel":
        """The model that `to_files` wrote."""
        return LagModel(LagFrame(**json.loads(files[_FRAME])), read_regressor(of_folder("regressor", files)))


def fit_lag_model(name: str, panel: Panel, season: int, horizon: int, seed: int = 7) -> LagModel:
    """Fit one of `REGRESSORS` to all series at once, every past period an origin.

    Raises LabError where there are too few rows to learn from.
    """
    fit, most = REGRESSORS[name]
    campaigns = panel.campaign is not None and bool(np.ptp(panel.calendar(panel.length)) > 0)
    frame = LagFrame(season, panel.end, campaigns)
    origins = np.arange(frame.lags, panel.length)
    if not len(origins):
        raise _too_short(0)
    origins = origins[:: max(1, len(origins) * len(panel.names) * horizon // (4 * most))]
    columns, level, scale = frame.columns(panel, origins, horizon)
    target = _targets(panel, origins, horizon)
    usable = np.isfinite(target) & (scale > 0)[:, :, None] & np.isfinite(level)[:, :, None]
    unit = np.where(scale > 0, scale, 1.0)
    change = np.clip((target - level[:, :, None]) / unit[:, :, None], -_FARTHEST, _FARTHEST)[usable]
    rows = np.flatnonzero(usable.reshape(-1))
    if len(rows) < _FEWEST:
        raise _too_short(len(rows))
    some = np.arange(len(rows))
    if len(rows) > most:
        some = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    picked = columns.reshape(-1, columns.shape[-1])[rows[some]]
    return LagModel(frame, fit(picked, change[some], frame.names, seed))


def _targets(panel: Panel, origins: Ints, horizon: int) -> Floats:
    """(s, o, h) what came after each origin, NaN beyond the end."""
    padded = np.pad(panel.values, ((0, 0), (0, horizon)), constant_values=np.nan)
    return padded[:, origins[:, None] + np.arange(horizon)]


def _too_short(rows: int) -> LabError:
    return LabError(
        f"{rows} past periods with a past of their own: too few to learn from lags.",
        "Provide a longer log or more series, or name other models.",
    )
