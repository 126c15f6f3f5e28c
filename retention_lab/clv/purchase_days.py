"""A transaction log as purchase days: what a customer bought on one day is one purchase."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.log_columns import coded, day_numbers


@dataclass(frozen=True, slots=True)
class PurchaseDays:
    """One row per customer and day with a purchase, sorted by both.

    ids: (customers,) as text. customer: (n,) place in `ids`. day: (n,) days since 1970. value: (n,) of the
    day, less what was returned since the purchase before; the unit that the log was given in.
    """

    ids: np.ndarray
    customer: Ints
    day: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.day)

    def before(self, end: int) -> "PurchaseDays":
        """What was known when day `end` began: earlier days, and customers who had bought by then."""
        kept = self.day < end
        known, customer = np.unique(self.customer[kept], return_inverse=True)
        return PurchaseDays(self.ids[known], customer.astype(np.int64), self.day[kept], self.value[kept])

    def of(self, ids: np.ndarray, start: int, end: int) -> tuple[Floats, Floats]:
        """Purchase days and their value from `start` until before `end`, of (m,) customers; 0 for unknown."""
        inside = (self.day >= start) & (self.day < end)
        count = np.bincount(self.customer[inside], minlength=len(self.ids)).astype(np.float64)
        value = np.bincount(self.customer[inside], weights=self.value[inside], minlength=len(self.ids))
        order = np.argsort(self.ids)
        place = np.minimum(np.searchsorted(self.ids, ids, sorter=order), len(self.ids) - 1)
        found = order[place]
        same = self.ids[found] == ids
        return np.where(same, count[found], 0.0), np.where(same, value[found], 0.0)


def purchase_days(customer: Any, time: Any, value: Any = None) -> PurchaseDays:
    """The purchase days of a log: (n,) ids, (n,) dates or times, (n,) amounts (None: each line counts 1).

    Lines below 0 are returns: no purchases, but taken off the value of the purchase before, so that what a
    customer is worth is what was kept. Amounts of 0 are purchases.
    Raises LabError where an id or time is missing, or a value is missing or infinite.
    """
    if not len(customer) or not len(time):
        raise LabError("The log is empty.", "Give at least one line.")
    why = "Leave such lines out: nobody's purchases can be followed."
    ids, codes = coded(customer, "customer", why)
    days = day_numbers(time)
    amounts = np.ones(len(days)) if value is None else np.asarray(value, dtype=np.float64)
    if not len(codes) == len(days) == len(amounts):
        raise LabError(
            f"The log has {len(codes)} customers, {len(days)} times and {len(amounts)} amounts.",
            "Give one of each for every line.",
        )
    if not np.isfinite(amounts).all():
        row = int(np.argmin(np.isfinite(amounts)))
        raise LabError(
            f"The amount in row {row + 1} is missing or infinite.", "Fill it in, or leave the line out."
        )
    return from_lines(ids, codes, days, amounts)


def from_lines(
    ids: np.ndarray, codes: Ints, days: Ints, amounts: Floats, bought: Bools | None = None
) -> PurchaseDays:
    """As `purchase_days`, of codes, days since 1970 and amounts that are checked.

    bought: (n,) which lines are purchases; None: those from 0 on.
    """
    order = np.lexsort((days, codes))
    bought = (amounts >= 0 if bought is None else bought)[order]
    codes, days, amounts = codes[order], days[order], amounts[order]
    new_day = np.ones(len(codes), dtype=np.bool_)
    new_day[1:] = (np.diff(codes) != 0) | (np.diff(days) != 0)
    start = np.flatnonzero(new_day)
    bought_on = np.logical_or.reduceat(bought, start)
    total = np.add.reduceat(amounts, start)
    who, when = codes[start], days[start]
    # a day of returns alone joins the purchase before; before any purchase there is nothing to take it off
    purchase = np.cumsum(bought_on) - 1
    first = np.flatnonzero(bought_on)
    joins = (purchase >= 0) & (who == who[first[np.maximum(purchase, 0)]]) if len(first) else bought_on
    if not len(first):
        raise LabError("The log has returns only.", "Give lines with amounts from 0 on for purchases.")
    value = np.bincount(purchase[joins], weights=total[joins], minlength=len(first))
    known, customer = np.unique(who[first], return_inverse=True)
    return PurchaseDays(ids[known], customer.astype(np.int64), when[first], value.astype(np.float64))
