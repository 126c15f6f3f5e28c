"""Numbers for texts, such as ids, in the order in which they are first seen; exact, whatever their hashes."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retention_lab.arrays import Bools, Ints
from retention_lab.errors import LabError

Codes = NDArray[np.int32]

_AT_ONCE = 65_536  # room is made for so many new ones
_FULL = 2 / 3  # of the slots
_MANY = 1 << 21  # slots, from which on there are twice as many at a time, and four times before
_IN_VIEW = 12  # bytes of text in one of Arrow's views
_MOST_WORDS = 0xFFFF_FFFE  # whose places fit into half a slot
_MOST_BYTES = 1 << 30  # of text in one Arrow array, whose offsets have 31 bits


class TextCodes:
    """A growing list of texts, each once per owner, in a hash table with open addressing.

    An owner is a whole number from 0 on: two owners may have the same text, which then has two numbers.
    """

    def __init__(self) -> None:
        self._slots = np.zeros(_AT_ONCE * 2, dtype=np.uint64)
        self._words = np.zeros(1, dtype=np.uint64)
        self._size = np.zeros(2, dtype=np.int64)  # texts, and words

    def __len__(self) -> int:
        return int(self._size[0])

    def codes(self, texts: pa.Array, owners: Codes, wanted: Bools) -> Codes:
        """(n,) number of each text of its owner; -1 for rows that are not wanted. A missing text is empty."""
        from retention_lab.data.text_code_loops import find_or_add  # loads the compiler

        found = np.empty(len(texts), dtype=np.int32)
        for start in range(0, len(texts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            data, begins, ends = _bytes_of(texts[part])
            self._make_room(len(begins), len(data))
            rows = (data, begins, ends, owners[part], wanted[part])
            find_or_add(*rows, self._slots, self._words, self._size, found[part])
        return found

    def owners(self) -> Codes:
        """(c,) the owner of each text."""
        from retention_lab.data.text_code_loops import read_owners  # loads the compiler

        owners = np.empty(len(self), dtype=np.int32)
        read_owners(self._words, owners)
        return owners

    def texts(self) -> pa.ChunkedArray:
        """(c,) the texts."""
        from retention_lab.data.text_code_loops import read_texts  # loads the compiler

        count, words = self._size.tolist()
        offset = np.zeros(count + 1, dtype=np.int64)
        text = np.empty(8 * (words - count), dtype=np.uint8)
        read_texts(self._words, offset, text)
        return _texts(text, offset)

    def _make_room(self, rows: int, words: int) -> None:
        from retention_lab.data.text_code_loops import spread  # loads the compiler

        count, used = self._size.tolist()
        most = used + words + 2 * rows  # a text's owner, and a word that is not full
        if most > _MOST_WORDS:
            raise LabError(
                f"{count} different ids are too many for one machine: they fill 32 GB.",
                "Read fewer customers at a time.",
            )
        make_longer(self._words, most)
        if count + rows > _FULL * len(self._slots):
            times = 2 if len(self._slots) >= _MANY else 4
            slots = np.zeros(times * len(self._slots), dtype=np.uint64)
            spread(self._slots, slots)
            self._slots = slots


def make_longer(values: NDArray[Any], wanted: int) -> None:
    """Give the array room for at least `wanted` values, and for some more, where it is; the room is zero.

    Memory that the operating system moves is not copied, so a little more at a time is enough. Nothing else
    may look into the array meanwhile.
    """
    if len(values) < wanted:
        values.resize(wanted + len(values) // 8, refcheck=False)


def _bytes_of(texts: pa.Array) -> tuple[NDArray[np.uint64], Ints, Ints]:
    """Memory that holds UTF-8, as words, two more than needed; (n,) bytes at which each text begins, ends."""
    if pa.types.is_string_view(texts.type):
        views = np.frombuffer(texts.buffers()[1], dtype=np.int32)
        lengths = views[4 * texts.offset : 4 * (texts.offset + len(texts)) : 4].astype(np.int64)
        if texts.null_count:
            lengths[texts.is_null().to_numpy(zero_copy_only=False)] = 0
        if lengths.max(initial=0) <= _IN_VIEW:  # the text lies in the view, after its length
            begins = 16 * np.arange(len(texts)) + 4
            bytes_ = views.view(np.uint8)[16 * texts.offset : 16 * (texts.offset + len(texts))]
            return _words(bytes_), begins, begins + lengths
    plain = texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
    if plain.null_count:
        plain = plain.fill_null("")
    _, offsets, data = plain.buffers()
    where = np.frombuffer(offsets, dtype=np.int32)[plain.offset : plain.offset + len(plain) + 1].astype(
        np.int64
    )
    bytes_ = np.frombuffer(data or b"", dtype=np.uint8)[where[0] : where[-1]]
    return _words(bytes_), where[:-1] - where[0], where[1:] - where[0]


def _words(bytes_: NDArray[np.uint8]) -> NDArray[np.uint64]:
    found = np.empty(len(bytes_) // 8 + 2, dtype=np.uint64)
    found[-2:] = 0
    found.view(np.uint8)[: len(bytes_)] = bytes_
    return found


def _texts(text: NDArray[np.uint8], offset: Ints) -> pa.ChunkedArray:
    cuts = np.searchsorted(offset, np.arange(_MOST_BYTES, offset[-1] + 1, _MOST_BYTES)).tolist()
    parts = []
    for first, last in zip([0, *cuts], [*cuts, len(offset) - 1], strict=True):
        own = offset[first : last + 1]
        places = pa.py_buffer((own - own[0]).astype(np.int32))
        data = pa.py_buffer(text[own[0] : own[-1]])
        parts.append(pa.Array.from_buffers(pa.string(), last - first, [None, places, data]))
    return pa.chunked_array(parts, pa.string())
