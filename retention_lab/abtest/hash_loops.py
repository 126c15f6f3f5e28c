"""The loops of `hashes` and `unit_ids`, compiled. Loading this takes half a second: only who hashes pays it.

Whole numbers are unsigned throughout: numba makes a float of a signed and an unsigned one together.
"""

import numpy as np
from numba import njit

_BASIS, _PRIME, _LOW = np.uint64(2166136261), np.uint64(16777619), np.uint64(0xFFFFFFFF)
_ZERO, _ONE, _SIX, _TEN = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(10)
_DIGIT, _MINUS = np.uint64(48), 45  # the characters 0 and -
_V0, _V1 = np.uint64(0x736F6D6570736575), np.uint64(0x646F72616E646F6D)
_V2, _V3 = np.uint64(0x6C7967656E657261), np.uint64(0x7465646279746573)
_WORD = np.uint64(64)


@njit(cache=True, nogil=True)
def fnv(state, data, start, end):  # type: ignore[no-untyped-def]  # compiled
    """FNV-1a from `state` on, over the UTF-16 code units of UTF-8 text. Only the low 32 bits count."""
    place = start
    while place < end:
        unit = np.uint64(data[place])
        place += 1
        if unit > np.uint64(127):
            more = 1 + (unit > np.uint64(0xDF)) + (unit > np.uint64(0xEF))  # bytes that follow
            unit &= np.uint64(0x3F) >> np.uint64(more)
            for _ in range(more):
                unit = (unit << _SIX) | (np.uint64(data[place]) & np.uint64(0x3F))
                place += 1
            if unit > np.uint64(0xFFFF):  # two code units
                unit -= np.uint64(0x10000)
                state = (state ^ (np.uint64(0xD800) + (unit >> _TEN))) * _PRIME
                unit = np.uint64(0xDC00) + (unit & np.uint64(0x3FF))
        state = (state ^ unit) * _PRIME
    return state


@njit(cache=True, nogil=True)
def fnv_of_digits(number, digits):  # type: ignore[no-untyped-def]  # compiled
    """FNV-1a of a number below 2**32 as it is printed; digits: (10,) scratch."""
    count = 0
    while True:
        rest = number // _TEN
        digits[count] = number - rest * _TEN
        count += 1
        number = rest
        if number == _ZERO:
            break
    state = _BASIS
    while count > 0:
        count -= 1
        state = (state ^ (digits[count] + _DIGIT)) * _PRIME
    return state & _LOW


@njit(cache=True, nogil=True)
def fnv_all(data, offset, found):  # type: ignore[no-untyped-def]  # compiled
    """32-bit FNV-1a of each id."""
    for i in range(len(found)):
        found[i] = fnv(_BASIS, data, offset[i], offset[i + 1]) & _LOW


@njit(cache=True, nogil=True)
def buckets_of_id_then_seed(data, offset, seed, found):  # type: ignore[no-untyped-def]  # compiled
    """Version 1: a thousand buckets."""
    for i in range(len(found)):
        state = fnv(_BASIS, data, offset[i], offset[i + 1])
        state = fnv(state, seed, 0, len(seed)) & _LOW
        found[i] = np.float64(state % np.uint64(1000)) / 1000.0


@njit(cache=True, nogil=True)
def buckets_of_seed_then_id(data, offset, seed, found):  # type: ignore[no-untyped-def]  # compiled
    """Version 2: hashed twice, ten thousand buckets."""
    start = fnv(_BASIS, seed, 0, len(seed))
    digits = np.empty(10, dtype=np.uint64)
    for i in range(len(found)):
        state = fnv(start, data, offset[i], offset[i + 1]) & _LOW
        found[i] = np.float64(fnv_of_digits(state, digits) % np.uint64(10_000)) / 10_000.0


@njit(cache=True, nogil=True)
def turned(word, by):  # type: ignore[no-untyped-def]  # compiled
    """The 64 bits, turned to the left."""
    return (word << np.uint64(by)) | (word >> (_WORD - np.uint64(by)))


@njit(cache=True, nogil=True)
def sip_round(a, b, c, d):  # type: ignore[no-untyped-def]  # compiled
    """One round of SipHash on its four words."""
    a += b
    c += d
    b = turned(b, 13) ^ a
    d = turned(d, 16) ^ c
    a = turned(a, 32) + d
    c += b
    b = turned(b, 17) ^ c
    d = turned(d, 21) ^ a
    return a, b, turned(c, 32), d


@njit(cache=True, nogil=True)
def sip(data, start, end, low, high):  # type: ignore[no-untyped-def]  # compiled
    """SipHash-2-4 of some bytes under the key (low, high)."""
    a, b, c, d = low ^ _V0, high ^ _V1, low ^ _V2, high ^ _V3
    place, last = start, False
    while not last:
        count = min(end - place, 8)
        last = count < 8  # the last word holds at most seven bytes, and the length
        word = np.uint64(end - start) << np.uint64(56) if last else _ZERO
        for i in range(count):
            word |= np.uint64(data[place + i]) << np.uint64(8 * i)
        place += count
        d ^= word
        a, b, c, d = sip_round(a, b, c, d)
        a, b, c, d = sip_round(a, b, c, d)
        a ^= word
    c ^= np.uint64(0xFF)
    for _ in range(4):
        a, b, c, d = sip_round(a, b, c, d)
    return a ^ b ^ c ^ d


@njit(cache=True, nogil=True)
def sip_all(data, offset, low, high, found):  # type: ignore[no-untyped-def]  # compiled
    """SipHash-2-4 of each id."""
    for i in range(len(found)):
        found[i] = sip(data, offset[i], offset[i + 1], low, high)


@njit(cache=True, nogil=True)
def number_offsets(size, negative):  # type: ignore[no-untyped-def]  # compiled
    """Where the text of each whole number begins, and where the last ends."""
    offset = np.empty(len(size) + 1, dtype=np.int64)
    total = 0
    offset[0] = 0
    for i in range(len(size)):
        total += 2 if negative[i] else 1
        rest = size[i] // _TEN
        while rest > _ZERO:
            total += 1
            rest //= _TEN
        offset[i + 1] = total
    return offset


@njit(cache=True, nogil=True)
def number_texts(size, negative, offset):  # type: ignore[no-untyped-def]  # compiled
    """The digits of all whole numbers, one after the other."""
    data = np.empty(offset[-1], dtype=np.uint8)
    for i in range(len(size)):
        place, rest = offset[i + 1], size[i]
        while True:
            place -= 1
            above = rest // _TEN
            data[place] = rest - above * _TEN + _DIGIT
            rest = above
            if rest == _ZERO:
                break
        if negative[i]:
            data[place - 1] = _MINUS
    return data
