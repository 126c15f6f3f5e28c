"""What a row says, as one number: equal rows are found again wherever they stand."""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: its multiples spread evenly


def row_hashes(columns: Iterable[np.ndarray], rows: int) -> Hashes:
    """(rows,) 64-bit hashes of (rows,) columns of numbers or of hashes, in the order given.

    Numbers count as floats: 1, 1.0 and True are one value, -0 is 0, and all that is missing is alike. Two
    different rows share a hash with a chance of 2**-64: among ten million rows, any two do once in 370,000
    tables.
    Source: Steele, Lea and Flood (2014), OOPSLA, doi:10.1145/2660193.2660195, for the mixing.

    >>> first, second = row_hashes([np.array([1.0, 2.0]), np.array([np.nan, 0.0])], 2)
    >>> bool(row_hashes([np.array([2]), np.array([-0.0])], 1)[0] == second), bool(first == second)
    (True, False)
    """
    found = np.zeros(rows, dtype=np.uint64)
    for column in columns:
        found += STEP
        found ^= column if column.dtype == np.uint64 else bits(column)
        mix(found)
    return found


def text_hashes(texts: Iterable[str]) -> Hashes:
    """(n,) 64-bit hashes of texts, as a column for `row_hashes`.

    >>> len(set(text_hashes(["anna", "anna", ""]).tolist()))
    2
    """
    digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def bits(column: np.ndarray) -> Hashes:
    """(n,) the 64 bits of each number: -0 is 0, and all that is missing is alike."""
    numbers = column.astype(np.float64)  # a copy, contiguous
    numbers += 0.0  # -0 becomes 0
    numbers[np.isnan(numbers)] = np.nan  # one of the many ways to write it
    return numbers.view(np.uint64)


def mix(values: Hashes) -> Hashes:
    """In place: every bit of a value comes to depend on all of its bits. Returns the values.

    Source: Steele, Lea and Flood (2014), OOPSLA, doi:10.1145/2660193.2660195.
    """
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
