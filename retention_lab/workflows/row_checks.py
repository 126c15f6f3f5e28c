"""What can be checked of the rows of an uplift model before any fit."""

import numpy as np
import pyarrow as pa

from retention_lab.checks import Check
from retention_lab.uplift.checks import Times, checks
from retention_lab.uplift.sample import UpliftSample
from retention_lab.workflows.row_units import units_check
from retention_lab.workflows.uplift_rows import UpliftRows


def row_checks(rows: UpliftRows, sample: UpliftSample | None = None) -> list[Check]:
    """All checks, with the plan and the times of the rows. sample: theirs, where it is there already."""
    found = rows.sample(rows.schema()) if sample is None else sample
    return [
        *checks(found, rows.arms, _planned(rows), times=times(rows)),
        units_check(rows.customer, several=rows.number is None),
    ]


def times(rows: UpliftRows) -> Times:
    """The rows' own times, and their features that are dates."""
    columns = {name: rows.table.column(name) for name in rows.table.column_names}
    dates = {name: moments(column) for name, column in columns.items() if _is_date(column.type)}
    return Times(rows.time, dates)


def moments(column: pa.ChunkedArray) -> np.ndarray:
    """(n,) datetime64[us] in UTC of a column of dates or times; NaT where missing."""
    return np.asarray(column.cast(pa.timestamp("us"), safe=False).to_numpy())


def _is_date(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _planned(rows: UpliftRows) -> dict[str, float] | None:
    if rows.planned is None:
        return None
    return dict(zip(rows.arms, rows.planned.tolist(), strict=True))
