"""Tables are written as Parquet or CSV, whole or not at all."""

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from retention_lab.errors import LabError
from retention_lab.whole_files import write_whole


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table whole, by the path's ending: .parquet, .csv or .csv.gz."""
    write_whole(path, table_bytes(path, table))


def table_bytes(path: Path, table: pa.Table) -> bytes:
    """The bytes of a table in the format that the path's ending names.

    Raises LabError for an ending other than .parquet, .csv and .csv.gz.
    """
    sink = io.BytesIO()
    name = path.name.lower()
    if name.endswith(".parquet"):
        pq.write_table(table, sink, compression="zstd")
        return sink.getvalue()
    if name.endswith((".csv", ".csv.gz")):
        pa_csv.write_csv(_plain(table), sink, pa_csv.WriteOptions(quoting_style="needed"))
        # mtime 0: the same table gives the same bytes
        return gzip.compress(sink.getvalue(), mtime=0) if name.endswith(".gz") else sink.getvalue()
    raise LabError(
        f"Tables are not written as {path.suffix or 'files without an ending'}.",
        "Choose a name that ends in .parquet, .csv or .csv.gz.",
        file=path,
    )


def _plain(table: pa.Table) -> pa.Table:
    """CSV knows no dictionaries: their values are written."""
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(field.type.value_type))
    return table
