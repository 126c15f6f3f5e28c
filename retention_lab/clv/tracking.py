"""Purchases of all customers by period, as made and as a model expects of customers who joined when they did.

Before the end of the observation this shows how well the model fits, after it how well it forecasts.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.purchases import RowModel, expected_of_new


@dataclass(frozen=True, slots=True)
class Tracking:
    """day: (k,) first day after each period, since 1970. made, expected: (k,) repeat purchases in it.

    Sums up to a day are what a cumulative plot shows.
    """

    day: Ints
    made: Floats
    expected: Floats


def track(model: RowModel, days: PurchaseDays, unit: float, start: int, end: int) -> Tracking:
    """Repeat purchases by units of time from day `start` until before day `end`, of the customers in `days`.

    days: the log up to `end`, of customers who were known at the end of the observation. The last period is
    left out where it is not whole.
    """
    first_row = np.flatnonzero(np.diff(days.customer, prepend=-1))
    edges = start + np.arange(0, int((end - start) / unit) + 1) * unit
    repeat = np.ones(len(days), dtype=np.bool_)
    repeat[first_row] = False
    made = np.histogram(days.day[repeat], bins=edges)[0].astype(np.float64)
    joined, count = np.unique(days.day[first_row], return_counts=True)
    total = np.zeros(len(edges))
    ages = np.maximum(edges[:, None] - joined[None, :], 0) / unit
    distinct_ages, place = np.unique(ages.round(9), return_inverse=True)
    expected = np.array([expected_of_new(model, float(age)) for age in distinct_ages])
    total = expected[place].reshape(ages.shape) @ count
    return Tracking(np.rint(edges[1:]).astype(np.int64), made, np.diff(total))
