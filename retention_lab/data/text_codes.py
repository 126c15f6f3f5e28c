"""Numbers for texts, such as ids, in the order in which they are first seen; exact, whatever their hashes."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retention_lab.arrays import Bools, Ints

Codes = NDArray[np.int32]

_AT_ONCE = 65_536  # room is made for so many new ones
_FREE_SHARE = 1 / 3
_MOST_BYTES = 1 << 30  # of text in one Arrow array, whose offsets have 31 bits


class TextCodes:
    """A growing list of texts, each once per owner, in a hash table with open addressing.

    An owner is a whole number: two owners may have the same text, which then has two numbers.
    """

    def __init__(self) -> None:
        self._count = 0
        self._slots = np.zeros(1 << 17, dtype=np.uint64)
        self._owners = np.empty(0, dtype=np.int32)
        self._starts = np.zeros(1, dtype=np.int64)
        self._text = np.zeros(1, dtype=np.uint8)

    def __len__(self) -> int:
        return self._count

    @property
    def owners(self) -> Codes:
        """(c,) the owner of each text."""
        return self._owners[: self._count]

    def texts(self) -> pa.ChunkedArray:
        """(c,) the texts."""
        starts = self._starts[: self._count + 1]
        cuts = np.searchsorted(starts, np.arange(_MOST_BYTES, starts[-1] + 1, _MOST_BYTES))
        bounds = [0, *cuts.tolist(), self._count]
        parts = [self._part(starts[a : b + 1]) for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
        return pa.chunked_array(parts, pa.string())

    def codes(self, texts: pa.Array, owners: Codes, wanted: Bools) -> Codes:
        """(n,) number of each text of its owner; -1 for rows that are not wanted. A missing text is empty."""
        from retention_lab.data.text_code_loops import find_or_add

        found = np.empty(len(texts), dtype=np.int32)
        for start in range(0, len(texts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            data, offsets = _bytes_of(texts[part])
            self._make_room(len(offsets) - 1, len(data))
            table = (self._slots, self._owners, self._starts, self._text)
            self._count = find_or_add(
                data, offsets, owners[part], wanted[part], *table, self._count, found[part]
            )
        return found

    def _part(self, starts: Ints) -> pa.Array:
        text = pa.py_buffer(self._text[starts[0] : starts[-1]].copy())
        offsets = pa.py_buffer((starts - starts[0]).astype(np.int32))
        return pa.Array.from_buffers(pa.string(), len(starts) - 1, [None, offsets, text])

    def _make_room(self, rows: int, text: int) -> None:
        from retention_lab.data.text_code_loops import spread

        wanted = self._count + rows
        if len(self._owners) < wanted:
            self._owners = grown(self._owners, self._count, wanted)
            self._starts = grown(self._starts, self._count + 1, len(self._owners) + 1)
        used = int(self._starts[self._count])
        if len(self._text) <= used + text:  # one byte more, for a text that is empty and last
            self._text = grown(self._text, used, used + text + 1)
        if wanted > (1 - _FREE_SHARE) * len(self._slots):
            slots = np.zeros(1 << int(wanted / (1 - _FREE_SHARE)).bit_length(), dtype=np.uint64)
            spread(self._slots, slots)
            self._slots = slots


def grown(values: NDArray[Any], used: int, wanted: int) -> NDArray[Any]:
    """The first `used` values with room for at least `wanted`, and for some more; the room is zero."""
    found = np.zeros(max(wanted, used + used // 2), dtype=values.dtype)
    found[:used] = values[:used]
    return found


def _bytes_of(texts: pa.Array) -> tuple[NDArray[np.uint8], Ints]:
    """UTF-8 of the texts in a row, and (n + 1,) where each begins; copies, as compiled loops want them."""
    plain = texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
    if plain.null_count:
        plain = plain.fill_null("")
    _, offsets, data = plain.buffers()
    where = np.frombuffer(offsets, dtype=np.int32)[plain.offset : plain.offset + len(plain) + 1]
    if data is None:
        return np.zeros(0, dtype=np.uint8), np.zeros(len(plain) + 1, dtype=np.int64)
    text = np.frombuffer(data, dtype=np.uint8)[where[0] : where[-1]].copy()
    return text, (where - where[0]).astype(np.int64)
