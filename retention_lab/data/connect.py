"""A project's tables as DuckDB views with the contract's names and types, read where they lie."""

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from retention_lab.data.canonical import Canonical, canonical, union
from retention_lab.data.schema import TABLES, table_schema
from retention_lab.data.sources import Wanted, find_tables, first_row, identifier
from retention_lab.errors import ConfigurationError, LabError

_BATCH_ROWS = 262_144
_NEVER_EMPTY = ("customers", "transactions")


@dataclass(frozen=True, slots=True)
class Tables:
    """The open tables. Each is a view of its contract's name on `connection`; close it, or use `with`.

    `order_lines` is `transactions` with `contribution` filled in. Times are naive and in UTC, money is
    DECIMAL(18,4), ids and labels are VARCHAR.
    places: file or database of each table. without_contribution: why contribution is not known, or None.
    """

    connection: duckdb.DuckDBPyConnection
    places: Mapping[str, str]
    timezone: str
    currency: str
    margin_share: float | None
    without_contribution: str | None
    _spill: Path = field(repr=False)

    def has(self, table: str) -> bool:
        """Whether that table is there."""
        return table in self.places

    def require(self, *tables: str) -> None:
        """Raise LabError for the first of these tables that is not there."""
        for table in tables:
            if not self.has(table):
                raise LabError(
                    f"The project has no table {table!r} (one row: {table_schema(table).row}).",
                    f"Add it: lab data import {table} FILE. There are: {', '.join(self.places) or 'none'}.",
                    key="data",
                )

    def columns(self, table: str) -> list[str]:
        """Column names of a table, the contract's first; LabError where the table is not there."""
        self.require(table)
        return [str(row[0]) for row in self.connection.execute(f"DESCRIBE {table}").fetchall()]

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run SQL over the views; $name takes a value of `params` (aware times are turned into UTC).

        Decimals come back as float64, sums of whole numbers as int64.
        Raises LabError when the SQL needs a table that is not there, or contribution that is not known.
        """
        self._refuse_unknown(sql)
        values = {name: _naive_utc(value) for name, value in (params or {}).items()}
        try:
            found = self.connection.sql(sql, params=values or None)
            return _plain(_decimals_as_doubles(found).to_arrow_table())
        except duckdb.InvalidInputException as error:
            if self.without_contribution and self.without_contribution in str(error):
                raise self._no_contribution() from error
            raise
        except duckdb.IOException as error:
            raise LabError(
                "A file of the tables could not be read to its end.",
                "It may have been changed or damaged meanwhile: try again, or export it again.",
            ) from error

    def batches(self, sql: str, params: Mapping[str, Any] | None = None) -> Iterator[pa.RecordBatch]:
        """As `query`, in pieces of some hundred thousand rows, for what is read once and not kept."""
        self._refuse_unknown(sql)
        values = {name: _naive_utc(value) for name, value in (params or {}).items()}
        yield from self.connection.sql(sql, params=values or None).to_arrow_reader(_BATCH_ROWS)

    def data_end(self) -> datetime:
        """The latest ordered_at, aware, in UTC; LabError where there is none."""
        self.require("transactions")
        latest: datetime | None
        (latest,) = first_row(self.connection, "SELECT max(ordered_at) FROM transactions")
        if latest is None:
            raise LabError("No transaction has a time.", "Fill in ordered_at.", key="transactions.ordered_at")
        return latest.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connection and remove what it spilled to disk."""
        self.connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refuse_unknown(self, sql: str) -> None:
        words = {word.lower() for word in re.findall(r"\w+", re.sub(r"'[^']*'", "", sql))}
        if self.without_contribution and {"order_lines", "contribution"} <= words:
            raise self._no_contribution()
        asked = re.findall(r"\b(?:from|join)\s+(\w+)", sql.lower())
        defined = set(re.findall(r"\b(\w+)\s+as\s+(?:materialized\s+)?\(", sql.lower()))
        for name in asked:
            if name not in defined and (name in TABLES or name == "order_lines"):
                self.require("transactions" if name == "order_lines" else name)

    def _no_contribution(self) -> LabError:
        return LabError(
            self.without_contribution or "",
            "Set margin_share in lab.yaml (the share of revenue that is contribution), "
            "or add a column contribution (amount less cost of goods).",
            key="margin_share",
        )


