"""What forecast models of a hundred products cost, and how far they err."""

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from retention_lab.demand.accuracy import scaled_error
from retention_lab.demand.backtest import roll
from retention_lab.demand.learners import LEARNERS, fit_learner
from retention_lab.demand.panel import Panel
from retention_lab.demand.scale import error_scale

TITLE = "Forecasts of a hundred products"
NOTE = """A hundred simulated products over 156 weeks with a yearly season, eight weeks ahead. Fit: CPU
seconds on the first three quarters; backtest: forecasts from every week of the last, one thread, medians of
three. MASE: absolute error over the mean change from season to season. Holt-Winters of statsmodels (heuristic
start, all weights by its optimiser) is fitted series by series beside ours, which tries fixed settings for
all series at once."""
BESIDE = ("statsmodels",)
SERIES, WEEKS, SEASON, HORIZON = 100, 156, 52, 8
ROUNDS = 3


def sales(seed: int = 1) -> Panel:
    """A yearly season at each product's own time, a slow walk, and noise in proportion to the level."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(4, 1, (SERIES, 1)))
    season = 1 + 0.4 * np.sin(2 * np.pi * (np.arange(WEEKS) / SEASON + 0.2 * rng.random((SERIES, 1))))
    walk = np.exp(np.cumsum(rng.normal(0, 0.02, (SERIES, WEEKS)), axis=1))
    noise = np.exp(0.2 * rng.normal(size=(SERIES, WEEKS)))
    return Panel(tuple(f"p{k}" for k in range(SERIES)), "week", 0, level * season * walk * noise)


def table() -> list[list[str]]:
    """A row a model."""
    panel, rows = sales(), [["model", "fit s", "backtest s", "MASE"]]
    cut = WEEKS - WEEKS // 4
    early, scale = panel.before(cut), error_scale(panel.before(cut), SEASON)
    for name in LEARNERS:
        fitted, fit_seconds = _timed(partial(fit_learner, name, early, SEASON, HORIZON))
        rolled, roll_seconds = _timed(partial(roll, fitted, panel, cut, WEEKS, HORIZON))
        mase = float(np.nanmean(scaled_error(rolled, scale)))
        rows.append([name, f"{fit_seconds:.2f}", f"{roll_seconds:.2f}", f"{mase:.3f}"])
    _, seconds = _timed(partial(_statsmodels, early))
    return [*rows, ["statsmodels' Holt-Winters", f"{seconds:.2f}", "", ""]]


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = call()
        seconds.append(time.process_time() - start)
    return found, float(np.median(seconds))


def _statsmodels(panel: Panel) -> None:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for values in panel.values:
            ExponentialSmoothing(
                values,
                trend="add",
                damped_trend=True,
                seasonal="add",
                seasonal_periods=SEASON,
                initialization_method="heuristic",
            ).fit()
