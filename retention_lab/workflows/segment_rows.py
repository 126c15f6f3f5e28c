"""The customers of a segmentation with their features: from the project's snapshot, or from a flat table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats
from retention_lab.cleaning import CleaningRule, fit_cleaning
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.segments import SegmentsDefinition
from retention_lab.customers.lasso import LassoChoice, choose_features
from retention_lab.customers.rfm import COLUMNS as RFM_COLUMNS
from retention_lab.data.read import read_flat
from retention_lab.data.snapshot import feature_columns
from retention_lab.data.snapshot_columns import core_features
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.features import Features, encode, infer_schema
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.customer_state import customer_state
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_units import id_units

# What the project's customers are told apart by where a definition names no features: how they buy, not who
# they are, and few enough for a person to see what a segment is.
USUAL_FEATURES = (
    "recency_days",
    "orders_365",
    "mean_order_value",
    "discount_share",
    "return_share",
    "tenure_days",
)
# Whoever has never ordered has a gap here, and is no average buyer: such customers belong to no segment.
NEEDS_AN_ORDER = ("recency_days", "mean_order_value")


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """features: (n, d). table: the same columns as they came. required: a gap in these leaves a customer out.

    ids: (n,) text. sha256: of all that was read. as_of: None for a flat table. choice: what LASSO kept.
    """

    features: Features
    table: pa.Table
    ids: np.ndarray
    id_column: str | None
    required: tuple[str, ...]
    sha256: str
    as_of: datetime | None
    choice: LassoChoice | None = None

    def __len__(self) -> int:
        return len(self.features)


def read_segment_rows(
    lab: Lab, definition: SegmentsDefinition, as_of: datetime | None = None, table: Path | None = None
) -> SegmentRows:
    """The rows of the definition, or of another table of the same shape.

    Raises LabError for columns that are not there, and for a flat table with a date.
    """
    if definition.table is None and table is None:
        return _project_rows(lab, definition, as_of)
    if as_of is not None:
        raise ConfigurationError(
            "A flat table has one state, so it cannot be looked at as of a date.",
            "Leave --as-of out.",
            file=definition.file,
        )
    file = table or find_flat_file(
        lab.project, str(definition.table), source=definition.source, file=definition.file
    )
    return _flat_rows(definition, file)


def rows_of_schema(rows: SegmentRows, names: Sequence[str]) -> pa.Table:
    """The columns that a version reads. Raises LabError where one is not there."""
    _require(rows.table, names, None)
    return rows.table.select(list(names))


def _project_rows(lab: Lab, definition: SegmentsDefinition, as_of: datetime | None) -> SegmentRows:
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of)
    found = state.rows
    names = definition.features or tuple(name for name in USUAL_FEATURES if name in found.column_names)
    if definition.features is None and definition.target is not None:
        names = tuple(name for name in core_features(found) if name != definition.target)
    names = RFM_COLUMNS if definition.method == "rfm" else names
    required = tuple(name for name in NEEDS_AN_ORDER if name in names)
    return _rows(found, names, definition, state.ids, "customer_id", required, state.as_of)


def _flat_rows(definition: SegmentsDefinition, file: Path) -> SegmentRows:
    found = read_flat(file)
    if definition.id is None:
        ids = np.array([str(i) for i in range(found.num_rows)])
    else:
        _require(found, (definition.id,), file)
        ids = id_units(found.column(definition.id), file, definition.id)
        order = np.argsort(ids, kind="stable")  # the order of a file's rows decides nothing
        found, ids = found.take(pa.array(order)), ids[order]
    own = {definition.id, definition.target}
    names = definition.features or tuple(name for name in feature_columns(found) if name not in own)
    names = RFM_COLUMNS if definition.method == "rfm" else names
    return _rows(found, names, definition, ids, definition.id, (), None, file)


def _rows(
    found: pa.Table,
    names: Sequence[str],
    definition: SegmentsDefinition,
    ids: np.ndarray,
    id_column: str | None,
    required: tuple[str, ...],
    as_of: datetime | None,
    file: Path | None = None,
) -> SegmentRows:
    if not names:
        raise LabError("There is no column to tell customers apart by.", "Name `features`.", file=file)
    _require(found, (*names, *((definition.target,) if definition.target else ())), file)
    features = encode(found, infer_schema(found, names))
    rows = SegmentRows(
        features, found.select(list(names)), ids, id_column, required, content_sha256(found), as_of
    )
    return rows if definition.target is None else _chosen(rows, found, definition)


def _chosen(rows: SegmentRows, found: pa.Table, definition: SegmentsDefinition) -> SegmentRows:
    """Only the features that LASSO keeps for the target."""
    rule = CleaningRule(definition.missing, definition.cap, rows.required)
    cleaned, kept = fit_cleaning(rows.features, rule).apply(rows.features)
    target = _target(found.column(str(definition.target)), str(definition.target))
    choice = choose_features(cleaned, target[kept], seed=definition.seed)
    table = rows.table.select(list(choice.names))
    required = tuple(name for name in rows.required if name in choice.names)
    return replace(
        rows,
        features=encode(table, infer_schema(table, choice.names)),
        table=table,
        required=required,
        choice=choice,
    )


def _target(column: pa.ChunkedArray, name: str) -> Floats:
    try:
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(
            f"The target '{name}' holds {column.type}, not numbers.",
            "Name a column of numbers, or of true and false.",
            key="target",
        ) from error
    return np.asarray(values, dtype=np.float64)


def _require(found: pa.Table, names: Sequence[str], file: Path | None) -> None:
    for name in names:
        if name not in found.column_names:
            raise LabError(
                f"There is no column '{name}'.", did_you_mean(name, found.column_names), file=file, key=name
            )
