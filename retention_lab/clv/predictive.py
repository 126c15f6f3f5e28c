"""What each customer may do, not only on average: intervals, quantiles, and how well chances were told."""

from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchases import PurchaseModel, require_horizon
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError

ENOUGH_CUSTOMERS = 1_000  # from which on leaving rates are known well enough to be taken as known


def purchase_interval(
    model: PurchaseModel, rows: PurchaseRows, t: float, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """(n,) lowest and (n,) highest number of purchases in the next t, with at most half of the rest beyond
    either end.

    Purchases are whole numbers, so the interval holds the truth at least as often as it says. The model's
    parameters count as known, which a thousand customers make nearly true.
    """
    miss = (1 - confidence) / 2
    return purchase_quantile(model, rows, t, miss), purchase_quantile(model, rows, t, 1 - miss)


def purchase_quantile(model: PurchaseModel, rows: PurchaseRows, t: float, level: Any) -> Floats:
    """(n,) smallest number k of purchases with a chance of at least `level` ((n,) or one) of k or fewer."""
    require_horizon(t)
    beyond = np.broadcast_to(1 - np.asarray(level, dtype=np.float64), len(rows))
    low, high = np.full(len(rows), -1.0), np.zeros(len(rows))  # low: too few, high: enough once settled
    open_rows = np.arange(len(rows))
    while len(open_rows):  # double until there is enough
        part = rows.take(open_rows)
        short = model.probability_at_least(part, high[open_rows] + 1, t) > beyond[open_rows]
        open_rows = open_rows[short]
        low[open_rows] = high[open_rows]
        high[open_rows] = 2 * high[open_rows] + 1
    open_rows = np.flatnonzero(high - low > 1)
    while len(open_rows):  # then halve
        middle = np.floor((low[open_rows] + high[open_rows]) / 2)
        part = rows.take(open_rows)
        short = model.probability_at_least(part, middle + 1, t) > beyond[open_rows]
        low[open_rows[short]] = middle[short]
        high[open_rows[~short]] = middle[~short]
        open_rows = open_rows[high[open_rows] - low[open_rows] > 1]
    return high


def probability_of(model: PurchaseModel, rows: PurchaseRows, t: float, purchases: Any) -> Floats:
    """(n,) chance of just as many purchases in the next t as were made (n,)."""
    some, more = _chances(model, rows, t, purchases)
    return np.asarray(some - more, dtype=np.float64)


def probability_integral(
    model: PurchaseModel, rows: PurchaseRows, t: float, purchases: Any, seed: int
) -> Floats:
    """(n,) chance of fewer purchases than were made, plus a random part of the chance of just as many.

    Uniform between 0 and 1 where the model tells the chances right.
    Source: Czado, Gneiting, Held (2009), Biometrics 65(4), doi:10.1111/j.1541-0420.2009.01191.x.
    """
    some, more = _chances(model, rows, t, purchases)
    return np.asarray(1 - some + np.random.default_rng(seed).random(len(rows)) * (some - more))


def _chances(model: PurchaseModel, rows: PurchaseRows, t: float, purchases: Any) -> tuple[Floats, Floats]:
    """(n,) chances of at least as many purchases as were made, and of more."""
    made = np.asarray(purchases, dtype=np.float64)
    if made.shape != (len(rows),) or np.any(made != np.rint(made)) or np.any(made < 0):
        raise LabError(
            "Purchases are not one whole number from 0 on for every customer.", "Count purchase days."
        )
    more = model.probability_at_least(rows, made + 1, t)
    some = np.where(made > 0, model.probability_at_least(rows, np.maximum(made, 1), t), 1.0)
    return some, more
