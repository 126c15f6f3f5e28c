"""A raw table as the contract has it: its column names, ids as text, times in UTC, money as decimals.

Nothing is converted by halves: a column of which one value cannot be read is refused with its row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from retention_lab.data.schema import TABLES, Column, ColumnType, TableSchema
from retention_lab.data.sources import RawTable, first_row, identifier, literal
from retention_lab.data.text_types import DATE, TIME, ZONED_TIME, refuse_mixed_zones
from retention_lab.data.zones import utc_from_wall_clock
from retention_lab.errors import LabError, did_you_mean

SQL_TYPES: Mapping[ColumnType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "money": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
}
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)
_FLOATING = ("FLOAT", "DOUBLE")
_CLOCK_SKEW = timedelta(days=1)  # a shop's clock, or a time zone not given, may run ahead by hours


@dataclass(frozen=True, slots=True)
class Canonical:
    """A SELECT with the contract's columns, and their names and SQL types in order."""

    select: str
    types: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cell:
    """How one column is read: value is SQL, or NULL; bad is SQL that is true for a cell not understood."""

    value: str
    bad: str | None
    expects: str


def canonical(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    mapping: Mapping[str, str],
    timezone: str,
    now: datetime,
) -> Canonical:
    """The SELECT that gives `raw` the contract's names and types, after checking that it can.

    mapping: canonical name -> the file's name, where they differ. now: aware; times more than a day
    later are refused, but for columns that may lie ahead.
    Raises LabError naming table, column and first row.
    """
    schema = TABLES[raw.table]
    names = _source_names(raw, schema, mapping)
    cells = {
        column.name: _cell(connection, raw, column, names[column.name], timezone)
        for column in schema.columns
        if column.name in names
    }
    _refuse_bad_cells(connection, raw, names, cells)
    _refuse_future(connection, raw, schema, cells, now)
    parts = [f"{cell.value} AS {identifier(name)}" for name, cell in cells.items()]
    types = {name: SQL_TYPES[schema.column(name).type] for name in cells}
    for name, source in _attributes(raw, schema, mapping, set(names.values())).items():
        parts.append(f"{identifier(source)} AS {identifier(name)}")
        types[name] = raw.columns[source]
    return Canonical(f"SELECT {', '.join(parts)} FROM {raw.relation}", types)


def union(parts: Sequence[Canonical]) -> str:
    """One SELECT over several; a column that a part lacks is null there."""
    types = {name: sql_type for part in parts for name, sql_type in part.types.items()}
    selects = []
    for part in parts:
        columns = [
            identifier(name) if name in part.types else f"NULL::{sql_type} AS {identifier(name)}"
            for name, sql_type in types.items()
        ]
        selects.append(f"SELECT {', '.join(columns)} FROM ({part.select})")
    return " UNION ALL ".join(selects)


def _source_names(raw: RawTable, schema: TableSchema, mapping: Mapping[str, str]) -> dict[str, str]:
    """Canonical name -> name in the file; upper and lower case do not matter."""
    by_lower = {name.lower(): name for name in raw.columns}
    names = {}
    for canonical_name in () if schema.open else mapping:
        schema.column(canonical_name)
    for column in schema.columns:
        wanted = mapping.get(column.name, column.name)
        found = wanted if wanted in raw.columns else by_lower.get(wanted.lower())
        if found is not None:
            names[column.name] = found
        elif column.required or column.name in mapping:
            raise LabError(
                f"The table {raw.table!r} has no column {wanted!r}.",
                f"Add it, or map it in lab.yaml: data: {{columns: {{{raw.table}: {{{column.name}: …}}}}}}. "
                + did_you_mean(wanted, raw.columns),
                file=raw.place,
                key=f"{raw.table}.{column.name}",
            )
    return names


