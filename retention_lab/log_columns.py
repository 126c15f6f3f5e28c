"""Columns of a log as numbers: who, as places in a list of names; when, as days since 1970."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.labels import label_text


def coded(column: Any, what: str, why: str) -> tuple[np.ndarray, Ints]:
    """Names in the order of their first line, and (n,) the place of each line's name among them.

    what, why: for the message. Raises LabError where a line has none.
    """
    text = label_text(_chunked(column))
    if text.null_count:
        row = int(pc.index(pc.is_null(text), True).as_py())
        raise LabError(f"Row {row + 1} has no {what} ({text.null_count} rows have none).", why, key=what)
    codes = text.combine_chunks().dictionary_encode()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.unify_dictionaries().combine_chunks()
    names = np.asarray(codes.dictionary.to_numpy(zero_copy_only=False), dtype=object)
    return names, np.asarray(codes.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def day_numbers(column: Any) -> Ints:
    """(n,) days since 1970 of dates, times, or text that begins with a date.

    Raises LabError where one is missing or is none.
    """
    times = _chunked(column)
    if pa.types.is_string(times.type) or pa.types.is_large_string(times.type):
        times = _parsed(times)
    if not (pa.types.is_date(times.type) or pa.types.is_timestamp(times.type)):
        raise LabError(
            f"The times of the log are {times.type}, not dates.", "Write them as 1997-09-30.", key="time"
        )
    if times.null_count:
        row = int(pc.index(pc.is_null(times), True).as_py())
        raise LabError(
            f"Row {row + 1} has no time ({times.null_count} rows have none).", "Fill it in.", key="time"
        )
    dates = times.cast(pa.date32(), safe=False) if not pa.types.is_date32(times.type) else times
    return np.asarray(dates.cast(pa.int32()).to_numpy(), dtype=np.int64)


def _chunked(column: Any) -> pa.ChunkedArray:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([pa.array(column)])


def _parsed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return pc.utf8_slice_codeunits(column, 0, 10).cast(pa.date32())
    except pa.ArrowInvalid as error:
        raise LabError(
            "The times of the log are no dates.", "Write them as 1997-09-30.", key="time"
        ) from error
