"""Tails of the hypergeometric distribution, compiled: thousands of rules, each a sum of few terms."""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def upper_tails(both, left, right, baskets):  # type: ignore[no-untyped-def]  # compiled
    """(m,) P(X >= both), X the baskets with both sides when `right` of all hit `left` of them by chance."""
    out = np.empty(len(both))
    for i in range(len(both)):
        a, c, k = left[i], right[i], both[i]
        if k <= max(0, a + c - baskets):
            out[i] = 1.0
            continue
        log_first = _log_choose(a, k) + _log_choose(baskets - a, c - k) - _log_choose(baskets, c)
        term, total = 1.0, 1.0
        for x in range(k, min(a, c)):
            term *= (a - x) * (c - x) / ((x + 1.0) * (baskets - a - c + x + 1.0))
            total += term
            if term < 1e-17 * total:
                break
        out[i] = min(1.0, math.exp(log_first + math.log(total)))
    return out


@njit(cache=True, nogil=True)
def _log_choose(n, k):  # type: ignore[no-untyped-def]  # compiled
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
