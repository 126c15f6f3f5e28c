"""Ids of units as text, whatever they came as: one run of UTF-8 bytes, in which the loops need no objects."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError

Bytes = npt.NDArray[np.uint8]
_HOW: Final = "Give text or whole numbers, one id a unit."


@dataclass(frozen=True, slots=True)
class UnitIds:
    """(n,) ids: the i-th is the text in data[offset[i]:offset[i + 1]]. Both arrays are read-only.

    data: UTF-8. offset: (n + 1,).
    """

    data: Bytes
    offset: Ints

    def __len__(self) -> int:
        return len(self.offset) - 1

    def texts(self) -> list[str]:
        """(n,) the ids as they would be printed."""
        data, ends = self.data.tobytes(), self.offset.tolist()
        return [data[a:b].decode() for a, b in pairwise(ends)]


Ids = UnitIds | Iterable[object]


def unit_ids(ids: Ids) -> UnitIds:
    """Text of (n,) ids: an Arrow, pandas or numpy array of text or of whole numbers, or an iterable of them.

    Whole numbers are written without a point, also where a table keeps them as floats: 42, 42.0 and "42" are
    one unit. Arrow text of 64-bit offsets is not copied.
    Raises LabError where an id is missing, or is neither text nor a whole number.

    >>> unit_ids([42, 42.0, "42"]).texts()
    ['42', '42', '42']
    """
    if isinstance(ids, UnitIds):
        return ids
    if isinstance(ids, (str, bytes)):
        raise LabError("One text was given where ids are expected, one a unit.", "Put it into a list.")
    if isinstance(ids, np.ndarray):
        if ids.ndim != 1:
            raise LabError(f"The ids have {ids.ndim} dimensions.", "Give one column.")
        if ids.dtype.kind in "iuf":
            return _of_numbers(ids)
    return _of_arrow(_arrow(ids if hasattr(ids, "__len__") else list(ids)))


def utf8(text: str) -> Bytes:
    """(bytes,) of a seed, read-only as those of ids are, so that one compiled loop serves both.

    Raises LabError where it is not text.
    """
    return np.frombuffer(_encoded(text, "The seed"), dtype=np.uint8)


def _arrow(ids: Any) -> Any:
    """As an Arrow array; element by element where Arrow finds no type for them."""
    import pyarrow as pa

    if isinstance(ids, (pa.Array, pa.ChunkedArray)):
        return ids
    try:
        if hasattr(ids, "__arrow_c_stream__"):
            return pa.chunked_array(ids)
        return pa.array(ids, from_pandas=True)
    except (TypeError, ValueError, OverflowError, NotImplementedError):
        return pa.array([_text(one, row) for row, one in enumerate(ids)], type=pa.large_string())


def _of_arrow(ids: Any) -> UnitIds:
    import pyarrow as pa

    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    if len(ids) == 0:
        return UnitIds(*_frozen(np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)))
    if ids.null_count:
        _refuse_missing(ids.is_null().to_numpy(zero_copy_only=False))
    if pa.types.is_integer(ids.type) or pa.types.is_floating(ids.type):
        return _of_numbers(ids.to_numpy(zero_copy_only=False))
    if str(ids.type) == "extension<arrow.uuid>":
        ids = pa.array([str(one) for one in ids.to_pylist()])
    if not _is_text(ids.type):
        raise LabError(f"The ids are of type {ids.type}.", _HOW)
    try:
        texts = ids.cast(pa.large_string())
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        texts.validate(full=True)  # a loop that trusted broken UTF-8 would read beyond its end
    except pa.ArrowInvalid as error:
        raise LabError("The ids hold bytes that are not UTF-8.", "Write them as UTF-8 text.") from error
    _, offset, data = texts.buffers()
    first, last = texts.offset, texts.offset + len(texts) + 1
    return UnitIds(
        np.frombuffer(b"" if data is None else data, dtype=np.uint8),
        np.frombuffer(offset, dtype=np.int64)[first:last],
    )


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or (types.is_decimal(kind) and kind.scale == 0)  # how databases hand over large whole numbers
    )


def _of_numbers(values: np.ndarray) -> UnitIds:
    from retention_lab.abtest import hash_loops

    whole = _whole(values) if values.dtype.kind == "f" else values
    whole = whole.astype(np.uint64 if whole.dtype.kind == "u" else np.int64)
    negative: Bools = np.asarray(whole < 0, dtype=np.bool_)
    np.negative(whole, out=whole, where=negative)  # the least of all keeps its bits, and they are its size
    size = whole.view(np.uint64)
    offset = hash_loops.number_offsets(size, negative)
    return UnitIds(*_frozen(hash_loops.number_texts(size, negative, offset), offset))


def _whole(values: np.ndarray) -> Ints:
    """Floats as whole numbers. Beyond the mantissa's reach two ids can be the same float."""
    _refuse_missing(np.isnan(values))
    reach = 2.0 ** min(np.finfo(values.dtype).nmant + 1, 53)
    wrong = np.flatnonzero((values != np.floor(values)) | (np.abs(values) >= reach))
    if len(wrong):
        raise LabError(
            f"The id in row {int(wrong[0]) + 1} is a number with decimals, or so large that its neighbours "
            "look the same.",
            _HOW,
        )
    return values.astype(np.int64)


def _text(value: object, row: int) -> str:
    """One id among others of mixed types; the message never shows it."""
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        raise _missing(row)
    if isinstance(value, str):
        _encoded(value, f"The id in row {row + 1}")
        return str(value)
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**53:
        return str(int(value))
    raise LabError(
        f"The id in row {row + 1} is of type {type(value).__name__}, or a number that is not whole.", _HOW
    )


def _encoded(text: object, what: str) -> bytes:
    if not isinstance(text, str):
        raise LabError(f"{what} is of type {type(text).__name__}.", "Give text.")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise LabError(f"{what} holds half a character (a lone surrogate).", "Write it as UTF-8.") from error


def _refuse_missing(missing: Bools) -> None:
    if missing.any():
        raise _missing(int(np.argmax(missing)))


def _missing(row: int) -> LabError:
    return LabError(f"Row {row + 1} has no id.", "Remove rows without an id, or give them one.")


def _frozen(data: Bytes, offset: Ints) -> tuple[Bytes, Ints]:
    data.flags.writeable = False
    offset.flags.writeable = False
    return data, offset
