"""A customer's past in numbers that mean the same after three months as after three years."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.summary import Summary, summary_of


@dataclass(frozen=True, slots=True)
class History:
    """summary: of every customer known at the cut. habits: (n, d), as `HABITS` names them."""

    summary: Summary
    habits: Floats

    def __len__(self) -> int:
        return len(self.summary)


HABITS = (
    "repeats", "idle_share", "active_share", "idle_gaps", "age_share", "late_share", "gap_spread",
    "value_ratio", "last_value_ratio", "first_value_ratio",
)  # fmt: skip


def history_of(days: PurchaseDays, last: int, unit: float) -> History:
    """The history of everybody who had bought by day `last`, in units of so many days.

    Times are shares of the longest age or of the customer's own gaps, values are over everybody's mean; what
    a single purchase cannot tell is missing (NaN).
    """
    known = days.before(last + 1)
    summary = summary_of(known, last, unit)
    rows = summary.rows
    bought, span = rows.frequency > 0, max(float(rows.age.max()), 1e-12)
    idle = rows.age - rows.recency
    gap = np.where(bought, rows.recency / np.maximum(rows.frequency, 1), np.nan)
    late = known.day > last - span * unit / 2
    late_days = np.bincount(known.customer[late], minlength=len(summary))
    average = float(known.value.mean()) or 1.0
    final = np.append(np.flatnonzero(np.diff(known.customer)), len(known) - 1)
    habits = np.column_stack([
        rows.frequency,
        idle / span,
        rows.recency / np.maximum(rows.age, 1e-12),
        idle / gap,
        rows.age / span,
        late_days / (rows.frequency + 1),
        _gap_spread(known, rows.frequency),
        np.where(bought, summary.mean_value / average, np.nan),
        known.value[final] / average,
        summary.first_value / average,
    ])  # fmt: skip
    return History(summary, habits)


def _gap_spread(known: PurchaseDays, frequency: Floats) -> Floats:
    """(n,) standard deviation of a customer's gaps over their mean; missing below two gaps."""
    inside = np.diff(known.customer) == 0
    gap, who = np.diff(known.day)[inside].astype(np.float64), known.customer[1:][inside]
    n = len(frequency)
    total = np.bincount(who, weights=gap, minlength=n)
    mean = total / np.maximum(frequency, 1)
    spread = np.bincount(who, weights=(gap - mean[who]) ** 2, minlength=n) / np.maximum(frequency, 1)
    return np.where(frequency >= 2, np.sqrt(spread) / np.maximum(mean, 1e-12), np.nan)
