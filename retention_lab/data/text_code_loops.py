"""The loops of `text_codes`, compiled. Loading this takes half a second: only who numbers texts pays it.

Whole numbers are unsigned where bits are meant: numba makes a float of a signed and an unsigned one together.
A slot holds the upper half of a text's hash and, below it, its number plus one; 0 is a free slot.
"""

import numpy as np
from numba import njit

_BLOCK = 1024  # rows whose places in memory are asked for together
_MIX, _PRIME = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3)
_ZERO, _ONE, _HALF, _SOME = np.uint64(0), np.uint64(1), np.uint64(32), np.uint64(29)
_LOW, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)


@njit(cache=True, nogil=True)
def find_or_add(data, offset, owner, wanted, slots, owners, starts, text, known, found):  # type: ignore[no-untyped-def]  # compiled
    """Number every wanted text of an owner, known ones as before; how many are known then.

    Looking a text up means waiting for memory three times. So a block's rows are first hashed, then their
    slots and texts touched, which many at once take no longer than one, and only then compared.
    """
    rows, hashes = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.uint64)
    touched = np.empty(_BLOCK, np.int64)
    done = 0
    while done < len(found):
        until, count = _hash_block(data, offset, owner, wanted, done, rows, hashes)
        _touch(slots, owners, starts, text, hashes, touched, count)
        for k in range(count):
            i = rows[k]
            known = _number(data, offset[i], offset[i + 1], owner[i], hashes[k], slots, owners, starts, text, known, found, i)
        at, number = 0, np.int32(-1)
        for i in range(done, until):
            if not wanted[i]:
                found[i] = -1
            elif at < count and rows[at] == i:
                number = found[i]
                at += 1
            else:  # as the row before
                found[i] = number
        done = until
    return known


@njit(cache=True, nogil=True)
def spread(old, new):  # type: ignore[no-untyped-def]  # compiled
    """Put what the old slots hold into more of them."""
    mask = np.uint64(len(new) - 1)
    for i in range(len(old)):
        slot = old[i]
        if slot != _ZERO:
            place = (slot >> _HALF) & mask
            while new[place] != _ZERO:
                place = (place + _ONE) & mask
            new[place] = slot


@njit(cache=True, nogil=True)
def _hash_block(data, offset, owner, wanted, start, rows, hashes):  # type: ignore[no-untyped-def]  # compiled
    """Hash the next rows that differ from the row before them; where the block ends, and how many."""
    count, i = 0, start
    while i < len(wanted) and count < len(rows):
        if wanted[i]:
            first, end = offset[i], offset[i + 1]
            again = i > start and wanted[i - 1] and owner[i - 1] == owner[i]
            if not (again and _same(data, offset[i - 1], first, data, first, end)):
                state = np.uint64(owner[i]) * _MIX
                for j in range(first, end):
                    state = (state ^ np.uint64(data[j])) * _PRIME
                state = (state ^ (state >> _HALF)) * _MIX
                rows[count], hashes[count] = i, state ^ (state >> _SOME)
                count += 1
        i += 1
    return i, count


@njit(cache=True, nogil=True)
def _touch(slots, owners, starts, text, hashes, touched, count):  # type: ignore[no-untyped-def]  # compiled
    """Read what `_number` will need; the sum only keeps the compiler from leaving that out."""
    mask, total = np.uint64(len(slots) - 1), 0
    for k in range(count):
        touched[k] = max(np.int64(slots[(hashes[k] >> _HALF) & mask] & _LOW) - 1, 0)
    for k in range(count):
        total += owners[touched[k]]
        touched[k] = starts[touched[k]]
    for k in range(count):
        total += text[touched[k]]
    touched[0] = total


@njit(cache=True, nogil=True)
def _number(data, first, end, owner, state, slots, owners, starts, text, known, found, row):  # type: ignore[no-untyped-def]  # compiled
    """Find one text or add it; how many are known then."""
    mask, tag = np.uint64(len(slots) - 1), state & _HIGH
    place = (state >> _HALF) & mask
    while slots[place] != _ZERO:
        if (slots[place] & _HIGH) == tag:
            number = np.int64(slots[place] & _LOW) - 1
            if owners[number] == owner and _same(text, starts[number], starts[number + 1], data, first, end):
                found[row] = number
                return known
        place = (place + _ONE) & mask
    slots[place] = tag | np.uint64(known + 1)
    owners[known] = owner
    begins = starts[known]
    for j in range(end - first):
        text[begins + j] = data[first + j]
    starts[known + 1] = begins + end - first
    found[row] = known
    return known + 1


@njit(cache=True, nogil=True)
def _same(left, start, end, right, first, last):  # type: ignore[no-untyped-def]  # compiled
    if end - start != last - first:
        return False
    for j in range(end - start):
        if left[start + j] != right[first + j]:
            return False
    return True
