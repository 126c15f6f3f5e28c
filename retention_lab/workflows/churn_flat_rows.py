"""Rows of a churn model from one flat table with a label."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.churn.labels import given
from retention_lab.config.churn import ChurnDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.project import Project
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, did_you_mean, found_in
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.churn_rows import ChurnRows
from retention_lab.workflows.row_units import content_units, id_units

_MOST_LEVELS = 100


def read_churn_flat(project: Project, definition: ChurnDefinition, table: Path | None = None) -> ChurnRows:
    """The rows of the definition's table, or of another one of the same shape, in the order of their ids.

    Raises LabError for a table that is missing or does not fit: missing column, missing label, a value that
    means leaving and is not there, duplicate ids.
    """
    if definition.table is None or definition.label.column is None:
        raise ConfigurationError("The definition names no table.", "Add `table:`.", file=definition.file)
    file = table or find_flat_file(project, definition.table, source=definition.source, file=definition.file)
    found = read_flat(file)
    _require_columns(found, definition, file, own=table is None)
    with found_in(file):
        left = given(found.column(definition.label.column), str(definition.label.positive))
    unit = (
        content_units(found, None)
        if definition.id is None
        else id_units(found.column(definition.id), file, definition.id)
    )
    features, wide = _feature_names(found, definition)
    rows = ChurnRows(
        table=found.select(features),
        left=left,
        unit=unit,
        context=found,
        sha256=content_sha256(found),
        id_column=definition.id,
        left_out=tuple(wide),
    )
    return rows.rows(np.argsort(unit, kind="stable"))


def _require_columns(found: pa.Table, definition: ChurnDefinition, file: Path, *, own: bool) -> None:
    needed = [definition.label.column, definition.id, definition.duration]
    needed += [*(definition.features or ()), *definition.changeable]
    needed += [*definition.exclude, *definition.reasons] if own else []
    for name in needed:
        if name is not None and name not in found.column_names:
            raise LabError(
                f"There is no column '{name}'.", did_you_mean(name, found.column_names), file=file, key=name
            )


def _feature_names(found: pa.Table, definition: ChurnDefinition) -> tuple[list[str], list[str]]:
    """The features, and the columns that are none: text of many values names rather than describes."""
    if definition.features:
        return list(definition.features), []
    taken = {definition.label.column, definition.id, *definition.exclude}
    open_columns = [name for name in found.column_names if name not in taken]
    wide = [name for name in open_columns if _is_wide(found.column(name))]
    names = [name for name in open_columns if name not in wide]
    if not names:
        raise LabError("No column is left to be a feature.", "Provide some, or exclude fewer columns.")
    return names, wide


def _is_wide(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) and pc.count_distinct(column).as_py() > _MOST_LEVELS)
