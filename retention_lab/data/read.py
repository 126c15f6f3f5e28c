"""Flat tables from files: CSV in the dialects that shops really have, and Parquet, into Arrow.

The file is never changed, and its rows keep their order. Row numbers in errors count the rows below
the header, from 1.
"""

import gzip
import zlib
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retention_lab.data.csv_text import parse_csv, refuse_duplicates
from retention_lab.data.text_types import matches, typed_columns
from retention_lab.errors import LabError, did_you_mean

_WHOLE_OR_POINT_ZERO = r"^[+-]?\d+(\.0+)?$"
_ZIP, _GZIP, _PARQUET, _SQLITE = b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"SQLite format 3"


def read_flat(path: Path, *, as_text: Collection[str] = ()) -> pa.Table:
    """Read a CSV (or .csv.gz, TSV) or Parquet file.

    Types: whole numbers int64, numbers float64, true/false boolean, dates date32, times timestamp[us]
    (with zone: in UTC), everything else text. A blank CSV cell is null. Delimiter (, ; tab |), decimal
    comma, byte order mark, UTF-8 or Windows-1252 are found out.
    as_text: columns of a CSV that stay text whatever they hold.
    Raises LabError for a file that is missing, unreadable, empty, damaged, binary, ragged, without
    delimiter, with duplicate column names, or with a column of times partly with a zone.
    """
    table = read_possibly_empty(path, as_text=as_text)
    if table.num_rows == 0:
        raise LabError("The table has a header and no rows.", "Provide a file with data.", file=path)
    return table


def read_possibly_empty(path: Path, *, as_text: Collection[str] = ()) -> pa.Table:
    """As `read_flat`, for tables that may have no rows yet, such as redemptions."""
    path = Path(path)
    start = check_readable(path)
    if start.startswith(_PARQUET) or path.name.lower().endswith((".parquet", ".pq")):
        return _read_parquet(path)
    names, columns = parse_csv(_content(path, start), path)
    return typed_columns(dict(zip(names, columns, strict=True)), as_text, path)


def read_with_text(path: Path, names: Collection[str]) -> pa.Table:
    """As `read_possibly_empty`; these columns are text, and lose the `.0` that all their numbers have
    after a detour over floating point.
    """
    table = read_possibly_empty(path, as_text=names)
    kept = {name.lower() for name in names}
    for i, name in enumerate(table.column_names):
        values = table.column(i)
        if name.lower() in kept and pa.types.is_string(values.type) and matches(values, _WHOLE_OR_POINT_ZERO):
            values = pc.replace_substring_regex(values, pattern=r"\.0+$", replacement="")
            table = table.set_column(i, name, values)
    return table


def check_readable(path: Path) -> bytes:
    """The first bytes of a file; LabError unless it is there, is a file, may be read and is not empty."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError as error:
        raise LabError("There is no such file.", _what_is_there(path), file=path) from error
    except IsADirectoryError as error:
        raise LabError(
            "This is a folder; a table is a file.", "Name the file inside it.", file=path
        ) from error
    except OSError as error:
        raise LabError(
            f"The file cannot be read: {error.strerror}.", "Check its permissions.", file=path
        ) from error
    if not start:
        raise LabError(
            "The file is empty (0 bytes).",
            "It may not have been copied to the end: export it again.",
            file=path,
        )
    for magic, what in ((_ZIP, "a ZIP archive or Excel workbook"), (_SQLITE, "an SQLite database")):
        if start.startswith(magic):
            raise LabError(f"This is {what}, not a CSV.", "Export the table as CSV or Parquet.", file=path)
    return start


def _what_is_there(path: Path) -> str:
    if not path.parent.is_dir():
        return f"Neither is there a folder {path.parent.name!r}: check the path."
    names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    if not names:
        return "Its folder is empty: check the path."
    if len(names) > 20:
        return "Check the path."
    return did_you_mean(path.name, names)


def _content(path: Path, start: bytes) -> bytes:
    try:
        if start.startswith(_GZIP):
            with gzip.open(path) as file:
                return file.read()
        return path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LabError(
            "The compressed file is damaged or cut short.", "Copy or export it again.", file=path
        ) from error
    except OSError as error:
        raise LabError(
            f"The file cannot be read: {error.strerror}.", "Check its permissions.", file=path
        ) from error


def _read_parquet(path: Path) -> pa.Table:
    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file).read()
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise LabError(
            "This is not a whole Parquet file.",
            "It is damaged, cut short, or another format under this name: export it again.",
            file=path,
        ) from error
    refuse_duplicates(table.column_names, path)
    return pa.table([_plain(column) for column in table.columns], names=table.column_names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The few types that a CSV gives too, so that a table does not depend on its format."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_uint64(kind) and (pc.max(column).as_py() or 0) >= 2**63:
        return column.cast(pa.string())  # beyond int64 it can only be an id
    if pa.types.is_integer(kind):
        return column.cast(pa.int64())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    if pa.types.is_date(kind):
        return column.cast(pa.date32())
    return column
