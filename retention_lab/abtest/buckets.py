"""From a unit's bucket to its arm: each arm owns a range of [0, 1)."""

from collections.abc import Sequence

import numpy as np

from retention_lab.abtest.hashes import BUCKETS, HashVersion, require_version
from retention_lab.abtest.shares import require_part, require_shares
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

Ranges = tuple[tuple[float, float], ...]
OUTSIDE = -1  # the arm of a unit that is not in the experiment


def bucket_ranges(shares: Sequence[float], coverage: float = 1.0) -> Ranges:
    """(K + 1,) ranges [start, end) of the arms, control first; what they leave free is outside.

    Each arm owns as much of [0, 1) as its share, and uses the first `coverage` of it: raising the coverage
    lets units in and moves none.
    Raises LabError where the shares do not sum to 1, or the coverage is not above 0 and at most 1.

    >>> bucket_ranges([0.5, 0.5], coverage=0.5)
    ((0.0, 0.25), (0.5, 0.75))
    """
    found = laid_out(require_shares(shares), require_part(coverage, "The coverage", "coverage"))
    if coverage == 1:  # sums of shares end a little before 1 or after it, and the finest buckets would notice
        found = (*found[:-1], (found[-1][0], 1.0))
    return found


def laid_out(shares: Sequence[float], coverage: float) -> Ranges:
    """Ranges one after the other, summed in GrowthBook's order so that they are the same to the last bit."""
    found, start = [], 0.0
    for share in shares:
        found.append((start, start + coverage * share))
        start += share
    return tuple(found)


def choose_arms(bucket: Floats, ranges: Ranges) -> Ints:
    """(n,) arm in whose range each bucket lies, the first one where ranges overlap; `OUTSIDE` in none."""
    found = np.full(len(bucket), OUTSIDE, dtype=np.int64)
    for k in reversed(range(len(ranges))):
        start, end = ranges[k]
        found[(bucket >= start) & (bucket < end)] = k
    return found


def range_probabilities(ranges: Ranges, version: HashVersion) -> Floats:
    """(K + 1,) chance of each of several disjoint ranges: the buckets in it, over all, each as likely.

    A third of 10,000 buckets is 3,333 or 3,334, and the chance says which.
    Raises LabError where a range has no bucket, so that its arm would stay empty.
    """
    require_version(version)
    found = np.array([_buckets_below(end, version) - _buckets_below(start, version) for start, end in ranges])
    if (found <= 0).any():
        raise LabError(
            f"Arm {int(np.argmin(found))} gets none of the {BUCKETS[version]:,} buckets.",
            "Raise its share or the coverage, or use hash version 3, whose buckets are finer.",
            key="planned_shares",
        )
    return np.asarray(found / BUCKETS[version], dtype=np.float64)


def _buckets_below(end: float, version: HashVersion) -> int:
    """How many buckets lie below `end`, as the floats that `hash_bucket` gives."""
    count = BUCKETS[version]
    if version == 3:  # a power of two scales without rounding
        return min(int(np.ceil(end * count)), count)
    return int(np.searchsorted(np.arange(count) / count, end, side="left"))
