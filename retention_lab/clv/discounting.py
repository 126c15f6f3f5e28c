"""Purchases to come, each worth less the later it comes."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchases import RowModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError


def discounted_purchases(
    model: RowModel, rows: PurchaseRows, period: float, periods: int, rate: float
) -> Floats:
    """(n,) purchases expected in so many periods of length `period`, discounted at the end of each.

    rate: of one period, 0.01 is 1 %. A purchase counts as made at the end of its period, as the field does.
    Raises LabError for a rate of -1 or less, or fewer than one period.

    >>> from retention_lab.clv.beta_geo import BetaGeo
    >>> from retention_lab.clv.rows import purchase_rows
    >>> model, rows = BetaGeo(0.24, 4.41, 0.79, 2.43), purchase_rows([2], [30.4], [38.9])
    >>> float(discounted_purchases(model, rows, 4.345, 12, 0.01)[0].round(2))
    1.47
    """
    if not rate > -1 or periods < 1 or not 0 < period < np.inf:
        raise LabError(
            f"{periods} periods of {period:g} at a rate of {rate:g} cannot be discounted.",
            "Give a rate such as 0.01, a length above 0, and at least one period.",
        )
    before, total = np.zeros(len(rows)), np.zeros(len(rows))
    for k in range(1, periods + 1):
        by_now = model.expected_purchases(rows, k * period)
        total += (by_now - before) / (1 + rate) ** k
        before = by_now
    return total


def rate_of_period(yearly: float, days: float) -> float:
    """The rate of so many days that compounds to the yearly one.

    >>> round(rate_of_period(0.1, 365.25 / 12), 5)
    0.00797
    """
    return float((1 + yearly) ** (days / 365.25) - 1)
