"""The loops of `text_codes`, compiled. Loading this takes half a second: only who numbers texts pays it.

A text is read as words of eight bytes with one byte 0xFF after it, which UTF-8 never has: two texts are the
same just where their words are. What is known is one list of words: for each text its owner and its number in
one word, then its own. A slot holds the upper half of a hash and, below it, where in that list the text
begins, plus one; 0 is a free slot.

Whole numbers are unsigned where bits are meant: numba makes a float of a signed and an unsigned one together.
"""

import numpy as np
from numba import njit

_BLOCK = 1024  # rows whose places in memory are asked for together
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ZERO, _ONE, _THREE, _HALF = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(32)
_EIGHT, _LAST, _END = np.uint64(8), np.uint64(63), np.uint64(0xFF)
_ONES, _TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_LOW, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)


@njit(cache=True, nogil=True)
def find_or_add(data, begins, ends, owner, wanted, slots, words, size, found):  # type: ignore[no-untyped-def]  # compiled
    """Number every wanted text of an owner, known ones as before. size: texts known, and words used by them.

    Looking a text up means waiting for memory twice. So a block's rows are first hashed, then their slots and
    words touched, which many at once take no longer than one, and only then compared.
    """
    rows, hashes = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.uint64)
    mask, start, touched = np.uint64(len(slots) - 1), 0, _ZERO
    while start < len(found):
        stop, count = _hash_block(data, begins, ends, owner, wanted, start, rows, hashes)
        for k in range(count):
            touched ^= words[max(np.int64(slots[(hashes[k] >> _HALF) & mask] & _LOW) - 1, 0)]
        for k in range(count):
            i, tag = rows[k], hashes[k] & _HIGH
            place = tag >> _HALF & mask
            found[i] = -1
            while found[i] < 0 and slots[place] != _ZERO:
                if slots[place] & _HIGH == tag:
                    known = np.int64(slots[place] & _LOW) - 1
                    if np.int64(words[known] >> _HALF) == owner[i] and _is(
                        words, known + 1, data, begins[i], ends[i]
                    ):
                        found[i] = np.int32(words[known] & _LOW)
                place = (place + _ONE) & mask
            if found[i] < 0:
                slots[place] = tag | np.uint64(size[1] + 1)
                words[size[1]] = np.uint64(owner[i]) << _HALF | np.uint64(size[0])
                found[i] = size[0]
                size[0] += 1
                size[1] = _put(words, size[1] + 1, data, begins[i], ends[i])
        at = 0
        for i in range(start, stop):
            if not wanted[i]:
                found[i] = -1
            elif at < count and rows[at] == i:
                at += 1
            else:  # as the row before
                found[i] = found[i - 1]
        start = stop
    return touched  # or the compiler would leave the touching out


@njit(cache=True, nogil=True)
def spread(old, new):  # type: ignore[no-untyped-def]  # compiled
    """Put what the old slots hold into more of them."""
    mask = np.uint64(len(new) - 1)
    for i in range(len(old)):
        if old[i] != _ZERO:
            place = old[i] >> _HALF & mask
            while new[place] != _ZERO:
                place = (place + _ONE) & mask
            new[place] = old[i]


@njit(cache=True, nogil=True)
def read_owners(words, owners):  # type: ignore[no-untyped-def]  # compiled
    """Each text's owner, from the list of words."""
    at = 0
    for i in range(len(owners)):
        owners[i] = np.int32(words[at] >> _HALF)
        at += 1
        inverse = ~words[at]
        while (inverse - _ONES) & ~inverse & _TOPS == _ZERO:  # no byte of the word is 0xFF
            at += 1
            inverse = ~words[at]
        at += 1


@njit(cache=True, nogil=True)
def read_texts(words, offset, text):  # type: ignore[no-untyped-def]  # compiled
    """The texts in a row, and (n + 1,) where each begins, from the list of words."""
    at, length = 0, 0
    for i in range(len(offset) - 1):
        at += 1
        ended = False
        while not ended:
            word = words[at]
            at += 1
            for _ in range(8):
                if word & _END == _END:
                    ended = True
                    break
                text[length] = np.uint8(word & _END)
                length += 1
                word >>= _EIGHT
        offset[i + 1] = length


@njit(cache=True, nogil=True, inline="always")
def _word(data, place):  # type: ignore[no-untyped-def]  # compiled
    """Eight bytes from any place on."""
    whole, bits = place >> 3, np.uint64(place & 7) << _THREE
    return data[whole] >> bits | data[whole + 1] << _ONE << (_LAST - bits)


@njit(cache=True, nogil=True, inline="always")
def _ended(data, place, length):  # type: ignore[no-untyped-def]  # compiled
    """The last word of a text: fewer than eight bytes, and the one after them."""
    bits = np.uint64(length) << _THREE
    return _word(data, place) & ((_ONE << bits) - _ONE) | _END << bits


@njit(cache=True, nogil=True)
def _hash_block(data, begins, ends, owner, wanted, start, rows, hashes):  # type: ignore[no-untyped-def]  # compiled
    """Hash the next rows that differ from the row before them; where the block ends, and how many."""
    count, i = 0, start
    while i < len(wanted) and count < len(rows):
        if wanted[i]:
            state, place, end = np.uint64(owner[i]) * _MIX, begins[i], ends[i]
            again = i > start and wanted[i - 1] and owner[i - 1] == owner[i]
            again = again and ends[i - 1] - begins[i - 1] == end - place
            back = place - begins[i - 1] if again else 0  # as far as the row before lies
            while end - place >= 8:
                word = _word(data, place)
                again = again and word == _word(data, place - back)
                state = (state ^ word) * _MIX
                state ^= state >> _HALF
                place += 8
            word = _ended(data, place, end - place)
            if not (again and word == _ended(data, place - back, end - place)):
                state = (state ^ word) * _MIX
                state = (state ^ state >> _HALF) * _MIX
                rows[count], hashes[count] = i, state
                count += 1
        i += 1
    return i, count


@njit(cache=True, nogil=True, inline="always")
def _is(words, at, data, place, end):  # type: ignore[no-untyped-def]  # compiled
    """Whether the words from there on are those of the text."""
    same = True
    while same and end - place >= 8:
        same = words[at] == _word(data, place)
        at += 1
        place += 8
    return same and words[at] == _ended(data, place, end - place)


@njit(cache=True, nogil=True, inline="always")
def _put(words, at, data, place, end):  # type: ignore[no-untyped-def]  # compiled
    """Write the text's words there; where they end."""
    while end - place >= 8:
        words[at] = _word(data, place)
        at += 1
        place += 8
    words[at] = _ended(data, place, end - place)
    return at + 1
