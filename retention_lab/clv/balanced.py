"""One number a customer that misses by as little as can be, while the total stays right.

An expectation is right on average, but for a customer who most likely buys nothing it says .2 and misses
every time. Of all forecasts with a given total, the one with the least expected absolute error gives every
customer the same quantile of his own predictive distribution: a multiplier on the total enters each
customer's error alike. Expectations remain what money is computed from; squared errors are larger here.

Source: for quantiles and absolute error, Gneiting (2011), JASA 106(494), doi:10.1198/jasa.2011.r10138; that
one level serves all under a fixed total is the first-order condition.
"""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.predictive import purchase_quantile
from retention_lab.clv.purchases import PurchaseModel
from retention_lab.clv.rows import PurchaseRows

_HALVINGS = 40


def balanced_forecast(
    model: PurchaseModel, rows: PurchaseRows, t: float, total: float | None = None
) -> Floats:
    """(n,) purchases in the next t at one level of all predictive distributions, summing to `total`.

    total: None is what the model expects. Between two whole numbers all move by the same share.
    """
    wanted = float(model.expected_purchases(rows, t).sum()) if total is None else total
    low, high = 0.0, 1.0 - 1e-9
    below, above = np.zeros(len(rows)), purchase_quantile(model, rows, t, high)
    known: Floats = np.full(len(rows), np.nan)
    for _ in range(_HALVINGS):
        level = (low + high) / 2
        found = _quantile_between(model, rows, t, level, (below, above, known))
        if found.sum() <= wanted:
            low, below = level, found
        else:
            high, above = level, found
        if (above - below).max() <= 1 and high - low < 1e-6:
            break
    gap = float((above - below).sum())
    share = (wanted - float(below.sum())) / gap if gap > 0 else 0.0
    return np.asarray(below + min(max(share, 0.0), 1.0) * (above - below), dtype=np.float64)


def _quantile_between(
    model: PurchaseModel, rows: PurchaseRows, t: float, level: float, between: tuple[Floats, Floats, Floats]
) -> Floats:
    """(n,) as `purchase_quantile`, known to lie from (n,) low to (n,) high, which are what it is at levels on
    either side: most rows are settled, and the others are near.

    between: also (n,) the chance of more than `low`, where low and high are neighbours and it has been asked
    for (NaN elsewhere): no level changes it, so it is filled in here once.
    """
    low, high, more = between[0].copy(), between[1].copy(), between[2]
    beyond = 1 - level
    new = np.flatnonzero((high - low == 1) & np.isnan(more))
    if len(new):
        more[new] = model.probability_at_least(rows.take(new), low[new] + 1, t)
    open_rows = np.flatnonzero(high - low > 1)
    near = high - low == 1
    high = np.where(near & ~(more > beyond), low, high)
    while len(open_rows):  # low may be enough; high is
        middle = np.floor((low[open_rows] + high[open_rows]) / 2)
        short = model.probability_at_least(rows.take(open_rows), middle + 1, t) > beyond
        low[open_rows[short]] = middle[short] + 1
        high[open_rows[~short]] = middle[~short]
        open_rows = open_rows[high[open_rows] > low[open_rows]]
    return high
