"""Days, weeks and months as whole numbers, so that time has no gaps and can be counted on."""

from typing import Literal

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.errors import ConfigurationError, did_you_mean

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = ("day", "week", "month")
_MONDAY = 4  # 1970-01-05


def periods_of(days: Ints, period: Period) -> Ints:
    """(n,) days since 1970 -> (n,) periods since then; weeks begin on Monday.

    Raises ConfigurationError for an unknown period.

    >>> periods_of(np.array([3, 4, 10, 11]), "week")
    array([0, 1, 1, 2])
    """
    known_period(period)
    if period == "day":
        return np.asarray(days, dtype=np.int64)
    if period == "week":
        return (np.asarray(days, dtype=np.int64) + 7 - _MONDAY) // 7
    return np.asarray(days, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_days(periods: Ints, period: Period) -> Ints:
    """(n,) periods -> (n,) the first day of each, since 1970.

    >>> first_days(np.array([0, 1]), "month")
    array([ 0, 31])
    """
    known_period(period)
    if period == "day":
        return np.asarray(periods, dtype=np.int64)
    if period == "week":
        return np.asarray(periods, dtype=np.int64) * 7 - 7 + _MONDAY
    return np.asarray(periods, dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)


def known_period(period: str) -> Period:
    """The period of that name; raises ConfigurationError for another."""
    for one in PERIODS:
        if one == period:
            return one
    raise ConfigurationError(f"No period is named '{period}'.", did_you_mean(period, PERIODS), key="period")
