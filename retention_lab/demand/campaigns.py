"""How much of a campaign runs in each period, from when customers were contacted, or will be."""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.demand.panel import Panel
from retention_lab.demand.periods import Period, first_days


def customers_under_offer(
    day: Ints, contacts: Ints, periods: tuple[int, int], period: Period, lasting: int
) -> Floats:
    """(n,) mean number of customers in each period whose contact lies less than `lasting` days back.

    day, contacts: (c,) when, since 1970, and how many. periods: the first, and the one
    after the last.

    >>> customers_under_offer(np.array([4]), np.array([70]), (1, 4), "week", 10).round(1).tolist()
    [70.0, 30.0, 0.0]
    """
    edges = first_days(np.arange(periods[0], periods[1] + 1), period)
    start, end = edges[:-1], edges[1:]
    found = np.zeros(len(start))
    days, place = np.unique(day, return_inverse=True)
    for at, many in zip(days, np.bincount(place, contacts, minlength=len(days)), strict=True):
        open_days = np.minimum(end, at + lasting) - np.maximum(start, at)
        found += many * np.maximum(open_days, 0) / (end - start)
    return found


def lift_window(panel: Panel, horizon: int, least: int) -> int | None:
    """The origin from which a campaign's share of a forecast can be told: now, or where most of one ran.

    least: the first origin that may be looked back to. None where no campaign runs in any of them.
    """
    calendar = panel.calendar(panel.length + horizon)
    if calendar[:, panel.length :].any():
        return panel.length
    origins = np.arange(least, panel.length - horizon + 1)
    if not len(origins):
        return None
    ran = np.array([calendar[:, origin : origin + horizon].sum() for origin in origins])
    return int(origins[np.argmax(ran)]) if ran.any() else None
