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
    for _ in range(_HALVINGS):
        level = (low + high) / 2
        found = purchase_quantile(model, rows, t, level)
        if found.sum() <= wanted:
            low, below = level, found
        else:
            high, above = level, found
        if (above - below).max() <= 1 and high - low < 1e-6:
            break
    gap = float((above - below).sum())
    share = (wanted - float(below.sum())) / gap if gap > 0 else 0.0
    return np.asarray(below + min(max(share, 0.0), 1.0) * (above - below), dtype=np.float64)
