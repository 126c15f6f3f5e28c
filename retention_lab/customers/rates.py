"""Shares and means of customers with their intervals: the form in which the customer view states figures."""

import numpy as np
from scipy.special import ndtri

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate


def share(count: int, of: int, *, confidence: float = 0.95) -> Estimate:
    """`count` customers of `of`, with Wilson's interval; it never leaves 0 to 1, nor shrinks to a point at 0.

    Raises LabError where there is nobody to take a share of, or more are counted than there are.
    Source: Wilson (1927), JASA 22(158), doi:10.1080/01621459.1927.10502953.

    >>> found = share(0, 100)
    >>> f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
    '0.000 [0.000, 0.037]'
    """
    if of < 1:
        raise LabError("A share of no customers was asked for.", "Choose a date or a group that has some.")
    if not 0 <= count <= of:
        raise LabError(f"{count} customers of {of} were counted.", "Count each customer once.")
    z = float(ndtri(0.5 + confidence / 2))
    value, shrunk = count / of, of + z**2
    middle = (count + z**2 / 2) / shrunk
    half = z / shrunk * float(np.sqrt(count * (of - count) / of + z**2 / 4))
    # at the ends the arithmetic misses 0 and 1 by a rounding error
    low = 0.0 if count == 0 else max(middle - half, 0.0)
    high = 1.0 if count == of else min(middle + half, 1.0)
    return Estimate(value, float(np.sqrt(value * (1 - value) / of)), low, high)


def known_mean(values: Floats, *, confidence: float = 0.95) -> Estimate | None:
    """Mean of the (n,) values that are known (not NaN); None where fewer than two are."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    found = mean_estimate(known, confidence=confidence)
    return Estimate(found.value, found.se, found.low, found.high)  # a mean of sizes has no null to test
