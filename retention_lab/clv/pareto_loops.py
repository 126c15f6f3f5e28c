"""The loops of Pareto/NBD, compiled.

The likelihood of a row is that of being alive at T, or of having left at some u between the last purchase and
T. The textbook writes the second part as a difference of two hypergeometric functions, which is lost to
rounding for heavy buyers; here it is integrated as it stands, a sum of terms above 0, by Gauss-Legendre
points in the logarithm of u, and only as far as the integrand counts.
"""

import numpy as np
from numba import njit

SUMS = 15  # log-likelihood, 4 first derivatives, 10 second ones: rr, r alpha, r s, r beta, alpha alpha, …
_MOST = 24
_COUNTS = (8, 16, _MOST)
POINTS = np.zeros((3, _MOST))
WEIGHTS = np.zeros((3, _MOST))
for _k, _m in enumerate(_COUNTS):
    POINTS[_k, :_m], WEIGHTS[_k, :_m] = np.polynomial.legendre.leggauss(_m)
LOG_WEIGHTS = np.log(np.maximum(WEIGHTS, 1e-300))
_DEEP = 32.0  # of a logarithm: what lies further down does not count


@njit(cache=True, nogil=True)
def _fall(v, start, power, alpha, s, beta, least):  # type: ignore[no-untyped-def]  # compiled
    """How far the logarithm of the integrand lies below that at `start`; v: logarithm of least + u."""
    shift = np.exp(v) - least
    first = np.exp(start) - least
    return (
        power * np.log((alpha + shift) / (alpha + first))
        + (s + 1.0) * np.log((beta + shift) / (beta + first))
        - (v - start)
    )


@njit(cache=True, nogil=True)
def leaving(x, t_x, T, r, alpha, s, beta, height, log_a, log_b, u):  # type: ignore[no-untyped-def]  # compiled
    """Fill the logarithms of the shares that left at u, over that of being alive; how many there are.

    height, log_a, log_b (of alpha + u, beta + u), u: (24,) to be filled.
    """
    if t_x >= T:
        return 0
    power = r + x
    least = min(alpha, beta)
    start, end = np.log(least + t_x), np.log(least + T)
    fall = _fall(end, start, power, alpha, s, beta, least)
    if fall > 1.2 * _DEEP:  # the further, the steeper: halve until the end is neither too near nor too far
        low, high = start, end
        for _ in range(60):
            end = 0.5 * (low + high)
            fall = _fall(end, start, power, alpha, s, beta, least)
            if fall > 1.2 * _DEEP:
                high = end
            elif fall < _DEEP:
                low = end
            else:
                break
    half = 0.5 * (end - start)
    if fall < 4.0 and half < 0.8:
        k = 0
    elif fall < 18.0 and half < 2.0:
        k = 1
    else:
        k = 2
    count = _COUNTS[k]
    alive = power * np.log(alpha + T) + s * np.log(beta + T) + np.log(s * half)
    for j in range(count):
        v = start + half * (1.0 + POINTS[k, j])
        u[j] = np.exp(v) - least
        if alpha <= beta:
            log_a[j], log_b[j] = v, np.log(beta + u[j])
        else:
            log_a[j], log_b[j] = np.log(alpha + u[j]), v
        height[j] = alive + LOG_WEIGHTS[k, j] + v - power * log_a[j] - (s + 1.0) * log_b[j]
    return count


