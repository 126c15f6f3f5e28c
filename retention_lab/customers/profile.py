"""One customer from all sides: each fact beside what it is among all customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

SECTIONS: Mapping[str, Sequence[str]] = {
    "who": ("age", "region", "channel", "tier", "referred", "tenure_days"),
    "rhythm": (
        *("lifecycle", "recency_days", "orders", "orders_30", "orders_90", "orders_180", "orders_365"),
        *("order_trend", "mean_gap_days", "gap_cv", "overdue"),
    ),
    "money": (
        *("revenue", "revenue_30", "revenue_90", "revenue_365", "contribution_365", "mean_order_value"),
        *("return_share", "discount_share", "acquisition_cost"),
    ),
    "taste": ("categories", "top_category"),
    "attention": ("events_30", "views_30", "carts_30", "last_visit_days", "visit_trend"),
    "voice": ("feedbacks", "mean_score"),
    "contact": ("assignments_365", "contacts_365", "last_contact_days", "redemptions"),
    "subscription": ("subscription_active", "subscription_monthly_fee", "subscription_months"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about a customer. percentile: share of customers whose value is lower, half of the equal ones
    included; None for words and where it is not known. typical: everyone's median, or commonest word.
    customers: how many have a value.
    """

    section: str
    name: str
    value: Any
    percentile: float | None
    typical: Any
    customers: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def profile(snapshot: pa.Table, position: int, left_out: Sequence[str] = ()) -> tuple[Fact, ...]:
    """The facts about the customer in row `position` of a snapshot, section by section.

    Columns that no section names come last, under `other`; ids, times and `left_out` have no fact.
    Raises LabError for a row that is not there.
    """
    if not 0 <= position < snapshot.num_rows:
        raise LabError(f"There is no row {position} of {snapshot.num_rows}.", "Name a customer who is there.")
    named = {name for names in SECTIONS.values() for name in names}
    others = [
        field.name
        for field in snapshot.schema
        if field.name not in named and field.name not in left_out and not pa.types.is_temporal(field.type)
    ]
    found: list[Fact] = []
    for section, names in {**SECTIONS, "other": others}.items():
        found += [
            _fact(section, name, snapshot.column(name), position)
            for name in names
            if name in snapshot.column_names and name not in left_out
        ]
    return tuple(found)


def _fact(section: str, name: str, column: pa.ChunkedArray, position: int) -> Fact:
    value = column[position].as_py()
    kind, there = column.type, len(column) - column.null_count
    if pa.types.is_boolean(kind) or not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return Fact(section, name, value, None, _commonest(column), there)
    numbers = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    known = numbers[np.isfinite(numbers)]
    typical = float(np.median(known)) if len(known) else None
    if value is None or not np.isfinite(value):
        return Fact(section, name, None, None, typical, there)
    return Fact(section, name, value, _percentile(float(value), known), typical, there)


def _percentile(value: float, known: Floats) -> float:
    return float(((known < value).sum() + 0.5 * (known == value).sum()) / len(known))


def _commonest(column: pa.ChunkedArray) -> Any:
    counts = pc.value_counts(column.drop_null()).to_pylist()
    best = min(counts, key=lambda one: (-one["counts"], str(one["values"])), default=None)
    return None if best is None else best["values"]
