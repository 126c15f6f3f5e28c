"""`lab customers lifecycle`: how many customers are at which stage, and who moved since an earlier date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.customers.lifecycle import stage_rows, stage_transitions
from retention_lab.customers.transitions import Transitions
from retention_lab.data.connect import Tables
from retention_lab.data.snapshot import snapshot
from retention_lab.data.write import write_table
from retention_lab.errors import LabError
from retention_lab.workflows.customer_state import CustomerState, customer_state
from retention_lab.workflows.project import Lab

USUAL_DAYS = 90
_COLUMNS = ("lifecycle", "overdue", "recency_days", "orders")


@dataclass(frozen=True, slots=True)
class LifecycleView:
    """Stages at a date, and the moves since `before` (aware) of everybody known at the date."""

    state: CustomerState
    before: datetime
    moves: Transitions

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per stage, and one per move."""
        return {
            "as_of": self.state.as_of.isoformat(),
            "before": self.before.isoformat(),
            "customers": len(self.state),
            "rows": stage_rows(self.state.stages),
            "stayed": self.moves.stayed,
            "transitions": self.moves.rows(),
        }


def customer_lifecycle(
    lab: Lab, as_of: datetime | None = None, before: datetime | None = None, out: Path | None = None
) -> LifecycleView:
    """Stages at a date beside those at an earlier one, 90 days before where not given.

    out: gets a row per customer. Raises LabError where `before` is not earlier.
    """
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of, _COLUMNS)
        view = lifecycle_view(lab, tables, state, before)
    if out is not None:
        write_table(out, state.rows.select(["customer_id", *_COLUMNS]))
    return view


def lifecycle_view(
    lab: Lab, tables: Tables, state: CustomerState, before: datetime | None = None
) -> LifecycleView:
    """The stages of customers whose state is at hand."""
    earlier = earlier_date(lab, state, before)
    known = stages_then(state, snapshot(tables, earlier, ("lifecycle",)), "lifecycle")
    return LifecycleView(state, earlier, stage_transitions(known, state.stages))


def earlier_date(lab: Lab, state: CustomerState, before: datetime | None) -> datetime:
    """The date to compare with. Raises LabError where it is not before the other one."""
    earlier = state.as_of - timedelta(days=USUAL_DAYS) if before is None else lab.start_of(before)
    if earlier >= state.as_of:
        raise LabError(
            f"{earlier.date().isoformat()} is not before {state.as_of.date().isoformat()}.",
            "Give an earlier date with --before.",
            key="before",
        )
    return earlier


def stages_then(state: CustomerState, then: pa.Table, column: str) -> list[str | None]:
    """(n,) a column of an earlier snapshot for the customers of now; None for those not known then."""
    place = pc.index_in(state.rows.column("customer_id"), value_set=then.column("customer_id"))
    return list(then.column(column).take(place).to_pylist())
