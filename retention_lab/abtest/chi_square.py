"""The upper tail of the chi-square distribution, however small."""

from math import log

from scipy.special import gammaincc, gammaln

_TERMS = 80  # of the continued fraction, which is used far out, where it needs fewer


def log_chi_square_tail(statistic: float, freedom: float) -> float:
    """Natural logarithm of the probability of at least this statistic.

    Source: Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 6.5.31 (the continued fraction).

    >>> round(log_chi_square_tail(3.841458820694124, 1), 6) == round(log(0.05), 6)
    True
    >>> round(log_chi_square_tail(20_000.0, 2))
    -10000
    """
    a, y = freedom / 2, statistic / 2
    tail = float(gammaincc(a, y))
    if tail > 1e-250 or y < a + 1:
        return log(tail)
    fraction = 0.0
    for i in range(_TERMS, 0, -1):
        fraction = i * (a - i) / (y + 2 * i + 1 - a + fraction)
    return a * log(y) - y - float(gammaln(a)) - log(y + 1 - a + fraction)
