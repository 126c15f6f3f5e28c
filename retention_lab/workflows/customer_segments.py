"""`lab customers segments`: a trained model's segments among the customers of a date, and who moved."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.customers.transitions import Transitions, transitions
from retention_lab.data.snapshot import snapshot
from retention_lab.data.write import write_table
from retention_lab.features import encode
from retention_lab.tracking.models import Loaded, load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.customer_lifecycle import earlier_date, stages_then
from retention_lab.workflows.customer_state import CustomerState, customer_state, segments_of
from retention_lab.workflows.project import Lab
from retention_lab.workflows.segment_figures import segment_rows

USUAL_NAME = "segments"


@dataclass(frozen=True, slots=True)
class SegmentsView:
    """The segments of a version at a date, and the moves since `before` (aware)."""

    state: CustomerState
    before: datetime
    version: Loaded
    labels: list[str | None]
    rows: list[dict[str, Any]]
    moves: Transitions

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per segment, and one per move."""
        return {
            "name": self.version.name,
            "version": self.version.version,
            "as_of": self.state.as_of.isoformat(),
            "before": self.before.isoformat(),
            "customers": len(self.state),
            "in_no_segment": sum(one is None for one in self.labels),
            "stability": self.version.model.details["stability"],
            "rows": self.rows,
            "stayed": self.moves.stayed,
            "migration": self.moves.rows(),
        }


def customer_segments(
    lab: Lab,
    selector: str = USUAL_NAME,
    as_of: datetime | None = None,
    before: datetime | None = None,
    out: Path | None = None,
) -> SegmentsView:
    """Put everybody into the segments of a registered version, at two dates, 90 days apart if not given.

    out: gets a row per customer. Raises LabError where there is no such version, or it was trained on a
    table with other columns than the snapshot's.
    """
    version = load_version(lab.open_store(), *parse_selector(selector))
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of)
        earlier = earlier_date(lab, state, before)
        then = snapshot(tables, earlier, version.model.segments.schema.names)
    labels = segments_of(version.model, state.rows, selector)
    known = then.append_column("segment", pa.array(segments_of(version.model, then, selector), pa.string()))
    names = version.model.segments.names
    place = np.array([-1 if one is None else names.index(one) for one in labels], dtype=np.int64)
    rows = segment_rows(names, place, encode(state.rows, version.model.segments.schema))
    told = version.model.details["traits"]
    rows = [{**row, "traits": told.get(row["segment"], [])} for row in rows]
    if out is not None:
        ids = state.rows.column("customer_id")
        write_table(out, pa.table({"customer_id": ids, "segment": pa.array(labels, pa.string())}))
    moves = transitions(stages_then(state, known, "segment"), labels, names)
    return SegmentsView(state, earlier, version, labels, rows, moves)