def _attributes(
    raw: RawTable, schema: TableSchema, mapping: Mapping[str, str], used: set[str]
) -> dict[str, str]:
    """Attribute -> name in the file, of an open table: whatever the contract does not name."""
    if not schema.open:
        return {}
    renamed = {name: source for name, source in mapping.items() if name not in schema.names}
    for name, source in renamed.items():
        if source not in raw.columns:
            raise LabError(
                f"The table {raw.table!r} has no column {source!r}.",
                did_you_mean(source, raw.columns),
                file=raw.place,
                key=f"{raw.table}.{name}",
            )
    taken = used | set(renamed.values())
    reserved = {name.lower() for name in (*schema.names, *renamed)}
    return renamed | {
        name: name for name in raw.columns if name not in taken and name.lower() not in reserved
    }


def _cell(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, column: Column, name: str, timezone: str
) -> _Cell:
    quoted, found = identifier(name), raw.columns[name]
    if column.type == "time":
        return _time(connection, raw, name, timezone)
    if column.type in ("id", "text"):
        return _Cell(_text(quoted, found), None, "text")
    if column.type == "boolean":
        return _boolean(quoted, found)
    return _number(quoted, found, SQL_TYPES[column.type])


def _text(quoted: str, found: str) -> str:
    """As `labels.label_text`: whole numbers lose `.0`."""
    if found == "VARCHAR":  # trimming knows every space of Unicode, and takes twice the time of all else
        plain = f"ascii({quoted}) > 32 AND NOT suffix({quoted}, ' ') AND strlen({quoted}) = length({quoted})"
        return f"CASE WHEN {plain} THEN {quoted} ELSE NULLIF(trim({quoted}), '') END"
    if found in _FLOATING:
        whole = f"CAST(CAST({quoted} AS BIGINT) AS VARCHAR)"
        is_whole = f"abs({quoted}) < 9e15 AND {quoted} = trunc({quoted})"
        text = f"CASE WHEN {is_whole} THEN {whole} ELSE CAST({quoted} AS VARCHAR) END"
        return f"CASE WHEN NOT isnan({quoted}) THEN {text} END"
    if found.startswith("DECIMAL"):
        return f"regexp_replace(CAST({quoted} AS VARCHAR), '\\.0+$', '')"
    return f"CAST({quoted} AS VARCHAR)"


def _boolean(quoted: str, found: str) -> _Cell:
    expects = "true or false"
    if found == "BOOLEAN":
        return _Cell(quoted, None, expects)
    text = _text(quoted, found) if found in (*_FLOATING, "VARCHAR") else f"CAST({quoted} AS VARCHAR)"
    lower = f"lower({text})"
    value = f"CASE WHEN {lower} IN ('true', '1') THEN true WHEN {lower} IN ('false', '0') THEN false END"
    return _Cell(value, f"{text} IS NOT NULL AND {lower} NOT IN ('true', 'false', '1', '0')", expects)


def _number(quoted: str, found: str, sql_type: str) -> _Cell:
    expects = "numbers"
    if found in _WHOLE or found.startswith("DECIMAL"):
        return _Cell(f"CAST({quoted} AS {sql_type})", None, expects)
    if found in _FLOATING:  # pandas writes a missing number as NaN
        value = f"CASE WHEN isfinite({quoted}) THEN TRY_CAST({quoted} AS {sql_type}) END"
        return _Cell(
            value, f"{quoted} IS NOT NULL AND NOT isnan({quoted}) AND ({value}) IS NULL", "finite numbers"
        )
    if found == "VARCHAR":
        value = f"TRY_CAST(NULLIF(trim({quoted}), '') AS {sql_type})"
        return _Cell(value, f"NULLIF(trim({quoted}), '') IS NOT NULL AND {value} IS NULL", expects)
    return _Cell("NULL", f"{quoted} IS NOT NULL", expects)


