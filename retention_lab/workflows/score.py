"""`lab score`: batch scores with a registered version."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from retention_lab.data.read import read_flat
from retention_lab.data.write import write_table
from retention_lab.errors import LabError, UsageError, did_you_mean
from retention_lab.tracking.models import load_version
from retention_lab.tracking.registry import parse_selector
from retention_lab.workflows.project import Lab


def score(lab: Lab, selector: str, *, table: Path, out: Path, id_column: str | None) -> dict[str, Any]:
    """Score every row of a file, in its order, and write the scores whole or not at all.

    Raises LabError where the file lacks a column of the model, or the ids.
    """
    if not out.name.endswith((".csv", ".csv.gz", ".parquet")):
        raise UsageError(f"{out.name} is no kind of score file.", "End it in .csv, .csv.gz or .parquet.")
    if out.exists() and out.resolve() == table.resolve():
        raise UsageError(
            "The scores would replace the rows that are scored.", "Name another file with --out."
        )
    loaded = load_version(lab.open_store(), *parse_selector(selector))
    scorer = loaded.model  # of whatever kind: each has an id_column and predict
    rows = read_flat(table)
    column = id_column or scorer.id_column
    if column is not None and column not in rows.column_names:
        raise LabError(
            f"There is no column '{column}' to take the ids from, and scores without ids fit no customer.",
            f"Name the column with --id. {did_you_mean(column, rows.column_names)}",
            file=table,
            key=column,
        )
    found = replace(scorer, id_column=column).predict(rows, {})
    missing = found.column(0).null_count  # whose row it is comes first, whatever the kind
    if missing:
        raise LabError(f"{missing} rows have no id.", "Fill them in.", file=table, key=column)
    write_table(out, found)
    return {"name": loaded.name, "version": loaded.version, "rows": found.num_rows, "file": str(out)}
