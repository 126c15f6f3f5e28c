"""The passes over customers that prices need, compiled.

Amounts add up as whole numbers, so that no order of the customers shows in a sum. Moneys come as a tuple of
(n, K) amounts; what an offer that cannot be made (value -inf) would cost is never read.
"""

import numpy as np
from numba import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@njit(cache=True, nogil=True)
def first_wrong(value, amount):  # type: ignore[no-untyped-def]  # compiled
    """Place in the rows' K columns of the first amount below 0 or no number, -1 where there is none."""
    n, offers = value.shape
    for i in range(n):
        for k in range(offers):
            if value[i, k] > -np.inf and not 0.0 <= amount[i, k] < np.inf:
                return i * offers + k
    return -1


@njit(cache=True, nogil=True)
def largest(value, amount):  # type: ignore[no-untyped-def]  # compiled
    """The largest amount of a feasible offer, and the sum over customers of each one's largest, to a 2^-31 of
    it and in every order the same."""
    n, offers = value.shape
    top = 0.0
    for i in range(n):
        for k in range(offers):
            if value[i, k] > -np.inf and amount[i, k] > top:
                top = amount[i, k]
    whole = np.int64(0)
    scale = 2.0**31 / top if top > 0.0 else 0.0
    for i in range(n):
        most = 0.0
        for k in range(offers):
            if value[i, k] > -np.inf and amount[i, k] > most:
                most = amount[i, k]
        whole += np.int64(np.ceil(most * scale))
    return top, whole * (top / 2.0**31)


@njit(cache=True, nogil=True)
def add_up(value, amount, price, fee, bonus, group, scales, out_sum, out_count, out_group):  # type: ignore[no-untyped-def]  # compiled
    """Every customer's best arm at these prices, added up.

    value: (n, K). amount: D of (n, K); price: (D,) of each money. fee: (K,) of each offer. bonus: (G,)
    for any offer to a group's customer; group: (n,). scales: (1 + D,) whole numbers per unit.
    out_sum: (1 + D,) of the best reduced values, then of each money. out_count: (K,). out_group: (G,).
    """
    out_sum[:] = 0
    out_count[:] = 0
    out_group[:] = 0
    moneys = len(amount)
    n, offers = value.shape
    for i in range(n):
        best, at = 0.0, -1
        extra = bonus[group[i]]
        for k in range(offers):
            reduced = value[i, k] - fee[k] + extra
            for d in range(moneys):
                reduced -= price[d] * amount[d][i, k]
            if reduced > best:
                best, at = reduced, k
        if at >= 0:
            out_sum[0] += np.int64(best * scales[0])
            for d in range(moneys):
                out_sum[1 + d] += np.int64(amount[d][i, at] * scales[1 + d])
            out_count[at] += 1
            out_group[group[i]] += 1


@njit(cache=True, nogil=True)
def reduce(value, amount, price, fee, reduced, first, second):  # type: ignore[no-untyped-def]  # compiled
    """(n, K) values less prices; (n,) the best offer's and the next one's, -inf where there is none."""
    moneys = len(amount)
    n, offers = value.shape
    for i in range(n):
        best, next_best = -np.inf, -np.inf
        for k in range(offers):
            worth = value[i, k] - fee[k]
            for d in range(moneys):
                worth -= price[d] * amount[d][i, k]
            reduced[i, k] = worth
            if worth > best:
                best, next_best = worth, best
            elif worth > next_best:
                next_best = worth
        first[i], second[i] = best, next_best


@njit(cache=True, nogil=True)
def give(order, must, reduced, amount, caps, left, room, arm):  # type: ignore[no-untyped-def]  # compiled
    """Down the list, each customer gets the best arm that still fits.

    Returns how many had to go without, and how many got less than their best.

    must: whether none is no answer. caps: (C, K) which offers count. left: (D + C,) whole numbers, money
    times its scale in `room` (D,), then customers; an amount is rounded up.
    """
    moneys, offers = len(amount), reduced.shape[1]
    failed = missed = 0
    for place in range(len(order)):
        i = order[place]
        best, at = (-np.inf, -1) if must else (0.0, -1)
        wish = best
        for k in range(offers):
            if reduced[i, k] > wish:
                wish = reduced[i, k]
            if reduced[i, k] > best and _fits(i, k, amount, caps, left, room):
                best, at = reduced[i, k], k
        if at >= 0:
            for d in range(moneys):
                left[d] -= np.int64(np.ceil(amount[d][i, at] * room[d]))
            for c in range(len(caps)):
                left[moneys + c] -= caps[c, at]
        elif must:
            failed += 1
        missed += best < wish
        arm[i] = at + 1
    return failed, missed


@njit(cache=True, nogil=True)
def better(rows, value, reduced, amount, caps, left, room, arm, upgrade, loss):  # type: ignore[no-untyped-def]  # compiled
    """Of each of these customers the arm of more value that costs least in reduced value and fits, or -1."""
    offers = value.shape[1]
    for place in range(len(rows)):
        i = rows[place]
        now = arm[i] - 1
        have = value[i, now] if now >= 0 else 0.0
        worth = reduced[i, now] if now >= 0 else 0.0
        best, at = -np.inf, -1
        for k in range(offers):
            if (
                value[i, k] > have
                and reduced[i, k] > best
                and _fits_instead(i, k, now, amount, caps, left, room)
            ):
                best, at = reduced[i, k], k
        upgrade[place] = at
        loss[place] = worth - best


@njit(cache=True, nogil=True)
def swap(rows, order, upgrade, amount, caps, left, room, arm):  # type: ignore[no-untyped-def]  # compiled
    """Down the list, each customer gets the upgrade where it still fits; returns how many did."""
    moneys = len(amount)
    done = 0
    for place in range(len(order)):
        i, k = rows[order[place]], upgrade[order[place]]
        now = arm[i] - 1
        if k < 0 or not _fits_instead(i, k, now, amount, caps, left, room):
            continue
        for d in range(moneys):
            back = np.int64(np.ceil(amount[d][i, now] * room[d])) if now >= 0 else 0
            left[d] += back - np.int64(np.ceil(amount[d][i, k] * room[d]))
        for c in range(len(caps)):
            left[moneys + c] += (caps[c, now] if now >= 0 else 0) - caps[c, k]
        arm[i] = k + 1
        done += 1
    return done


@njit(cache=True, nogil=True)
def sampled(bits, threshold, chosen):  # type: ignore[no-untyped-def]  # compiled
    """Which customers a hash of their own numbers picks: the same ones in every order of the rows."""
    n, offers = bits.shape
    for i in range(n):
        h = np.uint64(1)
        for k in range(offers):
            h = (h ^ bits[i, k]) * _MIX
            h ^= h >> _SHIFT
        chosen[i] = h < threshold


@njit(cache=True, nogil=True)
def _fits(i, k, amount, caps, left, room):  # type: ignore[no-untyped-def]  # compiled
    return _fits_instead(i, k, -1, amount, caps, left, room)


@njit(cache=True, nogil=True)
def _fits_instead(i, k, now, amount, caps, left, room):  # type: ignore[no-untyped-def]  # compiled
    moneys = len(amount)
    for d in range(moneys):
        back = np.int64(np.ceil(amount[d][i, now] * room[d])) if now >= 0 else 0
        if np.int64(np.ceil(amount[d][i, k] * room[d])) > left[d] + back:
            return False
    for c in range(len(caps)):
        back = caps[c, now] if now >= 0 else 0
        if caps[c, k] > left[moneys + c] + back:
            return False
    return True
