"""A foreign table cleaned into one of the contract's: what was kept, what was refused, and why.

Refused, with a reason each: rows without an id or time that the table needs; cells that are not what
their column holds; times in the future; values out of bounds; a quantity and an amount of opposite
signs; a second row of a key that is taken by a different one. Negative amounts are returns and stay.
Rows equal in every column of the source are kept once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.data.convert import ARROW_TYPES, Converted, Reading, convert
from retention_lab.data.schema import Column, TableSchema
from retention_lab.errors import LabError, did_you_mean

REASON = "refused_because"  # a preset may fill it for rows that it can tell are not wanted
ROW = "row"
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """table: contract columns. refused: the source's rows with row number and reason.

    duplicates: rows of the source that were equal to an earlier one. columns: contract name -> source's.
    ignored: columns of the source that were not used. retyped: contract name -> the type it came in.
    """

    table: pa.Table
    refused: pa.Table
    duplicates: int
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    retyped: Mapping[str, str]

    @property
    def reasons(self) -> dict[str, int]:
        """Reason -> rows refused for it, the commonest first."""
        return count_reasons(self.refused)


def clean(
    source: pa.Table, schema: TableSchema, mapping: Mapping[str, str], reading: Reading, now: datetime
) -> Cleaned:
    """Map, convert and sift a table; the source's rows keep their order.

    mapping: contract name -> the source's name, where they differ. now: aware.
    Raises LabError when a column that the table needs is not there, or can be read in two ways.
    """
    columns = source_columns(source, schema, mapping)
    numbered = source.append_column(ROW, pa.array(range(1, source.num_rows + 1), pa.int64()))
    unique = _first_of_equals(numbered)
    converted = {
        name: convert(column, unique.column(column), schema.column(name).type, reading)
        for name, column in columns.items()
    }
    reasons = _reasons(unique, schema, converted, now)
    values: dict[str, pa.ChunkedArray] = {name: column.values for name, column in converted.items()}
    unused = [name for name in source.column_names if name not in columns.values() and name != REASON]
    if schema.open:
        values |= {name: unique.column(name) for name in unused if name not in values}
    reasons = _taken_keys(pa.table(values), schema, reasons)
    kept = pc.is_null(reasons)
    refused = unique.filter(pc.invert(kept))
    refused = refused.drop_columns([name for name in (REASON,) if name in refused.column_names])
    return Cleaned(
        table=pa.table(values).filter(kept),
        refused=refused.append_column(REASON, reasons.filter(pc.invert(kept))),
        duplicates=source.num_rows - unique.num_rows,
        columns=columns,
        ignored=() if schema.open else tuple(unused),
        retyped=_retyped(source, schema, columns),
    )


def source_columns(source: pa.Table, schema: TableSchema, mapping: Mapping[str, str]) -> dict[str, str]:
    """Contract name -> the source's name, in the contract's order; upper and lower case do not matter.

    Raises LabError for a mapping from or to a column that is not there, and for a missing one.
    """
    for name in mapping:
        schema.column(name)
    by_lower = {name.lower(): name for name in source.column_names}
    found = {}
    for column in schema.columns:
        wanted = mapping.get(column.name, column.name)
        there = wanted if wanted in source.column_names else by_lower.get(wanted.lower())
        if there is not None:
            found[column.name] = there
        elif column.name in mapping or column.required:
            raise LabError(
                f"The file has no column {wanted!r}, which holds {column.meaning}.",
                f"Name the column that does: --map {column.name}=COLUMN. "
                + did_you_mean(wanted, source.column_names)
                + f" A table of {schema.name} has {schema.described}.",
                key=column.name,
            )
    if schema.name == "suppressions" and not {"customer_id", "email"} & set(found):
        raise LabError("The file has neither customer_id nor email.", "Map one: --map email=COLUMN.")
    return found


def merge(existing: pa.Table, cleaned: pa.Table, schema: TableSchema) -> tuple[pa.Table, pa.Table, pa.Table]:
    """(existing with new rows appended, rows already there, rows whose key is taken by another row).

    A row is already there when an existing one is equal in all columns that both have.
    """
    shared = [name for name in cleaned.column_names if name in existing.column_names]
    rows = cleaned.append_column(ROW, pa.array(range(cleaned.num_rows), pa.int64()))
    aligned = existing.select(shared).cast(cleaned.select(shared).schema)
    seen = _rows_in(rows, aligned, shared)
    fresh = rows.filter(pc.invert(pc.is_in(rows.column(ROW), value_set=seen)))
    taken = _rows_in(fresh, aligned, list(schema.key)) if schema.key else pa.array([], pa.int64())
    is_taken = pc.is_in(fresh.column(ROW), value_set=taken)
    appended = fresh.filter(pc.invert(is_taken)).drop_columns([ROW])
    both = pa.concat_tables([existing, appended], promote_options="permissive")
    already = rows.filter(pc.is_in(rows.column(ROW), value_set=seen)).drop_columns([ROW])
    return both, already, fresh.filter(is_taken).drop_columns([ROW])


def count_reasons(refused: pa.Table) -> dict[str, int]:
    """Reason -> rows, the commonest first."""
    counted = pc.value_counts(refused.column(REASON)).to_pylist()
    ordered = sorted(counted, key=lambda item: (-item["counts"], item["values"]))
    return {str(item["values"]): int(item["counts"]) for item in ordered}


def _first_of_equals(numbered: pa.Table) -> pa.Table:
    plain = [name for name in numbered.column_names if name != ROW]
    first = numbered.group_by(plain).aggregate([(ROW, "min")]).column(f"{ROW}_min")
    return numbered.filter(pc.is_in(numbered.column(ROW), value_set=first.combine_chunks()))


def _rows_in(rows: pa.Table, existing: pa.Table, keys: list[str]) -> pa.Array:
    """Numbers of the rows whose keys occur in `existing`; nulls are equal, unlike in a join."""
    there = existing.select(keys).append_column(ROW, pa.nulls(existing.num_rows, pa.int64()))
    both = pa.concat_tables([rows.select([*keys, ROW]), there.cast(rows.select([*keys, ROW]).schema)])
    is_old = pc.is_null(both.column(ROW))
    marked = both.append_column("old", is_old)
    groups = marked.group_by(keys).aggregate([("old", "any"), (ROW, "list")])
    lists = groups.filter(groups.column("old_any")).column(f"{ROW}_list")
    numbers = pc.list_flatten(lists).drop_null()
    return numbers.combine_chunks() if isinstance(numbers, pa.ChunkedArray) else numbers


def _reasons(
    unique: pa.Table, schema: TableSchema, converted: Mapping[str, Converted], now: datetime
) -> pa.ChunkedArray:
    """The first reason against each row, or null."""
    reasons = _nulls(unique.num_rows)
    if REASON in unique.column_names:
        reasons = unique.column(REASON).cast(pa.string())
    for name, column in converted.items():
        for reason, mask in _column_faults(schema.column(name), column, now):
            reasons = _say(reasons, mask, reason)
    if {"quantity", "amount"} <= set(converted):
        signs = pc.multiply(pc.sign(converted["quantity"].values), pc.sign(converted["amount"].values))
        reasons = _say(reasons, pc.less(signs, 0), "quantity and amount have opposite signs")
    if schema.name == "suppressions":
        given = [
            pc.is_valid(converted[name].values) for name in ("customer_id", "email") if name in converted
        ]
        anyone = given[0] if len(given) == 1 else pc.or_(*given)
        reasons = _say(reasons, pc.invert(anyone), "neither customer_id nor email")
    return reasons


def _column_faults(column: Column, converted: Converted, now: datetime) -> list[tuple[str, pa.ChunkedArray]]:
    values, name = converted.values, column.name
    what = {"time": "time", "boolean": "true or false"}.get(column.type, "number")
    faults = [(f"{name} is no {what}", converted.unreadable)]
    if column.required and not column.may_be_missing:
        faults.append((f"{name} is missing", pc.is_null(values)))
    if column.type == "time" and not column.may_be_future:
        latest = pa.scalar(now.astimezone(UTC) + _AHEAD, ARROW_TYPES["time"])
        faults.append((f"{name} lies in the future", pc.greater(values, latest)))
    if column.bounds is not None:
        low, high = column.bounds
        outside = pc.or_(pc.less(values, low), pc.greater(values, high))
        faults.append((f"{name} is out of bounds", outside))
    return faults


def _taken_keys(values: pa.Table, schema: TableSchema, reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    """Refuse all but the first acceptable row of every key."""
    if not schema.key:
        return reasons
    rows = values.select(list(schema.key)).append_column(ROW, pa.array(range(values.num_rows), pa.int64()))
    acceptable = rows.filter(pc.is_null(reasons))
    first = acceptable.group_by(list(schema.key)).aggregate([(ROW, "min")]).column(f"{ROW}_min")
    repeated = pc.invert(pc.is_in(rows.column(ROW), value_set=first.combine_chunks()))
    return _say(reasons, repeated, f"{' and '.join(schema.key)} again, with other values")


def _say(reasons: pa.ChunkedArray, mask: pa.ChunkedArray, reason: str) -> pa.ChunkedArray:
    new = pc.and_(pc.is_null(reasons), pc.fill_null(mask, False))
    return pc.if_else(new, pa.scalar(reason), reasons)


def _nulls(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(rows, pa.string())])


def _retyped(source: pa.Table, schema: TableSchema, columns: Mapping[str, str]) -> dict[str, str]:
    """Columns that came in another kind of type; a whole number is a number, and any time is a time."""
    retyped = {}
    for name, column in columns.items():
        came, wanted = source.schema.field(column).type, ARROW_TYPES[schema.column(name).type]
        both_numbers = pa.types.is_integer(came) and pa.types.is_floating(wanted)
        both_times = pa.types.is_temporal(came) and pa.types.is_temporal(wanted)
        if came != wanted and not both_numbers and not both_times:
            retyped[name] = str(came)
    return retyped