def _time(connection: duckdb.DuckDBPyConnection, raw: RawTable, name: str, timezone: str) -> _Cell:
    quoted, found = identifier(name), raw.columns[name]
    expects = "times (2026-03-01, or 2026-03-01T09:00:00+01:00)"
    if found.startswith("TIMESTAMP") and found.endswith("TIME ZONE"):
        # the same instant as AT TIME ZONE 'UTC', without asking the calendar for every row
        return _Cell(f"make_timestamp(epoch_us({quoted}))", None, expects)
    if found.startswith("TIMESTAMP") or found == "DATE":
        return _Cell(_in_utc(connection, raw, f"CAST({quoted} AS TIMESTAMP)", timezone), None, expects)
    if found != "VARCHAR":
        return _Cell("NULL", f"{quoted} IS NOT NULL", expects)
    trimmed = f"NULLIF(trim({quoted}), '')"
    zoned = f"regexp_matches({trimmed}, {literal(ZONED_TIME)})"
    plain = f"regexp_matches({trimmed}, {literal(f'{DATE}|{TIME}')})"
    with_zone, without_zone = first_row(
        connection, f"SELECT count(*) FILTER ({zoned}), count(*) FILTER ({plain}) FROM {raw.relation}"
    )
    if with_zone and without_zone:
        raise refuse_mixed_zones(f"{raw.table}.{name}", with_zone, without_zone, raw.place)
    if with_zone:
        utc = f"regexp_replace({trimmed}, ' ?(UTC|Z)$', '+00')"
        offset = f"regexp_replace({utc}, ' ([+-][0-9:]+)$', '\\1')"
        moment = f"TRY_CAST(CASE WHEN {zoned} THEN {offset} END AS TIMESTAMPTZ)"
        value = f"({moment} AT TIME ZONE 'UTC')"
    else:
        moment = f"TRY_CAST(CASE WHEN {plain} THEN {trimmed} END AS TIMESTAMP)"
        value = _in_utc(connection, raw, moment, timezone)
    return _Cell(value, f"{trimmed} IS NOT NULL AND {moment} IS NULL", expects)


def _in_utc(connection: duckdb.DuckDBPyConnection, raw: RawTable, timestamp: str, timezone: str) -> str:
    """SQL for a wall-clock time of that zone as a naive time in UTC."""
    finite = f"isfinite({timestamp})"
    first, last = first_row(
        connection,
        f"SELECT min({timestamp}) FILTER ({finite}), max({timestamp}) FILTER ({finite}) FROM {raw.relation}",
    )
    return timestamp if first is None else utc_from_wall_clock(timestamp, timezone, first, last)


def _refuse_bad_cells(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, names: Mapping[str, str], cells: Mapping[str, _Cell]
) -> None:
    doubtful = [(name, cell) for name, cell in cells.items() if cell.bad is not None]
    for (name, cell), count in _counts(connection, raw, doubtful, [cell.bad or "" for _, cell in doubtful]):
        numbered = f"SELECT row_number() OVER () AS n, {cell.bad} AS bad FROM {raw.relation}"
        (row,) = first_row(connection, f"SELECT min(n) FROM ({numbered}) WHERE bad")
        raise LabError(
            f"Column {names[name]!r} of the table {raw.table!r} should hold {cell.expects}; {count} rows do "
            f"not, row {row} first (type {raw.columns[names[name]]}).",
            f"Correct the file, or import it, which sets bad rows apart: lab data import {raw.table} FILE.",
            file=raw.place,
            key=f"{raw.table}.{name}",
        )


def _refuse_future(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    schema: TableSchema,
    cells: Mapping[str, _Cell],
    now: datetime,
) -> None:
    times = [
        (name, cell)
        for name, cell in cells.items()
        if schema.column(name).type == "time" and not schema.column(name).may_be_future
    ]
    latest = (now.astimezone(UTC) + _CLOCK_SKEW).replace(tzinfo=None)
    late = [f"{cell.value} > TIMESTAMP '{latest.isoformat(sep=' ')}'" for _, cell in times]
    for (name, _), count in _counts(connection, raw, times, late):
        raise LabError(
            f"The table {raw.table!r} has {count} rows whose {name} lies in the future.",
            "Nothing that has not happened can be learned from: check the dates, their format and the "
            "time zone, or remove those rows.",
            file=raw.place,
            key=f"{raw.table}.{name}",
        )


def _counts(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    cells: Sequence[tuple[str, _Cell]],
    conditions: Sequence[str],
) -> Iterator[tuple[tuple[str, _Cell], int]]:
    """The cells for whose condition rows were found, with their number; one pass over the table."""
    if not cells:
        return
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    row = first_row(connection, f"SELECT {counts} FROM {raw.relation}")
    for cell, count in zip(cells, row, strict=True):
        if count:
            yield cell, int(count)
