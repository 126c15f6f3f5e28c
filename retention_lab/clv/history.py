"""A customer's past in numbers that mean the same after three months as after three years."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.summary import Summary, summary_of


@dataclass(frozen=True, slots=True)
class Scale:
    """What the customers of a log are measured by, so that a part of them reads as within the whole.

    span: the longest age, in the log's unit of time; value: mean of a purchase. each: mean over customers of
    what a purchase of theirs is expected to be worth, where a value model asks; None: of the rows at hand.
    """

    span: float
    value: float
    each: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """summary: of every customer known at the cut. habits: (n, d), as `HABITS` names them; scale: theirs."""

    summary: Summary
    habits: Floats
    scale: Scale

    def __len__(self) -> int:
        return len(self.summary)


HABITS = (
    "repeats", "idle_share", "active_share", "idle_gaps", "age_share", "late_share", "gap_spread",
    "value_ratio", "last_value_ratio", "first_value_ratio",
)  # fmt: skip


def scale_of(days: PurchaseDays, last: int, unit: float) -> Scale:
    """The scale of everybody who had bought by day `last`; there is at least one."""
    known = days.day <= last
    span = (last - int(days.day[known].min())) / unit
    return Scale(max(span, 1e-12), float(days.value[known].mean()) or 1.0)


def history_of(days: PurchaseDays, last: int, unit: float, scale: Scale | None = None) -> History:
    """The history of everybody who had bought by day `last`, in units of so many days.

    Times are shares of the longest age or of the customer's own gaps, values are over everybody's mean; what
    a single purchase cannot tell is missing (NaN). scale: of the log that these customers are a part of;
    None: they are all of it.
    """
    known = days.before(last + 1)
    summary = summary_of(known, last, unit)
    rows, scale = summary.rows, scale or scale_of(known, last, unit)
    bought, span = rows.frequency > 0, scale.span
    idle = rows.age - rows.recency
    gap = np.where(bought, rows.recency / np.maximum(rows.frequency, 1), np.nan)
    late = known.day > last - span * unit / 2
    late_days = np.bincount(known.customer[late], minlength=len(summary))
    final = np.append(np.flatnonzero(np.diff(known.customer)), len(known) - 1)
    habits = np.column_stack([
        rows.frequency,
        idle / span,
        rows.recency / np.maximum(rows.age, 1e-12),
        idle / gap,
        rows.age / span,
        late_days / (rows.frequency + 1),
        _gap_spread(known, rows.frequency),
        np.where(bought, summary.mean_value / scale.value, np.nan),
        known.value[final] / scale.value,
        summary.first_value / scale.value,
    ])  # fmt: skip
    return History(summary, habits, scale)


def _gap_spread(known: PurchaseDays, frequency: Floats) -> Floats:
    """(n,) standard deviation of a customer's gaps over their mean; missing below two gaps."""
    inside = np.diff(known.customer) == 0
    gap, who = np.diff(known.day)[inside].astype(np.float64), known.customer[1:][inside]
    n = len(frequency)
    total = np.bincount(who, weights=gap, minlength=n)
    mean = total / np.maximum(frequency, 1)
    spread = np.bincount(who, weights=(gap - mean[who]) ** 2, minlength=n) / np.maximum(frequency, 1)
    return np.where(frequency >= 2, np.sqrt(spread) / np.maximum(mean, 1e-12), np.nan)
