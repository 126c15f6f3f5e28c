"""Deterministic buckets from a salt and an id: the same customer always lands in the same place."""

import hashlib
from collections.abc import Iterable

import numpy as np

from retention_lab.arrays import Floats


def unit_interval(ids: Iterable[str], salt: str) -> Floats:
    """(n,) numbers in [0, 1), uniform over ids and independent between salts; 53 bits of SHA-256.

    >>> unit_interval(["anna", "anna"], "s")[0] == unit_interval(["anna"], "s")[0]
    np.True_
    """
    start = hashlib.sha256(salt.encode() + b"\x00")
    return np.array([_fraction(start, value) for value in ids], dtype=np.float64)


def _fraction(start: "hashlib._Hash", value: str) -> float:
    digest = start.copy()
    digest.update(value.encode())
    return (int.from_bytes(digest.digest()[:8], "big") >> 11) / 2.0**53
