"""One column of a foreign table into the contract's type: what could be read, and which cells could not."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.data.schema import ColumnType
from retention_lab.data.text_types import readable_numbers, readable_times
from retention_lab.labels import label_text

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "time": pa.timestamp("us", "UTC"),
    "money": pa.float64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}

_BEFORE = pa.scalar(
    timedelta(hours=6), pa.duration("us")
)  # no clock skips more, and none changes twice a day


@dataclass(frozen=True, slots=True)
class Converted:
    """values: null where missing or unreadable. unreadable: true where there was something, but not that."""

    values: pa.ChunkedArray
    unreadable: pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read. timezone: of times that name none. time_format: strptime's, or None for ISO."""

    file: Path
    timezone: str
    time_format: str | None = None


def convert(name: str, column: pa.ChunkedArray, wanted: ColumnType, reading: Reading) -> Converted:
    """Turn a column into the type that the contract gives it.

    Raises LabError when the column as a whole can be read in two ways.
    """
    if wanted in ("id", "text"):
        values = _text(column)
        return Converted(values, _nowhere(column))
    if wanted == "time":
        values = _times(name, column, reading)
    elif wanted == "boolean":
        values = _booleans(column)
    else:
        values = _numbers(name, column, reading)
    return Converted(values, pc.and_(_present(column), pc.is_null(values)))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(label_text(column))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)


def _numbers(name: str, column: pa.ChunkedArray, reading: Reading) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        numbers = readable_numbers(name, column, reading.file)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = column.cast(pa.float64())
    else:
        return _all_null(column, pa.float64())
    return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))


def _times(name: str, column: pa.ChunkedArray, reading: Reading) -> pa.ChunkedArray:
    if pa.types.is_string(column.type):
        column = (
            pc.strptime(pc.utf8_trim_whitespace(column), reading.time_format, "us", error_is_null=True)
            if reading.time_format
            else readable_times(name, column, reading.file)
        )
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.cast(pa.timestamp("us", "UTC"))
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return _all_null(column, pa.timestamp("us", "UTC"))
    return _instants(column.cast(pa.timestamp("us")), reading.timezone)


def _instants(local: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """Wall-clock times as instants, as `zones.utc_from_wall_clock` has them.

    A time that the clock shows twice is the earlier one; one that it skips is read with the difference that
    held before.
    """
    found = pc.assume_timezone(local, timezone, ambiguous="earliest", nonexistent="latest")
    earlier = pc.assume_timezone(
        pc.subtract(local, _BEFORE), timezone, ambiguous="earliest", nonexistent="latest"
    )
    skipped = pc.not_equal(pc.local_timestamp(found), local)
    return pc.if_else(skipped, pc.add(earlier, _BEFORE), found).cast(pa.timestamp("us", "UTC"))


def _booleans(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_boolean(column.type):
        return column
    text = pc.utf8_lower(_text(column))
    yes = pc.is_in(text, value_set=pa.array(["true", "1", "yes"]))
    no = pc.is_in(text, value_set=pa.array(["false", "0", "no"]))
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


def _present(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Neither null, nor blank, nor NaN (pandas' missing number)."""
    if pa.types.is_string(column.type):
        blank = pc.equal(pc.utf8_trim_whitespace(column), "")
        return pc.fill_null(pc.invert(blank), False)
    if pa.types.is_floating(column.type):
        return pc.fill_null(pc.invert(pc.is_nan(column)), False)
    return pc.is_valid(column)


def _nowhere(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(False), len(column))])


def _all_null(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(column), kind)])
