"""Parquet files of units as a table that SQL can be asked about, read and added up by Spark."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from retention_lab.data.sources import ENDINGS, identifier
from retention_lab.data.spark_session import spark_session
from retention_lab.data.spark_sql import spark_sql
from retention_lab.data.unit_summary import UnitTable
from retention_lab.errors import LabError

_VIEW = "units"
_NO_NUMBER = ("CAST_", "DATATYPE_MISMATCH")  # how Spark's names for it begin
_GLOB = "[]{}*?\\"


@contextmanager
def open_spark_table(place: str) -> Iterator[UnitTable]:
    """The rows of a Parquet file, of a folder of such files, or of a URI that Spark can read (s3a://, hdfs://).

    Only the columns that are asked for are read; what a query answers comes back as Arrow.
    Raises LabError where the files are missing, damaged or no Parquet, or where a query cannot read them.
    """
    if place.lower().endswith(tuple(ending for ending in ENDINGS if ending != ".parquet")):
        raise LabError(
            "Spark reads Parquet here: it would guess other types of a CSV than this package does.",
            "Write the table as Parquet, or leave `engine` out: DuckDB reads it as it is.",
            file=place,
            key="engine",
        )
    with spark_session() as session:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        def run(sql: str) -> pa.Table:
            try:
                return session.sql(spark_sql(sql)).toArrow()
            except (PySparkException, Py4JError) as error:
                raise _refusal(error, place) from error

        try:
            session.read.parquet(_address(place)).createOrReplaceTempView(_VIEW)
            kinds = session.table(_VIEW).limit(0).toArrow().schema
        except (PySparkException, Py4JError) as error:
            raise LabError(
                "Spark cannot read this as Parquet.",
                "Check the address and its rights; what is there has to be whole Parquet files.",
                file=place,
            ) from error
        yield UnitTable(_VIEW, run, {field.name: field.type for field in kinds})


def content_sha256(table: UnitTable) -> str:
    """Of a Spark table's columns and rows, in whatever order and files they lie; it reads all of them."""
    parts = []
    for name, kind in table.kinds.items():
        column = identifier(name)
        value = f"CAST({column} AS VARCHAR)" if pa.types.is_nested(kind) else column
        parts += [value, f"{column} IS NULL"]  # a missing value alone would leave no trace in a row's hash
    rows = f"SELECT xxhash64({', '.join(parts)}) AS h FROM {table.relation}"
    found = table.run(
        f"SELECT count(*) AS n, sum(CAST(h AS DECIMAL(38, 0))) AS total, bit_xor(h) AS odd FROM ({rows})"
    )
    content = [[name, str(kind)] for name, kind in table.kinds.items()]
    numbers = [str(column[0].as_py()) for column in found.columns]
    return hashlib.sha256(json.dumps([content, numbers], ensure_ascii=False).encode()).hexdigest()


def _address(place: str) -> str:
    """A path as a URI of this machine, in which no sign stands for others."""
    if "://" in place:
        return place
    return "file://" + "".join(f"\\{sign}" if sign in _GLOB else sign for sign in place)


def _refusal(error: Any, place: str) -> LabError:
    """Spark's own words would show the cell: only its name for what happened is told."""
    condition = str(getattr(error, "getCondition", str)() or type(error).__name__)
    if condition.startswith(_NO_NUMBER):
        return LabError(
            "A column holds something that is neither a number nor a date where one is needed.",
            "Check the columns that the metrics and `exposed_at` name.",
            file=place,
        )
    if condition.startswith("FAILED_READ_FILE"):
        return LabError("The files could not be read to their end.", "Export them again.", file=place)
    return LabError(
        f"Spark could not answer ({condition}).",
        "See its log; or leave `engine` out: DuckDB reads the same table.",
        file=place,
    )
