"""Who left: by a label that is given, by a contract that ended, or by a time without a purchase.

Times are whole numbers of one unit (microseconds in a project); intervals are closed below and open above.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.labels import label_text


def given(column: pa.ChunkedArray, positive: str) -> Floats:
    """(n,) 1 where the column says `positive`, compared as text; else 0.

    Raises LabError for missing labels, and where no row, or every row, says it.

    >>> given(pa.chunked_array([["Yes", "No"]]), "Yes")
    array([1., 0.])
    """
    text = label_text(column)
    if text.null_count:
        first = int(np.argmax(np.asarray(text.is_null())))
        raise LabError(
            f"{text.null_count} rows have no label, row {first + 1} first.",
            "Leave out the customers of whom it is not known whether they left.",
            key="label.column",
        )
    left = np.asarray(pc.equal(text, positive)).astype(np.float64)
    if left.min(initial=1.0) == left.max(initial=0.0):
        levels = sorted(str(value) for value in pc.unique(text).to_pylist()[:8])
        raise LabError(
            f"{int(left.sum())} of {len(left)} rows have the label {positive!r}: nothing can be told apart.",
            f"Set the value that means leaving; the column has {', '.join(levels)}.",
            key="label.positive",
        )
    return left


def inactive(customer: Ints, ordered_at: Ints, customers: int, start: int, end: int) -> Floats:
    """(customers,) 1 for those without an order in [start, end), else 0.

    customer: (m,) position of the customer of each order, 0..customers-1; ordered_at: (m,) its moment.
    Raises LabError when the window is empty, or for an order of nobody.

    >>> inactive(np.array([0, 1]), np.array([5, 10]), customers=3, start=5, end=10)
    array([0., 1., 1.])
    """
    _require_window(start, end)
    if len(customer) and not (customer.min() >= 0 and customer.max() < customers):
        raise LabError("An order belongs to none of the customers.", "Leave out orders of others.")
    active = np.zeros(customers, dtype=np.bool_)
    active[customer[(ordered_at >= start) & (ordered_at < end)]] = True
    return np.asarray(~active, dtype=np.float64)


def contract_ended(started_at: Ints, ended_at: Ints, still_open: Bools, start: int, end: int) -> Floats:
    """(n,) 1 where a contract that runs at `start` ends in [start, end), 0 where it runs on, NaN where none
    runs at `start`: whoever has no contract can neither end nor keep it.

    started_at, ended_at: (n,) of one contract each; still_open: (n,) no end is known, `ended_at` is then not
    looked at. Raises LabError when the window is empty, or a contract ends before it starts.
    """
    _require_window(start, end)
    backwards = ~still_open & (ended_at < started_at)
    if backwards.any():
        raise LabError(
            f"{int(backwards.sum())} contracts end before they start, "
            f"row {int(np.argmax(backwards)) + 1} first.",
            "Correct those rows.",
        )
    running = (started_at < start) & (still_open | (ended_at >= start))
    ends = ~still_open & (ended_at < end)
    return np.asarray(np.where(running, ends, np.nan), dtype=np.float64)


def _require_window(start: int, end: int) -> None:
    if end <= start:
        raise LabError("The window in which leaving is seen is empty.", "Set a horizon of a day or more.")
