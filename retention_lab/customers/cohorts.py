"""Cohorts: customers by the month of their first order, followed month by month.

Months are numbers, 12 x year + month - 1. A cohort's size never changes: it is the number of customers
whose first order lies in its month. Its month 0 is that month, so everybody is active in it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.customers.rates import share
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class CohortMonths:
    """(m,) each, one per cohort and month with orders or returns in it.

    cohort, month: month numbers. customers: who ordered in the month. orders, revenue: theirs in it, returns
    taken off the revenue (project currency).
    """

    cohort: Ints
    month: Ints
    customers: Ints
    orders: Ints
    revenue: Floats


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Cohorts in rows, months since the first order in columns.

    cohorts: (c,) month numbers. sizes: (c,) customers. customers, orders, revenue: (c, w), NaN in months that
    lie after the last one. complete: (c, w), whether the month was over at the date of the table.
    """

    cohorts: Ints
    sizes: Ints
    customers: Floats
    orders: Floats
    revenue: Floats
    complete: np.ndarray

    @property
    def retention(self) -> Floats:
        """(c, w) share of the cohort that ordered in the month."""
        return np.asarray(self.customers / self.sizes[:, None], dtype=np.float64)

    @property
    def cumulative_revenue(self) -> Floats:
        """(c, w) revenue so far per customer of the cohort."""
        return np.asarray(np.cumsum(self.revenue, axis=1) / self.sizes[:, None], dtype=np.float64)

    def retention_after(self, months: int, *, confidence: float = 0.95) -> Estimate:
        """Share of customers who ordered in the month so many after their first, over cohorts seen so long.

        A month that is not over yet is left out: it would look worse than it is.
        Raises LabError where no cohort has been seen so long.
        """
        seen = (
            self.complete[:, months] if months < self.complete.shape[1] else np.zeros(len(self.sizes), bool)
        )
        if not seen.any():
            raise LabError(
                f"No cohort has been seen for {months} whole months.", "Ask for fewer, or a later date."
            )
        return share(
            int(self.customers[seen, months].sum()), int(self.sizes[seen].sum()), confidence=confidence
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row per cohort and month that has begun."""
        return [
            {
                "cohort": month_name(int(self.cohorts[i])),
                "months_since": k,
                "customers": int(self.sizes[i]),
                "active": int(self.customers[i, k]),
                "retention": share(int(self.customers[i, k]), int(self.sizes[i])).as_json(),
                "orders": int(self.orders[i, k]),
                "revenue": float(self.revenue[i, k]),
                "revenue_per_customer": float(self.revenue[i, k] / self.sizes[i]),
                "complete": bool(self.complete[i, k]),
            }
            for i in range(len(self.cohorts))
            for k in range(self.customers.shape[1])
            if np.isfinite(self.customers[i, k])
        ]


def cohorts(found: CohortMonths, last_month: int, *, last_is_complete: bool) -> Cohorts:
    """The tables up to `last_month`, which may still be running.

    Months between the first cohort and the last month have a row even where nobody came, but for those
    without any customer. Raises LabError where nobody has ordered.

    >>> seen = CohortMonths(*(np.array(x) for x in ([0, 0, 1], [0, 1, 1], [4, 1, 2], [5, 1, 2], [9.0, 2, 8])))
    >>> cohorts(seen, 1, last_is_complete=True).retention.tolist()
    [[1.0, 0.25], [1.0, nan]]
    """
    first = found.month == found.cohort
    if not first.any():
        raise LabError("Nobody has ordered yet, so there are no cohorts.", "Choose a later date.")
    names = np.unique(found.cohort)
    row = np.searchsorted(names, found.cohort)
    sizes = np.zeros(len(names), dtype=np.int64)
    sizes[row[first]] = found.customers[first]
    width = last_month - int(names[0]) + 1
    month = names[:, None] + np.arange(width)[None, :]
    begun = month <= last_month

    def table(values: np.ndarray) -> Floats:
        cells = np.zeros((len(names), width))
        cells[row, found.month - found.cohort] = values
        return np.where(begun, cells, np.nan)

    complete = begun & ((month < last_month) | last_is_complete)
    return Cohorts(
        names, sizes, table(found.customers), table(found.orders), table(found.revenue), np.asarray(complete)
    )


def month_name(month: int) -> str:
    """A month number as the year and month.

    >>> month_name(12 * 2026 + 2)
    '2026-03'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
