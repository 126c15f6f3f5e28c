"""Ranges as GrowthBook's SDKs lay them out, to find again in which arm units are that they assigned."""

import math
from collections.abc import Sequence

from retention_lab.abtest.buckets import Ranges, laid_out
from retention_lab.errors import LabError


def growthbook_ranges(
    variations: int, coverage: float = 1.0, weights: Sequence[float] | None = None
) -> Ranges:
    """(variations,) ranges [start, end) for `choose_arms`, with the repairs that the SDKs make in silence.

    A coverage outside [0, 1] is moved to its end. Weights that are absent, too few or too many, or that sum
    to less than 0.99 or more than 1.01, are taken as equal. `bucket_ranges`, for experiments of one's own,
    refuses them.
    Raises LabError where there is no variation, or a number is missing.

    >>> growthbook_ranges(2, 1.5, [0.2, 0.2])
    ((0.0, 0.5), (0.5, 1.0))
    """
    if variations < 1:
        raise LabError(f"The experiment has {variations} variations.", "Give at least one.", key="variations")
    if not all(math.isfinite(number) for number in (coverage, *(weights or ()))):
        raise LabError("A weight or the coverage is missing or infinite.", "Give numbers.", key="weights")
    if weights is None or len(weights) != variations or not 0.99 <= sum(weights) <= 1.01:
        weights = [1 / variations] * variations
    return laid_out(weights, min(max(float(coverage), 0.0), 1.0))
