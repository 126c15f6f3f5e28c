"""The loops of models whose customers may leave after each purchase, compiled.

The likelihood of a row is a sum of two terms, alive at the end or gone after the last purchase; what depends
on the number of purchases alone is added outside, once for every number that occurs.
"""

import numpy as np
from numba import njit

SUMS = 15  # log-likelihood, 4 first derivatives, 10 second ones: rr, r alpha, r a, r b, alpha alpha, …
_BLOCK = 256


@njit(cache=True, nogil=True)
def add_up(x, t_x, T, weight, r, alpha, a, b, first, out):  # type: ignore[no-untyped-def]  # compiled
    """Sums over rows of ln[(alpha + T)^-(r + x) + a / (b + x + first - 1) (alpha + t_x)^-(r + x)].

    first: 1 where customers may leave at once, after the first purchase, 0 where only after a repeat, so
    that rows without one have no second term. weight: (n,), or (0,) for one each.
    Logarithms are taken a block at a time, so that the sums are free of calls and run several rows at once.
    """
    out[:] = 0.0
    weighted = len(weight) > 0
    w = np.ones(_BLOCK)
    log_late, log_ratio, by_b = np.empty(_BLOCK), np.zeros(_BLOCK), np.zeros(_BLOCK)
    odds, height = np.zeros(_BLOCK), np.zeros(_BLOCK)
    for start in range(0, len(x), _BLOCK):
        rows = min(_BLOCK, len(x) - start)
        if weighted:
            w[:rows] = weight[start : start + rows]
        for j in range(rows):
            i = start + j
            log_late[j] = np.log(alpha + T[i])
            if x[i] == 0.0 and first == 0:
                log_ratio[j] = by_b[j] = odds[j] = height[j] = 0.0
                continue
            by_b[j] = -1.0 / (b + x[i] + first - 1.0)
            log_ratio[j] = np.log((alpha + T[i]) / (alpha + t_x[i]))
            power = (r + x[i]) * log_ratio[j]
            # the second term over the first; beyond e^600 the first is nothing beside it
            odds[j] = -a * by_b[j] * np.exp(min(power, 600.0))
            height[j] = max(power - 600.0, 0.0) + np.log(1.0 + odds[j])
        _add_block(
            x[start : start + rows], t_x[start : start + rows], T[start : start + rows],
            w, log_late, log_ratio, by_b, odds, height, r, alpha, out,
        )  # fmt: skip
    for k in (3, 7, 10, 13):
        out[k] /= a
    out[12] /= a * a


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _add_block(x, t_x, T, w, log_late, log_ratio, by_b, odds, height, r, alpha, out):  # type: ignore[no-untyped-def]  # compiled
    value = to_r = to_alpha = to_a = to_b = 0.0
    r_r = r_alpha = r_a = r_b = alpha_alpha = alpha_a = alpha_b = a_a = a_b = b_b = 0.0
    for j in range(len(x)):
        power = r + x[j]
        late, early = 1.0 / (alpha + T[j]), 1.0 / (alpha + t_x[j])
        alive = 1.0 / (1.0 + odds[j])
        gone = w[j] * odds[j] * alive
        alive = w[j] * alive
        spread = gone * (1.0 - odds[j] / (1.0 + odds[j]))
        # derivatives of the second term's logarithm less the first's
        ratio, flip, by_alpha = log_ratio[j], by_b[j], power * (late - early)
        value += w[j] * (height[j] - power * log_late[j])
        to_r += gone * ratio - w[j] * log_late[j]
        to_alpha += gone * by_alpha - w[j] * power * late
        to_a += gone
        to_b += gone * flip
        r_r += spread * ratio * ratio
        r_alpha += spread * ratio * by_alpha - alive * late - gone * early
        r_a += spread * ratio
        r_b += spread * ratio * flip
        alpha_alpha += spread * by_alpha * by_alpha + power * (alive * late * late + gone * early * early)
        alpha_a += spread * by_alpha
        alpha_b += spread * by_alpha * flip
        a_a += spread - gone
        a_b += spread * flip
        b_b += (spread + gone) * flip * flip
    out[0] += value
    out[1] += to_r
    out[2] += to_alpha
    out[3] += to_a
    out[4] += to_b
    out[5] += r_r
    out[6] += r_alpha
    out[7] += r_a
    out[8] += r_b
    out[9] += alpha_alpha
    out[10] += alpha_a
    out[11] += alpha_b
    out[12] += a_a
    out[13] += a_b
    out[14] += b_b


@njit(cache=True, nogil=True)
def alive(x, t_x, T, r, alpha, a, b, first, out):  # type: ignore[no-untyped-def]  # compiled
    """(n,) chance that each customer has not left by T."""
    for i in range(len(x)):
        if x[i] == 0.0 and first == 0:
            out[i] = 1.0
        else:
            ratio = np.log((alpha + T[i]) / (alpha + t_x[i]))
            out[i] = 1.0 / (1.0 + a / (b + x[i] + first - 1.0) * np.exp(min((r + x[i]) * ratio, 700.0)))


@njit(cache=True, nogil=True)
def polynomials(x, T, alpha, t, place, points, powers, centre, half, out):  # type: ignore[no-untyped-def]
    """Multiply `out` (n,) by row place[x] of the powers, so many of them, of ln(1 + t / (alpha + T)); rows
    without a place stay as they are."""
    for i in range(len(x)):
        k = place[int(x[i])]
        if k < 0:
            continue
        v = (np.log1p(t / (alpha + T[i])) - centre) / half
        total = 0.0
        for j in range(points[k] - 1, -1, -1):
            total = total * v + powers[k, j]
        out[i] *= total
