"""The largest probability of a set of outcomes, over the share of conversions that nobody knows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from retention_lab.abtest.binomial import log_binomial
from retention_lab.arrays import Floats, Ints

_BLOCK = 64  # shares looked at together: what fits in a processor's cache
_UNDERFLOWS = 1e-250  # below it chances are added up by their logarithms, which takes longer


@dataclass(frozen=True, slots=True)
class Region:
    """Outcomes: with x0 = row successes in control, x1 <= low[x0] or x1 >= high[x0] of n1 in treated.

    low, high: (n0 + 1,); -1 and n1 + 1 where there are none.
    """

    low: Ints
    high: Ints
    n1: int


def log_supremum(region: Region) -> float:
    """Log of the largest probability of a region when both arms have one share, over all shares in (0, 1).

    Shares are spread evenly on the scale on which their error is the same everywhere, finer than the
    probability moves; the best places are then looked at more and more closely.
    """
    units = len(region.low) - 1 + region.n1
    points = 32 + 8 * int(np.sqrt(units))
    found = supremum(lambda angle: chance_of(region, np.sin(angle) ** 2), 0.0, np.pi / 2, points)
    if found > _UNDERFLOWS:
        return min(log(found), 0.0)
    return supremum(lambda angle: log_region(region, np.sin(angle) ** 2), 0.0, np.pi / 2, points)


def supremum(
    function: Callable[[Floats], Floats], low: float, high: float, points: int, rounds: int = 8
) -> float:
    """Largest value of a smooth function of (m,) places from `low` to `high`."""
    best, step = -np.inf, (high - low) / points
    places = np.linspace(low, high, points + 1)
    for _ in range(rounds):
        values = np.concatenate([function(places[i : i + _BLOCK]) for i in range(0, len(places), _BLOCK)])
        best = max(best, float(values.max()))
        top = places[np.argsort(-values)[:3]]
        places = np.concatenate([x + np.linspace(-step, step, 17) for x in top])
        places, step = np.unique(np.clip(places, low, high)), step / 8
    return best


def chance_of(region: Region, share: Floats) -> Floats:
    """(m,) probabilities of a region when both arms have the (m,) shares."""
    n0, n1 = len(region.low) - 1, region.n1
    control, treated = (np.exp(log_masses(np.arange(n + 1), n, share)) for n in (n0, n1))
    none, total = np.zeros((1, len(share))), np.zeros(len(share))
    if (region.low >= 0).any():
        at_most = np.concatenate([none, np.cumsum(treated, axis=0)])
        total += np.einsum("ij,ij->j", control, at_most[region.low + 1])
    if (region.high <= n1).any():
        at_least = np.concatenate([np.cumsum(treated[::-1], axis=0)[::-1], none])
        total += np.einsum("ij,ij->j", control, at_least[region.high])
    return total


def log_region(region: Region, share: Floats) -> Floats:
    """Logarithms of `chance_of`, exact where it underflows."""
    n0, n1 = len(region.low) - 1, region.n1
    control, treated = (log_masses(np.arange(n + 1), n, share) for n in (n0, n1))
    parts = []
    none = np.full((1, len(share)), -np.inf)
    if (region.low >= 0).any():
        at_most = np.concatenate([none, np.logaddexp.accumulate(treated, axis=0)])
        parts.append(at_most[region.low + 1])
    if (region.high <= n1).any():
        at_least = np.concatenate([np.logaddexp.accumulate(treated[::-1], axis=0)[::-1], none])
        parts.append(at_least[region.high])
    if not parts:
        return np.full(len(share), -np.inf)
    logs = control + (parts[0] if len(parts) == 1 else np.logaddexp(*parts))
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)), dtype=np.float64)


def log_masses(k: Ints, n: int, share: Floats) -> Floats:
    """(len(k), m) log probabilities of k successes of n at (m,) shares; n of some thousands.

    A share of 0 or 1 is taken as one next to it: the smallest and largest shares that arithmetic knows.
    """
    share = np.clip(share, 1e-300, 1 - 2**-53)
    choices = _log_choices(n)[k]
    return np.asarray(
        choices[:, None] + np.outer(k, np.log(share)) + np.outer(n - k, np.log1p(-share)), dtype=np.float64
    )


@lru_cache(maxsize=8)
def _log_choices(n: int) -> Floats:
    """(n + 1,) logarithms of the ways to choose k of n."""
    found = log_binomial(np.arange(n + 1), n, 0.5) + n * log(2.0)
    found.flags.writeable = False
    return found
