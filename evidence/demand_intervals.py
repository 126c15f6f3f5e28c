"""Do the 95 % intervals of forecasts hold, and how often does a forecast that is no better claim to be?

Fixed before any of these seeds was run: series of 104 weeks with a season of 13, a level that wanders a
little, and noise; one series, twenty that err apart (`own`) and twenty that share half of their shocks
(`common`); three models of those that can be fitted often. Eight weeks ahead, as `lab train` does it: fitted
to the first half, errors learned on the next quarter, fitted again to three quarters, and forecasts from
there until the end and beyond. Seeds 0 to 999 in each cell; what was tried before was tried on seeds from
100,000 on.

One seed asks whether the sales of one week of the next eight of the first series lie within their interval;
the week goes through all eight with the seeds. A cell passes where intervals hold at least as often as 95 %
less 3.3 binomial standard errors. They are known to be wider than they need be for a single series (their
size rests on few errors, and Student's factor allows for that), so that no upper bound is promised.

`no_better`: two forecasts that are equally good by construction, the season before last against the last,
of series that do not wander. The gate takes the one for better where the whole 95 % interval of the
difference says so; promised is at most 2.5 % of seeds, plus 3.3 binomial standard errors.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.studies import Columns, Numbers
from retention_lab.demand.accuracy import period_mean, scaled_error
from retention_lab.demand.backtest import roll, split_of
from retention_lab.demand.intervals import LEVEL, fit_spread
from retention_lab.demand.learners import fit_learner
from retention_lab.demand.naive import Repeat
from retention_lab.demand.panel import Panel
from retention_lab.demand.scale import error_scale

MODELS = ("seasonal_naive", "smoothing", "holt_winters")
CELLS: dict[str, dict[str, Any]] = {
    **{
        f"{model}-{series}-{shared}": {"model": model, "series": series, "shared": shared}
        for model in MODELS
        for series, shared in ((1, "own"), (20, "own"), (20, "common"))
    },
    "no_better-1": {"model": None, "series": 1, "shared": "own"},
    "no_better-20": {"model": None, "series": 20, "shared": "common"},
}
SEEDS = range(1_000)
WEEKS, SEASON, HORIZON = 104, 13, 8
ABOUT = (
    "retention_lab.demand.accuracy",
    "retention_lab.demand.backtest",
    "retention_lab.demand.intervals",
    "retention_lab.demand.naive",
    "retention_lab.demand.panel",
    "retention_lab.demand.scale",
    "retention_lab.demand.smoothing",
)
_MOST_CLAIMS = 0.025


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    model, series = cell["model"], int(cell["series"])
    values = sales(series, seed, common=cell["shared"] == "common", wanders=model is not None)
    panel = Panel(tuple(map(str, range(series))), "week", 0, values[:, :WEEKS])
    if model is None:
        return {"claimed": _claimed(panel)}
    split = split_of(WEEKS, HORIZON, SEASON)
    inner = fit_learner(model, panel.before(split.inner), SEASON, HORIZON)
    spread = fit_spread(panel.before(split.cut), roll(inner, panel, split.inner, split.cut, HORIZON))
    fitted = fit_learner(model, panel.before(split.cut), SEASON, HORIZON)
    origin = np.array([WEEKS])
    forecast, low, high = spread.around(panel, origin, fitted.forecast(panel, origin, HORIZON))
    inside = (low[:, 0] <= values[:, WEEKS:]) & (values[:, WEEKS:] <= high[:, 0])
    return {
        "held": float(inside[0, seed % HORIZON]),
        "share": float(inside.mean()),
        "width": float((high - low).mean() / forecast.mean()),
    }


def summary(columns: Columns) -> dict[str, Any]:
    seeds = len(next(iter(columns.values())))
    nominal = _MOST_CLAIMS if "claimed" in columns else LEVEL
    band = 3.3 * float(np.sqrt(nominal * (1 - nominal) / seeds))
    if "claimed" in columns:
        claims = float(columns["claimed"].mean())
        return {"seeds": seeds, "claims": claims, "most": nominal + band, "pass": claims <= nominal + band}
    held = float(columns["held"].mean())
    return {
        "seeds": seeds,
        "coverage": held,
        "least": nominal - band,
        "coverage_of_all": float(columns["share"].mean()),
        "mean_width": float(columns["width"].mean()),
        "pass": held >= nominal - band,
    }


def sales(series: int, seed: int, *, common: bool, wanders: bool) -> np.ndarray:
    """(series, weeks + horizon): a level, a season at each series' own time, and what nobody foresees."""
    rng, weeks = np.random.default_rng(seed), WEEKS + HORIZON
    level = np.exp(rng.normal(4, 1, (series, 1)))
    season = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(weeks) / SEASON + rng.random((series, 1))))
    walk = np.cumsum(rng.normal(0, 0.03, (series, weeks)), axis=1) if wanders else np.zeros(1)
    shock = rng.normal(size=(series, weeks))
    if common:
        shock = (shock + rng.normal(size=(1, weeks))) / np.sqrt(2)
    return np.asarray(level * (season * np.exp(walk) + 0.15 * shock), dtype=np.float64)


def _claimed(panel: Panel) -> float:
    """Whether the season before last is taken for surely better than the last one."""
    split = split_of(WEEKS, HORIZON, SEASON)
    scale = error_scale(panel.before(split.cut), SEASON)
    older, last = (roll(Repeat(season), panel, split.cut, WEEKS, HORIZON) for season in (2 * SEASON, SEASON))
    gain = period_mean(scaled_error(older, scale) - scaled_error(last, scale), older)
    return float(gain.high < 0)
