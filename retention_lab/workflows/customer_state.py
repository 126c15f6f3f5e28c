"""All customers of a project as they stood at a date, and the groups that they can be told apart by."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.customers.rfm import CELLS, Purchases, RfmScores, fit_rfm
from retention_lab.data.connect import Tables
from retention_lab.data.snapshot import snapshot
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import versions
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.project import Lab

RFM = "rfm"  # the group of everybody by RFM cell
_MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class CustomerState:
    """rows: the snapshot at `as_of` (aware), one row per customer, sorted by customer_id."""

    rows: pa.Table
    as_of: datetime

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    @property
    def ids(self) -> np.ndarray:
        """(n,) ids as text."""
        return np.asarray(self.rows.column("customer_id").to_numpy(zero_copy_only=False))

    def number(self, name: str) -> Floats:
        """(n,) a column's numbers, NaN where one is missing."""
        column = self.rows.column(name).cast(pa.float64())
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)

    def numbers(self, name: str) -> Floats | None:
        """The same, or None where the project's tables do not give that column."""
        return self.number(name) if name in self.rows.column_names else None

    @property
    def stages(self) -> list[str | None]:
        """(n,) stages of life."""
        return list(self.rows.column("lifecycle").to_pylist())

    @property
    def purchases(self) -> Purchases:
        """What RFM reads."""
        return Purchases(self.number("recency_days"), self.number("orders"), self.number("revenue"))


def customer_state(
    lab: Lab, tables: Tables, as_of: datetime | None, columns: Collection[str] | None = None
) -> CustomerState:
    """The snapshot at a date in the project's zone; the day after the last transaction where None.

    columns: those wanted, all where None.

    Raises LabError without transactions, and where nobody was a customer yet.
    """
    tables.require("transactions")
    at = default_as_of(lab, tables) if as_of is None else lab.start_of(as_of)
    rows = snapshot(tables, at, columns)
    if rows.num_rows == 0:
        raise LabError(
            f"Nobody was a customer before {at.date().isoformat()}.", "Choose a later date.", key="as_of"
        )
    return CustomerState(rows, at)


def rfm_scores(state: CustomerState) -> RfmScores:
    """Everybody's scores in quintiles of those who bought."""
    return fit_rfm(state.purchases).scores(state.purchases)


def customer_groups(lab: Lab, state: CustomerState, by: str) -> list[str | None]:
    """(n,) the group of every customer: RFM cell, a column of words, or the segment of a trained model.

    Raises LabError where `by` is none of these, or a column of too many different values.
    """
    if by == RFM:
        return [None if cell < 0 else CELLS[cell] for cell in rfm_scores(state).cell]
    if by in state.rows.column_names:
        return _levels(state.rows.column(by), by)
    store = lab.open_store()
    if not versions(store, by):
        known = [field.name for field in state.rows.schema if _is_words(field.type)]
        raise LabError(
            f"Customers are not told apart by '{by}'.",
            f"Choose {RFM}, the name of a trained segments model, or a column. "
            f"{did_you_mean(by, [name for name in known if name != 'customer_id'])}",
            key="by",
        )
    return segments_of(load_version(store, by).model, state.rows, by)


def segments_of(model: Any, rows: pa.Table, name: str) -> list[str | None]:
    """(n,) the segment of every row, None for none. Raises LabError for a model of another kind."""
    if not hasattr(model, "segments"):
        raise LabError(f"'{name}' is a model of another kind, not of segments.", "Name one of segments.")
    names: Sequence[str] = model.segments.names
    return [None if i < 0 else names[i] for i in model.assign(rows)]


def position_of(state: CustomerState, customer_id: str) -> int:
    """The row of a customer. Raises LabError where there is none, without saying the id again."""
    found = np.flatnonzero(state.ids == customer_id)
    if len(found) == 0:
        raise LabError(
            f"None of {len(state):,} customers known before {state.as_of.date().isoformat()} has that id.",
            "Check how it is written in the tables, or choose a later --as-of.",
            key="customer_id",
        )
    return int(found[0])


def flags(table: pa.Table, name: str) -> Bools:
    """(n,) a column of true and false."""
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=bool)


def _levels(column: pa.ChunkedArray, name: str) -> list[str | None]:
    if not _is_words(column.type):
        raise LabError(
            f"The column '{name}' holds {column.type}, not words to group by.",
            "Choose a column of words, such as lifecycle.",
            key="by",
        )
    found: list[str | None] = label_text(column).to_pylist()
    levels = len(set(found))
    if levels > _MOST_LEVELS:
        raise LabError(
            f"The column '{name}' has {levels:,} different values: that is not a group of customers.",
            "Choose a column with fewer.",
            key="by",
        )
    return found


def _is_words(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind) or pa.types.is_boolean(kind))
