"""The upper hull of every customer's offers, compiled."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def upgrades(value, cost, start, row, left, arm, slope, extra, gain):  # type: ignore[no-untyped-def]  # compiled
    """Every customer's arm of least cost and the upgrades from there, steepest first; returns how many.

    value, cost: (n, K), value -inf where an offer cannot be made; none costs and gains 0. start: (n,).
    row, left (arm before), arm, slope, extra (cost), gain: of each upgrade, with room for n x K.
    A next corner is the arm of most value per cost, of equals the farthest.
    """
    n, offers = value.shape
    count = 0
    for i in range(n):
        now, now_value, now_cost = 0, 0.0, 0.0
        for k in range(offers):
            v, c = value[i, k], cost[i, k]
            if v > -np.inf and (c < now_cost or (c == now_cost and v > now_value)):
                now, now_value, now_cost = k + 1, v, c
        start[i] = now
        limit = np.inf
        while True:
            best, reach, at = 0.0, 0.0, -1
            for k in range(-1, offers):
                more = (value[i, k] if k >= 0 else 0.0) - now_value
                far = (cost[i, k] if k >= 0 else 0.0) - now_cost
                if more > 0.0 and far > 0.0:
                    ratio = more / far
                    if ratio > best or (ratio == best and far > reach):
                        best, reach, at = ratio, far, k + 1
            if at < 0:
                break
            if best >= limit:  # a hull's slopes fall, whatever rounding says
                best = np.nextafter(limit, -np.inf)
            row[count], left[count], arm[count], slope[count] = i, now, at, best
            next_value = value[i, at - 1] if at > 0 else 0.0
            next_cost = cost[i, at - 1] if at > 0 else 0.0
            extra[count], gain[count] = next_cost - now_cost, next_value - now_value
            now, now_value, now_cost, limit = at, next_value, next_cost, best
            count += 1
    return count
