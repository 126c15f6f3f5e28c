"""`lab score`: batch scores with a registered version."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from retention_lab.config.loading import read_definition
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.data.read import read_flat
from retention_lab.data.write import write_table
from retention_lab.errors import LabError, UsageError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.project import Lab


def score(lab: Lab, selector: str, *, table: Path, out: Path, id_column: str | None) -> dict[str, Any]:
    """Score every row of a file, in its order, and write the scores whole or not at all.

    Raises LabError where the file lacks a column of the model, or the ids.
    """
    if not out.name.endswith((".csv", ".csv.gz", ".parquet")):
        raise UsageError(f"{out.name} is no kind of score file.", "End it in .csv, .csv.gz or .parquet.")
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    rows = read_flat(table)
    ids = _ids(rows, id_column or _id_of_definition(lab, loaded.name), table, given=id_column is not None)
    scores = loaded.model.predict(rows, {})
    found = pa.table({"id": ids, **{name: scores.column(name) for name in scores.column_names}})
    write_table(out, found)
    return {"name": loaded.name, "version": loaded.version, "rows": found.num_rows, "file": str(out)}


def _id_of_definition(lab: Lab, name: str) -> str | None:
    definition = read_definition(lab.project, name)
    return definition.id if isinstance(definition, UpliftDefinition) else None


def _ids(rows: pa.Table, column: str | None, file: Path, *, given: bool) -> pa.ChunkedArray | pa.Array:
    if column is None or (not given and column not in rows.column_names):
        return pa.array([str(i) for i in range(rows.num_rows)])
    if column not in rows.column_names:
        raise LabError(
            f"There is no column '{column}'.", did_you_mean(column, rows.column_names), file=file, key=column
        )
    return label_text(rows.column(column))