def open_tables(
    source: str | Path,
    folder: Path,
    *,
    tables: Mapping[str, str] | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
    timezone: str = "UTC",
    margin_share: float | None = None,
    currency: str = "EUR",
    only: Collection[str] | None = None,
    threads: int | None = None,
    now: datetime | None = None,
) -> Tables:
    """Open the tables of a project: a folder of Parquet and CSV files, or a DuckDB file (read only).

    source: relative to `folder`, the project's. tables, columns: names where they differ from the
    contract's. only: the tables to open, all where None. now: aware; later rows are refused.
    Launches under data/assignments and data/propensities are part of the tables of those names.
    Raises LabError for what is missing or cannot be read, naming table, column and first row.
    """
    _check_zone(timezone)
    wanted = Wanted(tuple(TABLES) if only is None else tuple(only), tables or {}, columns or {})
    spill = Path(tempfile.gettempdir()) / f"retention-lab-{os.getpid()}-{id(wanted):x}"
    connection = _connection(threads, spill)
    try:
        found: dict[str, list[Canonical]] = {}
        places: dict[str, str] = {}
        for raw in find_tables(connection, source, Path(folder), wanted):
            mapping = wanted.columns.get(raw.table, {}) if raw.table not in found else {}
            part = canonical(connection, raw, mapping, timezone, now or datetime.now(UTC))
            found.setdefault(raw.table, []).append(part)
            places.setdefault(raw.table, raw.place)
        for name, parts in found.items():
            connection.execute(f"CREATE VIEW {name} AS {union(parts)}")
            _refuse_empty(connection, name, places[name])
        problem = _create_order_lines(connection, found, margin_share)
    except BaseException:
        connection.close()
        raise
    return Tables(connection, places, timezone, currency, margin_share, problem, spill)


def _connection(threads: int | None, spill: Path) -> duckdb.DuckDBPyConnection:
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": False,  # nothing is fetched while customer data are open
        "autoload_known_extensions": False,
        "temp_directory": str(spill),
        "memory_limit": f"{_memory_limit_mib()}MiB",
        "threads": threads or os.cpu_count() or 1,
    }
    connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    # it would be drawn on stdout, where commands put one JSON document
    connection.execute("SET enable_progress_bar = false")
    return connection


def _memory_limit_mib() -> int:
    """Half of the machine's memory: models are trained in the same process."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4096
    return max(1024, total // 2 // 2**20)


def _check_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"No time zone is named {timezone!r}.",
            "Use a name such as Europe/Berlin, Asia/Shanghai or UTC.",
            key="timezone",
        ) from error


def _refuse_empty(connection: duckdb.DuckDBPyConnection, name: str, place: str) -> None:
    if name in _NEVER_EMPTY and not first_row(connection, f"SELECT 1 FROM {name} LIMIT 1"):
        raise LabError(f"The table {name!r} is empty.", "Provide a file with data.", file=place)


def _create_order_lines(
    connection: duckdb.DuckDBPyConnection, found: Mapping[str, list[Canonical]], margin_share: float | None
) -> str | None:
    """Create the view; why contribution is not known, where it is not."""
    if "transactions" not in found:
        return None
    columns = {name for part in found["transactions"] for name in part.types}
    discount = "coalesce(discount, 0)" if "discount" in columns else "0"
    others = "* EXCLUDE (contribution)" if "contribution" in columns else "*"
    problem = None
    if margin_share is not None:
        share = f"CAST({margin_share!r} AS DECIMAL(9,8))"
        derived = f"CAST((amount + {discount}) * {share} - {discount} AS DECIMAL(18,4))"
        value = f"coalesce(contribution, {derived})" if "contribution" in columns else derived
    elif "contribution" in columns:
        value = "contribution"
        (missing,) = first_row(connection, "SELECT count(*) FROM transactions WHERE contribution IS NULL")
        if missing:
            problem = f"{missing} transactions have no contribution, and the project has no margin_share."
    else:
        problem = "The transactions have no column contribution, and the project has no margin_share."
        value = f"error('{problem}')::DECIMAL(18,4)"
    connection.execute(
        f"CREATE VIEW order_lines AS SELECT {others}, {value} AS contribution FROM transactions"
    )
    return problem


def _naive_utc(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _decimals_as_doubles(found: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The nearest float64 of every decimal; Arrow's own cast is off by the last digit (0.7000…01)."""
    columns = [
        f"{f'CAST(#{i} AS DOUBLE)' if str(kind).startswith('DECIMAL') else f'#{i}'} AS {identifier(name)}"
        for i, (name, kind) in enumerate(zip(found.columns, found.types, strict=True), start=1)
    ]
    return found.project(", ".join(columns))


def _plain(table: pa.Table) -> pa.Table:
    columns = []
    for column in table.columns:
        kind = column.type
        if pa.types.is_decimal(kind):  # sums of whole numbers, which DuckDB keeps in 128 bits
            column = column.cast(pa.int64())
        elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=table.column_names)
