"""The registered segments: a table of customers in, the segment of each one out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Ints
from retention_lab.customers.segmentation import Segments, read_segments
from retention_lab.errors import LabError
from retention_lab.features import encode
from retention_lab.labels import label_text

_FILE = "scorer.json"


@dataclass(frozen=True, slots=True)
class SegmentScorer:
    """Segments with what a table of customers needs around them.

    id_column: the column that names a row; None: rows have no name. details: facts that travel with the model
    (plain JSON values).
    """

    segments: Segments
    id_column: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def assign(self, table: pa.Table) -> Ints:
        """(n,) positions in the segments' names, -1 for none; LabError where a column is missing."""
        return self.segments.assign(encode(table, self.segments.schema))

    def predict(self, table: pa.Table, params: Mapping[str, Any] | None = None) -> pa.Table:
        """One row per row of the table, in its order: `id` and `segment`, null for customers of none.

        The id is text: the row's in `id_column`, or its number from 0 where the table has no such column.
        params: there are none to give.
        """
        if params:
            raise LabError(f"Segments take no setting {sorted(params)[0]!r}.", "Leave it out.", key="params")
        names = np.array([*self.segments.names, None], dtype=object)
        found = pa.array(names[self.assign(table)], pa.string())
        return pa.table({"id": self._ids(table), "segment": found})

    def output_schema(self) -> pa.Schema:
        """Names and types of what `predict` returns."""
        return pa.schema([pa.field("id", pa.string()), pa.field("segment", pa.string())])

    def to_files(self) -> dict[str, bytes]:
        """The scorer in open formats: JSON."""
        about = {"id_column": self.id_column, "details": dict(self.details)}
        text = json.dumps(about, ensure_ascii=False, indent=1, allow_nan=False)
        return {_FILE: text.encode(), **self.segments.to_files()}

    def _ids(self, table: pa.Table) -> pa.ChunkedArray | pa.Array:
        if self.id_column is None or self.id_column not in table.column_names:
            return pa.array([str(i) for i in range(table.num_rows)], pa.string())
        return label_text(table.column(self.id_column))


def from_files(files: Mapping[str, bytes]) -> SegmentScorer:
    """The scorer that `to_files` wrote."""
    about = json.loads(files[_FILE])
    return SegmentScorer(read_segments(files), about["id_column"], about["details"])
