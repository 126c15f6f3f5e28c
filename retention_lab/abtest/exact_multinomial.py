"""Whether counts fit shares, by the exact distribution of the counts, on the log scale.

The p-value is the probability of counts that are no likelier than those seen.
"""

from math import comb, log, sqrt

import numpy as np
from scipy.special import gammaln, logsumexp, xlog1py, xlogy

from retention_lab.arrays import Floats, Ints

_TIES = 1e-7  # counts whose probabilities differ by less are equally likely, but for rounding
_MOST_TABLES = 1_000_000  # listed within a second


def log_exact_p(counts: Ints, shares: Floats) -> float:
    """Natural logarithm of the p-value of (K,) counts under (K,) shares that sum to 1.

    Where three arms or more have too many possible counts to list, each arm is compared with all others by
    the exact binomial test, and the smallest p-value is multiplied by the number of arms. Source: Read and
    Cressie (1988), Goodness-of-Fit Statistics for Discrete Multivariate Data, chapter 5.

    >>> f"{np.exp(log_exact_p(np.array([9, 1]), np.array([0.5, 0.5]))):.6f}"
    '0.021484'
    """
    units, arms = int(np.sum(counts)), len(counts)
    if arms == 2:
        return _log_binomial(int(counts[0]), units, float(shares[0]))
    if comb(units + arms - 1, arms - 1) <= _MOST_TABLES:
        return _log_listed(counts, shares)
    each = [
        _log_binomial(int(count), units, float(share)) for count, share in zip(counts, shares, strict=True)
    ]
    return min(0.0, min(each) + log(arms))


def _log_binomial(count: int, units: int, share: float) -> float:
    """Two-sided exact binomial test; sums only the terms of both tails that can be seen in the sum."""
    if count * 1.0 < (units + 1) * share - 1:  # below the mode: the same question about the other arm
        return _log_binomial(units - count, units, 1 - share)
    mode = min(int((units + 1) * share), units)
    if count <= mode:
        return 0.0
    seen = float(_log_mass(np.array([count]), units, share)[0])
    low, high = -1, mode  # the mass grows from 0 to the mode: find the last place that is no likelier
    while high - low > 1:
        middle = (low + high) // 2
        likelier = _log_mass(np.array([middle]), units, share)[0] > seen + _TIES
        low, high = (low, middle) if likelier else (middle, high)
    width = int(14 * sqrt(units * share * (1 - share))) + 200
    upper = np.arange(count, min(units, count + width) + 1)
    lower = np.arange(max(0, low - width), low + 1)
    return min(0.0, float(logsumexp(_log_mass(np.concatenate([lower, upper]), units, share))))


def _log_mass(count: Ints, units: int, share: float) -> Floats:
    ways = gammaln(units + 1.0) - gammaln(count + 1.0) - gammaln(units - count + 1.0)
    return np.asarray(ways + xlogy(count, share) + xlog1py(units - count, -share), dtype=np.float64)


def _log_listed(counts: Ints, shares: Floats) -> float:
    tables = _tables(int(np.sum(counts)), len(counts))
    log_mass = gammaln(np.sum(counts) + 1.0) + np.sum(tables * np.log(shares) - gammaln(tables + 1.0), axis=1)
    seen = gammaln(np.sum(counts) + 1.0) + np.sum(counts * np.log(shares) - gammaln(counts + 1.0))
    return min(0.0, float(logsumexp(log_mass[log_mass <= seen + _TIES])))


def _tables(units: int, arms: int) -> Ints:
    """Every way to put the units into the arms, one a row."""
    if arms == 1:
        return np.array([[units]], dtype=np.int64)
    parts = []
    for first in range(units + 1):
        rest = _tables(units - first, arms - 1)
        parts.append(np.column_stack([np.full(len(rest), first), rest]))
    return np.concatenate(parts)
