"""The forecast models by name: how each is fitted, and read back."""

from collections.abc import Mapping

from retention_lab.demand.autoregression import Autoregression, fit_autoregression
from retention_lab.demand.lag_model import REGRESSORS, LagModel, fit_lag_model
from retention_lab.demand.naive import MovingAverage, Repeat, fit_moving_average
from retention_lab.demand.panel import Panel
from retention_lab.demand.protocol import Forecaster
from retention_lab.demand.smoothing import Smoothing, fit_holt_winters, fit_smoothing
from retention_lab.errors import ConfigurationError, did_you_mean

LEARNERS = (
    *("naive", "seasonal_naive", "moving_average", "smoothing", "holt_winters", "autoregression"),
    *REGRESSORS,
)


def fit_learner(name: str, panel: Panel, season: int, horizon: int, seed: int = 7) -> Forecaster:
    """Fit one of `LEARNERS` to all that the panel has seen. season: periods; 1 where there is none.

    Raises ConfigurationError for an unknown name, LabError where the panel is too short for it.
    """
    if name in REGRESSORS:
        return fit_lag_model(name, panel, season, horizon, seed)
    if name == "naive":
        return Repeat(1)
    if name == "seasonal_naive":
        return Repeat(season)
    if name == "moving_average":
        return fit_moving_average(panel, horizon)
    if name == "smoothing":
        return fit_smoothing(panel)
    if name == "holt_winters":
        return fit_holt_winters(panel, season)
    if name == "autoregression":
        return fit_autoregression(panel, season)
    raise ConfigurationError(
        f"No forecast model is named '{name}'.", did_you_mean(name, LEARNERS), key="models"
    )


def read_learner(name: str, files: Mapping[str, bytes]) -> Forecaster:
    """The model of that name, from the files that it wrote."""
    if name in REGRESSORS:
        return LagModel.from_files(files)
    if name in ("naive", "seasonal_naive"):
        return Repeat.from_files(files)
    if name == "moving_average":
        return MovingAverage.from_files(files)
    if name == "autoregression":
        return Autoregression.from_files(files)
    return Smoothing.from_files(files)
