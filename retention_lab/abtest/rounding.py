"""How many units of each stratum get each arm: whole numbers, unbiased, and balanced in every direction.

Shares of a small stratum are rarely whole numbers. Rounding each stratum on its own keeps it within one unit
of the plan, but over many small strata the arms' totals drift as if coins were tossed. Here all are rounded
together: each stratum and each arm's total comes within one unit of the plan, and each expected number is
exactly the planned one, so propensities are exactly the planned shares.
"""

import hashlib
from collections.abc import Sequence
from math import fsum

import numpy as np

from retention_lab.abtest.shares import require_shares
from retention_lab.abtest.unit_ids import utf8
from retention_lab.arrays import Ints

_BITS = 52
_ONE = 1 << _BITS  # shares are whole numbers of 2**-52, so that sums are exact however many strata there are


def rounded_counts(sizes: Ints, shares: Sequence[float], seed: str) -> Ints:
    """(s, K + 1) whole numbers, in expectation over seeds sizes * shares, each less than one unit from it.

    sizes: (s,) units of each stratum; rows sum to them. The column sums, too, are less than one unit from
    sum(sizes) * shares. Neighbouring strata make up for each other first.
    Raises LabError where the shares do not sum to 1.
    Source: Cox (1987), JASA 82(398), doi:10.1080/01621459.1987.10478456; that cells are settled few strata
    at a time is ours.

    >>> rounded_counts(np.array([3, 5]), [0.5, 0.5], "spring").sum(axis=0).tolist()
    [4, 4]
    """
    from retention_lab.abtest import rounding_loops

    parts = _whole_parts(require_shares(shares))
    fraction = (sizes.astype(np.uint64)[:, None] * parts) & np.uint64(
        _ONE - 1
    )  # wraps at 64 bits, harmlessly
    part = fraction.astype(np.int64)
    plan = sizes[:, None] * (parts.astype(np.float64) / _ONE)
    floor = np.rint(plan - part / _ONE).astype(np.int64)
    key = np.uint64(int.from_bytes(hashlib.blake2b(utf8(seed).tobytes(), digest_size=8).digest(), "little"))
    rounding_loops.settle(part, np.int64(_ONE), key)
    return np.asarray(floor + part // _ONE, dtype=np.int64)


def _whole_parts(shares: Sequence[float]) -> np.ndarray:
    """(K + 1,) shares in whole numbers of 2**-52 that sum to one; the largest takes what rounding left."""
    total = fsum(shares)
    parts = [round(share / total * _ONE) for share in shares]
    parts[int(np.argmax(parts))] += _ONE - sum(parts)
    return np.array(parts, dtype=np.uint64)
