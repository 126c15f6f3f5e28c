"""Random assignments of the same units, many at a time, as matrices of zeros and ones."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from retention_lab.arrays import Floats

_STEPS = 65_536  # in which shares are drawn: within a hundred-thousandth of the planned ones


def assignments(
    rng: np.random.Generator, replications: int, units: int, shares: Sequence[float]
) -> list[Floats]:
    """For every arm but the first, (replications, units) who is in it: each unit on its own, as by a hash.

    shares: of all arms, control first, summing to 1.
    """
    if len(shares) == 2 and shares[0] == shares[1]:
        drawn = np.frombuffer(rng.bytes(replications * -(-units // 8)), dtype=np.uint8)
        bits = np.unpackbits(drawn.reshape(replications, -1), axis=1, count=units)
        return [bits.astype(np.float64)]
    draws = np.frombuffer(rng.bytes(2 * replications * units), dtype=np.uint16).reshape(replications, units)
    ends = np.rint(np.cumsum(shares) * _STEPS)
    return [((draws >= low) & (draws < high)).astype(np.float64) for low, high in pairwise(ends)]
