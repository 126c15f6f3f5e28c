"""The sum of all series: forecast as the sum of theirs, with an interval of its own."""

from dataclasses import replace

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.demand.backtest import Rolled
from retention_lab.demand.intervals import fit_spread
from retention_lab.demand.panel import Panel
from retention_lab.demand.scorer import DemandScorer

TOTAL = "total"


def total_panel(panel: Panel) -> Panel:
    """One series: what all sold together, from the first period in which any had begun."""
    values = np.nansum(panel.values, axis=0)[None, :]
    begun = np.cumsum(~np.isnan(panel.values).all(axis=0)) > 0
    return replace(panel, names=(TOTAL,), values=np.where(begun, values, np.nan), campaign=None)


def total_forecast(scorer: DemandScorer, panel: Panel, rolled: Rolled) -> tuple[Floats, Floats, Floats]:
    """(h,) forecast, low and high of the sum, after the panel's last period.

    How far it may be off is learned from how far the sum was off in `rolled`, a backtest of the same model:
    errors of single series cancel in part, and no more than they did.
    """
    known = np.isfinite(rolled.forecast) & np.isfinite(rolled.actual)
    summed = Rolled(
        np.where(known, rolled.forecast, 0.0).sum(axis=0)[None],
        np.where(known, rolled.actual, 0.0).sum(axis=0)[None],
        rolled.origins,
    )
    whole = total_panel(panel)
    spread = fit_spread(whole, summed)
    said = np.nansum(scorer.ahead(panel)[0], axis=0)[None, None, :]
    forecast, low, high = spread.around(whole, np.array([panel.length]), said)
    return forecast[0, 0], low[0, 0], high[0, 0]
