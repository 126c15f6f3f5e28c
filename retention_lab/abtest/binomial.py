"""Probabilities of counts, on the log scale and without the digits that large factorials lose."""

from math import log, log1p
from typing import Any

import numpy as np
from scipy.special import betainc, gammaln

from retention_lab.arrays import Floats

_SMALL = 1e-200


def log_binomial(k: Any, n: Any, p: Any) -> Floats:
    """log P(X = k) of X ~ Bin(n, p), of arrays that broadcast; 0 <= k <= n, 0 <= p <= 1.

    Source: Loader (2000), Fast and Accurate Computation of Binomial Probabilities (saddle-point expansion).

    >>> round(float(np.exp(log_binomial(3, 10, 0.5))), 10)
    0.1171875
    """
    k, n, p = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, p)))
    rest, q = n - k, 1 - p
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (
            _stirling_error(n)
            - _stirling_error(k)
            - _stirling_error(rest)
            - _deviance(k, n * p)
            - _deviance(rest, n * q)
            - np.log(2 * np.pi * k * (rest / n)) / 2
        )
        found = np.where(k == 0, n * np.log1p(-p), np.where(rest == 0, n * np.log(p), inner))
    found = np.where((p == 0) & (k == 0) | (p == 1) & (rest == 0) | (n == 0), 0.0, found)
    return np.where((p == 0) & (k > 0) | (p == 1) & (rest > 0), -np.inf, found)


def log_hypergeometric(k: Any, n: Any, other: Any, drawn: Any) -> Floats:
    """log P(k of the `drawn` are among n units), the rest of them among `other` units; arrays that broadcast.

    -inf where that cannot be. Source: Loader, as `log_binomial`.
    """
    k, n, other, drawn = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, other, drawn)))
    possible = (k >= 0) & (k <= n) & (drawn - k >= 0) & (drawn - k <= other)
    share = drawn / np.maximum(n + other, 1)
    inside = np.where(possible, k, np.clip(k, 0, n))
    outside = np.where(possible, drawn - k, np.clip(drawn - k, 0, other))
    found = (
        log_binomial(inside, n, share)
        + log_binomial(outside, other, share)
        - log_binomial(drawn, n + other, share)
    )
    return np.where(possible, found, -np.inf)


def log_binomial_at_least(k: int, n: int, p: float) -> float:
    """log P(X >= k) of X ~ Bin(n, p), exact however far out; 0 < p < 1.

    Source of the series: https://dlmf.nist.gov/8.17.E8.
    """
    if k <= 0:
        return 0.0
    if k > n:
        return -np.inf
    tail = float(betainc(k, n - k + 1, p))
    if tail > _SMALL:
        return log(tail)
    ratios, series, block = 1.0, 1.0, 4096
    for start in range(0, n - k, block):
        j = np.arange(start, min(start + block, n - k))
        terms = ratios * np.cumprod((n + 1 + j) / (k + 1 + j) * p)
        series, ratios = series + float(terms.sum()), float(terms[-1])
        if ratios < 1e-17 * series:
            break
    return float(log_binomial(k, n, p)) + log1p(-p) + log(series)


def log_binomial_at_most(k: int, n: int, p: float) -> float:
    """log P(X <= k) of X ~ Bin(n, p), exact however far out; 0 < p < 1."""
    return log_binomial_at_least(n - k, n, 1 - p)


def log_sum(logs: Floats) -> float:
    """Logarithm of the sum of numbers of which (m,) logarithms are given; -inf where there are none."""
    top = float(np.max(logs, initial=-np.inf))
    return top if top == -np.inf else top + log(float(np.exp(logs - top).sum()))


def _stirling_error(n: Floats) -> Floats:
    """log n! less Stirling's formula for it; n >= 0, and n = 0 is never used."""
    many = np.maximum(n, 16.0)
    square = many * many
    series = (
        1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square
    ) / many
    few = np.clip(n, 1.0, 16.0)
    direct = gammaln(few + 1) - (few + 0.5) * np.log(few) + few - np.log(2 * np.pi) / 2
    return np.asarray(np.where(n < 16, direct, series), dtype=np.float64)


def _deviance(found: Floats, mean: Floats) -> Floats:
    """found * log(found / mean) + mean - found, without the digits that its terms cancel."""
    u = (found - mean) / mean
    near = mean * ((1 + u) * np.log1p(u) - u)
    return np.asarray(np.where(found == 0, mean, near), dtype=np.float64)
