"""Does a feature tell the time, or was it known only after its row's own time?"""

from collections.abc import Mapping

import numpy as np
from scipy import stats

from retention_lab.arrays import Floats, Ints
from retention_lab.checks import Check, check
from retention_lab.uplift.checking.bins import Binned, explained, quantiles

CLOCK_SHARE = 0.8  # of the spread of a feature by time, or of time by the feature
_SLOTS, _ROWS_A_SLOT = 50, 20  # at most so many slots of time, each of at least so many rows


def clock_check(features: Binned, time: np.ndarray | None) -> Check:
    """Soft: no feature is nearly a function of the (n,) time, or time of it.

    A model that is held to the latest rows would learn when a row was written, and has never seen the values
    that come next. Strength: Goodman and Kruskal's tau of the feature's bin by time, or the variance of the
    rows' order in time that the bins explain, whichever is larger.
    Source: Goodman and Kruskal (1954), JASA 49(268), doi:10.1080/01621459.1954.10501231.
    """
    name = "time_leak"
    if time is None:
        return check(name, "soft", None, None, CLOCK_SHARE, "The rows have no time.")
    order = stats.rankdata(_numbers(time))
    slots = quantiles(order, max(1, min(_SLOTS, len(order) // _ROWS_A_SLOT)))
    if slots.min() == slots.max():
        return check(name, "soft", None, None, CLOCK_SHARE, "All rows have nearly the same time.")
    strengths = [max(_tau(bins, slots), explained(order, bins)) for bins in features.codes]
    found = [one for one, share in zip(features.names, strengths, strict=True) if share > CLOCK_SHARE]
    detail = (
        f"{', '.join(found)}: nearly a function of the rows' time, so it says when and not who. Exclude it, "
        "or replace it by an age at that time."
        if found
        else "No feature is nearly a function of the rows' time."
    )
    return check(name, "soft", not found, max(strengths, default=0.0), CLOCK_SHARE, detail)


def later_dates_check(dates: Mapping[str, np.ndarray], time: np.ndarray | None) -> Check:
    """Soft: no feature that is a date lies after its row's own time.

    dates: by feature, (n,) datetime64 with NaT where missing; time: (n,) datetime64, None: rows have none.
    Where all times are whole days, a date counts as later from the next day on.
    """
    name = "dated_after_time"
    if not dates:
        return check(name, "soft", None, None, 0, "No feature is a date.")
    if time is None or time.dtype.kind != "M":
        return check(name, "soft", None, None, 0, "The rows have no time to compare the dates with.")
    unit = "datetime64[D]" if np.array_equal(time, time.astype("datetime64[D]")) else "datetime64[us]"
    own = time.astype(unit)
    counts = {one: int(np.sum(values.astype(unit) > own)) for one, values in dates.items()}
    late = {one: count for one, count in counts.items() if count}
    said = "; ".join(f"{one}: {count} of {len(own)} rows" for one, count in late.items())
    detail = (
        f"{said} hold a date after the row's own time. Was it written later? Then exclude it."
        if late
        else "No date among the features lies after its row's own time."
    )
    return check(name, "soft", not late, max(counts.values()), 0, detail)


def _numbers(time: np.ndarray) -> Floats:
    if time.dtype.kind == "M":
        # from the first time on: microseconds since 1970 have more digits than a float
        return np.asarray((time - time.min()) / np.timedelta64(1, "us"), dtype=np.float64)
    return np.asarray(time, dtype=np.float64)


def _tau(bins: Ints, slots: Ints) -> float:
    """1 where the slot tells the bin, 0 where it tells nothing."""
    width = int(bins.max()) + 1
    counts = np.bincount(slots * width + bins, minlength=(int(slots.max()) + 1) * width).reshape(-1, width)
    rows = counts.sum(axis=1, keepdims=True)
    alone = float(np.sum((counts.sum(axis=0) / len(bins)) ** 2))
    known = float(np.sum(counts**2 / np.maximum(rows, 1))) / len(bins)
    return (known - alone) / (1 - alone) if width > 1 else 0.0
