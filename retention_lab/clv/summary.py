"""Frequency, recency, age and mean value of each customer, from purchase days up to an end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchase_days import PurchaseDays, purchase_days
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import ConfigurationError, LabError, did_you_mean

# Days in a unit of time; a month is a twelfth of a year.
UNITS: Mapping[str, float] = MappingProxyType({"day": 1.0, "week": 7.0, "month": 365.25 / 12})


@dataclass(frozen=True, slots=True)
class Summary:
    """One row a customer, in the order of `ids`.

    rows: frequency, recency and age in units of `unit_days` days. mean_value: (n,) of a repeat purchase, 0
    where there was none. first_value: (n,) of the first purchase.
    """

    ids: np.ndarray
    rows: PurchaseRows
    mean_value: Floats
    first_value: Floats
    unit_days: float

    def __len__(self) -> int:
        return len(self.ids)


def summarise(
    customer: Any, time: Any, value: Any = None, *, end: date | str | None = None, unit: str = "week"
) -> Summary:
    """Sum up a log: (n,) ids, (n,) dates, (n,) amounts; purchases of one day are one.

    end: the last day that was observed; None: the last day of the log. unit: day, week or month.
    The first purchase is where a customer's time begins: it counts neither as repeat nor in the mean value.
    Raises LabError as `purchase_days`, or where nobody bought by the end.

    >>> log = ["a", "a", "b"], ["2026-01-01", "2026-01-15", "2026-01-08"], [10.0, 30.0, 5.0]
    >>> summary = summarise(*log, end="2026-01-29")
    >>> summary.rows.frequency, summary.rows.recency, summary.rows.age, summary.mean_value
    (array([1., 0.]), array([2., 0.]), array([4., 3.]), array([30.,  0.]))
    """
    days = purchase_days(customer, time, value)
    last = int(days.day.max()) if end is None else day_number(end)
    return summary_of(days.before(last + 1), last, unit_days(unit))


def summary_of(days: PurchaseDays, last: int, unit: float) -> Summary:
    """As `summarise`, of purchase days none of which lies after day `last`; unit in days."""
    if not len(days):
        raise LabError("Nobody bought before the end of the observation.", "Choose a later end.")
    starts = np.flatnonzero(np.diff(days.customer, prepend=-1))
    ends = np.append(starts[1:], len(days)) - 1
    first, final = days.day[starts], days.day[ends]
    frequency = (ends - starts).astype(np.float64)
    total = np.add.reduceat(days.value, starts) - days.value[starts]
    mean = np.where(frequency > 0, total / np.maximum(frequency, 1), 0.0)
    rows = PurchaseRows(frequency, (final - first) / unit, (last - first) / unit)
    return Summary(days.ids, rows, mean, days.value[starts], unit)


def unit_days(unit: str) -> float:
    """Days in a unit of time. Raises ConfigurationError for an unknown one."""
    if unit not in UNITS:
        raise ConfigurationError(
            f"No unit of time is named '{unit}'.", did_you_mean(unit, UNITS), key="time_unit"
        )
    return UNITS[unit]


def day_number(day: date | str) -> int:
    """Days since 1970. Raises LabError for text that is no date.

    >>> day_number("1970-01-31")
    30
    """
    try:
        return int(np.datetime64(day, "D").astype(np.int64))
    except ValueError as error:
        raise LabError(f"'{day}' is not a date.", "Write it as 1997-09-30.") from error
