"""Columns of a table of units as arrays: arms, days and levels as codes, values as numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.centres import group_names
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import ALL
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError, did_you_mean
from retention_lab.labels import label_text

MISSING = "(missing)"  # the level of a stratum or segment that a unit has none of


def table_of(table: Any, spec: Specification) -> pa.Table:
    """An Arrow table of an Arrow table, a pandas frame or a mapping; its columns are those that are named."""
    if isinstance(table, pa.Table):
        rows = table
    elif isinstance(table, Mapping):
        rows = pa.table({str(name): pa.array(values, from_pandas=True) for name, values in table.items()})
    else:
        rows = pa.Table.from_pandas(table, preserve_index=False)
    if spec.arm is None or spec.control is None:
        raise LabError("The specification does not say who is in which arm.", "Give `arm` and `control`.")
    named = [spec.arm, spec.unit, spec.exposed_at, spec.cluster, spec.strata, *spec.analysis.divisions]
    for name in named:
        require_column(rows, name)
    if len(rows) == 0:
        raise LabError("The table has no rows.", "Provide one row for each unit.")
    return rows


def require_column(rows: pa.Table, name: str | None) -> None:
    """Raises LabError where a column that is named is not there."""
    if name is not None and name not in rows.column_names:
        raise LabError(f"The table has no column '{name}'.", did_you_mean(name, rows.column_names), key=name)


def refuse_repeats(rows: pa.Table, spec: Specification) -> None:
    """Raises LabError where a unit stands in two rows, in one arm or in several: rows would not be
    independent."""
    if spec.unit is None:
        return
    units = label_text(rows[spec.unit])
    if units.null_count:
        raise LabError(
            f"{units.null_count} rows have no '{spec.unit}'.", "Fill the ids in, or leave those rows out."
        )
    counts = pc.value_counts(units)
    repeated = pc.greater(counts.field("counts"), 1)
    many = int(pc.sum(repeated).as_py() or 0)
    if many == 0:
        return
    odd = counts.field("values").filter(repeated)
    inside = pa.table({"unit": units, "arm": label_text(rows[spec.arm])})
    inside = inside.filter(pc.is_in(units, odd)).group_by("unit").aggregate([("arm", "count_distinct")])
    switched = int(pc.sum(pc.greater(inside["arm_count_distinct"], 1)).as_py() or 0)
    raise LabError(
        f"{many} units stand in more than one row, {switched} of them in more than one arm.",
        "Give one row a unit, with its totals; leave out units that changed arms, from all arms alike.",
        key="unit",
    )


def arm_codes(
    rows: pa.Table, spec: Specification, known: tuple[str, ...] | None
) -> tuple[tuple[str, ...], Ints]:
    """The arms, control first, and the position of each row's. Raises LabError for an arm that is not
    known."""
    text = label_text(rows[spec.arm])
    if text.null_count:
        raise LabError(
            f"{text.null_count} rows have no arm in '{spec.arm}'.",
            "Fill them in, or leave those rows out if none was assigned.",
            key="arm",
        )
    arms = arm_names(text.unique().to_pylist(), spec, known)
    return arms, codes(text, arms)


def arm_names(there: Iterable[str], spec: Specification, known: tuple[str, ...] | None) -> tuple[str, ...]:
    """The arms, control first, then as planned, else sorted. there: those that units have.

    Raises LabError for an arm that was not planned, or that no unit has.
    """
    found, control = sorted(there), str(spec.control)
    planned = known or (tuple(spec.planned_shares) if spec.planned_shares else None)
    for name in found if planned is not None else ():
        if name not in (planned or ()):
            raise LabError(
                f"'{name}' is an arm in the rows, but was not planned.",
                did_you_mean(name, planned or ()),
                key="arm",
            )
    if known is not None:
        return known  # a day on which an arm got nobody is no fault
    if control not in found:
        raise LabError(
            f"No row has the control arm '{control}'.", did_you_mean(control, found), key="control"
        )
    arms = (control, *(name for name in planned or found if name != control))
    empty = [name for name in arms if name not in found]
    if empty:
        raise LabError(
            f"The arm '{empty[0]}' was planned, but no row has it.",
            "Check the assignment, or leave the arm out of `planned_shares`.",
            key="arm",
        )
    if len(arms) < 2:
        raise LabError("All rows have one arm: there is nothing to compare.", "Check the column.", key="arm")
    return arms


def level_codes(rows: pa.Table, by: str | None) -> tuple[tuple[str, ...], Ints]:
    """The levels of a column, sorted as text, and the position of each row's; one level where there is
    none."""
    if by is None:
        return ALL, np.zeros(len(rows), dtype=np.int64)
    text = pc.fill_null(label_text(rows[by]), MISSING)
    levels = tuple(sorted(text.unique().to_pylist()))
    return levels, codes(text, levels)


def score_codes(score: Floats, edges: Sequence[float]) -> tuple[tuple[str, ...], Ints]:
    """The groups of a score, lowest first, and the group of each row; who has no score is a level of their
    own."""
    names = group_names(edges)
    code = np.searchsorted(np.array(edges, dtype=np.float64), score, side="left").astype(np.int64)
    lacking = np.isnan(score)
    if not lacking.any():
        return names, code
    return (MISSING, *names), np.where(lacking, 0, code + 1)


def closing_days(
    rows: pa.Table, spec: Specification, as_of: date | None
) -> tuple[tuple[str, ...], Ints, Bools]:
    """The days on which windows close, the position of each row's, and whether it has closed by `as_of`."""
    if spec.exposed_at is None:
        return ALL, np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=np.bool_)
    days = _days(rows, spec.exposed_at)
    closing = days + np.timedelta64(spec.window_days or 0, "D")
    latest = np.datetime64(as_of, "D") if as_of is not None else days.max()
    closed = np.asarray(closing <= latest, dtype=np.bool_)
    if not closed.any():
        raise LabError(
            f"No unit's window of {spec.window_days} days has closed by {latest}.",
            "Wait, or shorten `window_days`.",
            key="window_days",
        )
    names, code = np.unique(closing[closed], return_inverse=True)
    day = np.zeros(len(rows), dtype=np.int64)
    day[closed] = code
    return tuple(str(name) for name in names), day, closed


def numbers(rows: pa.Table, name: str) -> Floats:
    """(n,) a column as numbers, NaN where missing. Raises LabError where it holds something else."""
    require_column(rows, name)
    column = rows[name]
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        column = column.cast(pa.float64(), safe=False)
    elif not pa.types.is_floating(kind) and not pa.types.is_null(kind):
        raise LabError(
            f"'{name}' holds {kind}, not numbers.", "Name another column, or convert it.", key=name
        )
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def codes(text: pa.ChunkedArray, names: tuple[str, ...]) -> Ints:
    """(n,) position of each text among the names."""
    found = pc.index_in(text, value_set=pa.array(names, type=pa.string()))
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _days(rows: pa.Table, name: str) -> np.ndarray:
    column = rows[name]
    if column.null_count:
        raise LabError(
            f"{column.null_count} rows have no time in '{name}'.", "Fill them in, or leave those rows out."
        )
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_slice_codeunits(column, 0, 10)
    try:
        return np.asarray(column.cast(pa.date32()).to_numpy(), dtype="datetime64[D]")
    except pa.ArrowInvalid as error:
        raise LabError(
            f"'{name}' holds something that is no date.", "Write dates as 2026-03-01.", key="exposed_at"
        ) from error
