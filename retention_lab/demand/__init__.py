"""How much will be sold, period by period: forecasts with intervals, judged from one origin after another."""

from retention_lab.demand.accuracy import absolute_share, period_mean, scaled_error, total_error
from retention_lab.demand.autoregression import Autoregression, fit_autoregression
from retention_lab.demand.backtest import Rolled, Split, roll, split_of
from retention_lab.demand.intervals import Spread, fit_spread
from retention_lab.demand.lag_model import LagModel, fit_lag_model
from retention_lab.demand.learners import LEARNERS, fit_learner
from retention_lab.demand.naive import MovingAverage, Repeat, fit_moving_average
from retention_lab.demand.panel import Lines, Panel, panel_of
from retention_lab.demand.scale import error_scale, running_scale
from retention_lab.demand.scorer import DemandScorer
from retention_lab.demand.smoothing import Smoothing, fit_holt_winters, fit_smoothing

__all__ = [
    "LEARNERS",
    "Autoregression",
    "DemandScorer",
    "LagModel",
    "Lines",
    "MovingAverage",
    "Panel",
    "Repeat",
    "Rolled",
    "Smoothing",
    "Split",
    "Spread",
    "absolute_share",
    "error_scale",
    "fit_autoregression",
    "fit_holt_winters",
    "fit_lag_model",
    "fit_learner",
    "fit_moving_average",
    "fit_smoothing",
    "fit_spread",
    "panel_of",
    "period_mean",
    "roll",
    "running_scale",
    "scaled_error",
    "split_of",
    "total_error",
]