@njit(cache=True, nogil=True)
def add_up(x, t_x, T, weight, r, alpha, s, beta, out):  # type: ignore[no-untyped-def]  # compiled
    """Sums over rows of the log-likelihood without what depends on x alone, and its derivatives.

    weight: (n,), or (0,) for one each.
    """
    out[:] = 0.0
    weighted = len(weight) > 0
    height, log_a, log_b, u = np.empty(_MOST), np.empty(_MOST), np.empty(_MOST), np.empty(_MOST)
    for i in range(len(x)):
        w = weight[i] if weighted else 1.0
        count = leaving(x[i], t_x[i], T[i], r, alpha, s, beta, height, log_a, log_b, u)
        power = r + x[i]
        log_a_end, log_b_end = np.log(alpha + T[i]), np.log(beta + T[i])
        a_end, b_end = 1.0 / (alpha + T[i]), 1.0 / (beta + T[i])
        top = 0.0
        for j in range(count):
            top = max(top, height[j])
        alive = np.exp(-top)
        total = alive
        # sums over the ways to have left of derivatives less those of being alive, their products, and
        # the parts' own second derivatives
        d_r = d_alpha = d_s = d_beta = 0.0
        r_r = r_alpha = r_s = r_beta = alpha_alpha = alpha_s = alpha_beta = s_s = s_beta = beta_beta = 0.0
        for j in range(count):
            share = np.exp(height[j] - top)
            total += share
            a, b = 1.0 / (alpha + u[j]), 1.0 / (beta + u[j])
            g_r = log_a_end - log_a[j]
            g_alpha = power * (a_end - a)
            g_s = 1.0 / s + log_b_end - log_b[j]
            g_beta = s * b_end - (s + 1.0) * b
            d_r += share * g_r
            d_alpha += share * g_alpha
            d_s += share * g_s
            d_beta += share * g_beta
            r_r += share * g_r * g_r
            r_alpha += share * (g_r * g_alpha - a)
            r_s += share * g_r * g_s
            r_beta += share * g_r * g_beta
            alpha_alpha += share * (g_alpha * g_alpha + power * a * a)
            alpha_s += share * g_alpha * g_s
            alpha_beta += share * g_alpha * g_beta
            s_s += share * (g_s * g_s - 1.0 / (s * s))
            s_beta += share * (g_s * g_beta - b)
            beta_beta += share * (g_beta * g_beta + (s + 1.0) * b * b)
        one = 1.0 / total
        alive *= one
        d_r, d_alpha, d_s, d_beta = d_r * one, d_alpha * one, d_s * one, d_beta * one
        out[0] += w * (top + np.log(total) - power * log_a_end - s * log_b_end)
        out[1] += w * (d_r - log_a_end)
        out[2] += w * (d_alpha - power * a_end)
        out[3] += w * (d_s - log_b_end)
        out[4] += w * (d_beta - s * b_end)
        out[5] += w * (r_r * one - d_r * d_r)
        out[6] += w * (r_alpha * one - alive * a_end - d_r * d_alpha)
        out[7] += w * (r_s * one - d_r * d_s)
        out[8] += w * (r_beta * one - d_r * d_beta)
        out[9] += w * (alpha_alpha * one + alive * power * a_end * a_end - d_alpha * d_alpha)
        out[10] += w * (alpha_s * one - d_alpha * d_s)
        out[11] += w * (alpha_beta * one - d_alpha * d_beta)
        out[12] += w * (s_s * one - d_s * d_s)
        out[13] += w * (s_beta * one - alive * b_end - d_s * d_beta)
        out[14] += w * (beta_beta * one + alive * s * b_end * b_end - d_beta * d_beta)


@njit(cache=True, nogil=True)
def alive(x, t_x, T, r, alpha, s, beta, out):  # type: ignore[no-untyped-def]  # compiled
    """(n,) chance that each customer has not left by T."""
    height, log_a, log_b, u = np.empty(_MOST), np.empty(_MOST), np.empty(_MOST), np.empty(_MOST)
    for i in range(len(x)):
        gone = 0.0
        for j in range(leaving(x[i], t_x[i], T[i], r, alpha, s, beta, height, log_a, log_b, u)):
            gone += np.exp(min(height[j], 600.0))
        out[i] = 1.0 / (1.0 + gone)


@njit(cache=True, nogil=True)
def alive_each(x, t_x, T, r, alpha, s, beta, out):  # type: ignore[no-untyped-def]  # compiled
    """As `alive`, with alpha and beta (n,) of each customer's own."""
    for i in range(len(x)):
        part = slice(i, i + 1)
        alive(x[part], t_x[part], T[part], r, alpha[i], s, beta[i], out[part])


@njit(cache=True, nogil=True)
def each(x, t_x, T, r, alpha, s, beta, out):  # type: ignore[no-untyped-def]  # compiled
    """(n, 5) log-likelihood of each row and its derivatives by r, alpha, s, beta, with alpha, beta (n,)."""
    sums, one = np.empty(SUMS), np.empty(0)
    for i in range(len(x)):
        part = slice(i, i + 1)
        add_up(x[part], t_x[part], T[part], one, r, alpha[i], s, beta[i], sums)
        out[i] = sums[:5]
