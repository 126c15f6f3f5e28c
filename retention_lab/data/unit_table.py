"""A flat file of units as a table that SQL can be asked about, read where it lies."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from retention_lab.data.read import check_readable, read_flat
from retention_lab.data.sources import literal
from retention_lab.data.unit_summary import UnitTable
from retention_lab.errors import LabError

_PARQUET = (".parquet", ".pq")


@contextmanager
def open_unit_file(path: Path, *, threads: int | None = None) -> Iterator[UnitTable]:
    """The file's rows; Parquet stays on disk, so that only the columns that are asked for are read.

    Raises LabError where it is missing, damaged or empty, or where a query cannot read it to its end.
    """
    with _connection(threads) as connection:
        if path.name.lower().endswith(_PARQUET):
            check_readable(path)
            relation = f"read_parquet({literal(str(path))})"
            try:
                kinds = connection.sql(f"SELECT * FROM {relation} LIMIT 0").to_arrow_table().schema
            except duckdb.Error as error:
                raise LabError("This is not a whole Parquet file.", "Export it again.", file=path) from error
            yield _table(connection, relation, kinds, path)
        else:
            rows = read_flat(path)
            connection.register("units", rows)
            yield _table(connection, "units", rows.schema, path)


@contextmanager
def open_unit_rows(rows: pa.Table, *, threads: int | None = None) -> Iterator[UnitTable]:
    """Rows that are in memory already."""
    with _connection(threads) as connection:
        connection.register("units", rows)
        yield _table(connection, "units", rows.schema, None)


def file_sha256(path: Path) -> str:
    """Of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _connection(threads: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = {
        "autoinstall_known_extensions": False,  # nothing is fetched while customer data are open
        "autoload_known_extensions": False,
        "threads": threads or os.cpu_count() or 1,
    }
    connection = duckdb.connect(config=settings)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")  # it is drawn on stdout
        yield connection
    finally:
        connection.close()


def _table(
    connection: duckdb.DuckDBPyConnection, relation: str, schema: pa.Schema, path: Path | None
) -> UnitTable:
    def run(sql: str) -> pa.Table:
        try:
            return connection.sql(sql).to_arrow_table()
        except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
            raise LabError(
                "A column holds something that is neither a number nor a date where one is needed.",
                "Check the columns that the metrics and `exposed_at` name.",
                file=path,
            ) from error
        except duckdb.IOException as error:
            raise LabError("The file could not be read to its end.", "Export it again.", file=path) from error

    return UnitTable(relation, run, {field.name: field.type for field in schema})
