"""Customers who buy at a steady rate and may leave after each purchase: what BG/NBD and MBG/NBD share.

Given a history and that the customer is alive, the rate has a gamma distribution, the chance to leave a beta
distribution, and the two are independent. Everything here follows from that.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betainc, betaln, digamma, expit, gammaln, polygamma

from retention_lab.arrays import Floats, Ints
from retention_lab.clv.newton import Likelihood
from retention_lab.clv.rows import PurchaseRows

_MOST_POINTS = 48  # of a polynomial, beyond which powers lose digits
_LOST = 34.0  # of a logarithm, below which a share does not count
_SMALL = 0.3  # a or b, below which the density falls off slowly next to 0 or 1
_SPARSE = 64  # rows below which an average is taken for each


@dataclass(frozen=True, slots=True)
class Dropout:
    """r, alpha: shape and rate of the gamma of buying rates; a, b: of the beta of chances to leave.

    first: 1 where a customer may leave right after the first purchase, 0 where only after a repeat.
    """

    r: float
    alpha: float
    a: float
    b: float
    first: int

    def alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance to be alive at the end of the observation."""
        from retention_lab.clv.geometric_loops import alive  # compiled: only who predicts waits for it

        out = np.empty(len(rows))
        alive(rows.frequency, rows.recency, rows.age, self.r, self.alpha, self.a, self.b, self.first, out)
        return out

    def expected(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected in the t after the end of the observation.

        Alive, with chance p to leave at each purchase and w = t / (alpha + age), a customer makes
        (1 - (1 + p w)^-(r + x)) / p purchases; the average over p is smooth in ln(1 + w), so that for each x
        it is taken at a few points, and a polynomial does the rest.
        """
        from retention_lab.clv.geometric_loops import polynomials  # compiled: as above

        chance = self.alive(rows)
        if t == 0:
            return np.zeros(len(rows))
        log_growth = np.log1p(t / (self.alpha + rows.age)) if len(rows) < _SPARSE else None
        if log_growth is not None:
            return np.asarray(chance * self._average(rows.frequency, log_growth), dtype=np.float64)
        ends = np.log1p(t / (self.alpha + np.array([rows.age.max(), rows.age.min()])))
        centre, half = float(ends.mean()), max(float(ends[1] - ends[0]) / 2, 1e-9)
        count = np.bincount(rows.frequency.astype(np.int64))
        kinds = np.flatnonzero(count)
        points = _points(half, np.asarray(self.r + kinds, dtype=np.float64))
        smooth, points = kinds[points <= _MOST_POINTS], points[points <= _MOST_POINTS]
        place = np.full(len(count), -1)
        place[smooth] = np.arange(len(smooth))
        powers = self._powers(smooth.astype(np.float64), points, centre, half)
        polynomials(rows.frequency, rows.age, self.alpha, t, place, points, powers, centre, half, chance)
        if len(smooth) < len(kinds):  # the heaviest buyers, of whom there are few
            heavy = np.flatnonzero(place[rows.frequency.astype(np.int64)] < 0)
            growth = np.log1p(t / (self.alpha + rows.age[heavy]))
            chance[heavy] *= self._average(rows.frequency[heavy], growth)
        return chance

    def at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of n (rows,) purchases or more in the t after the end; n from 1 on.

        The n-th comes if the customer is alive, stays after the n - 1 before, and the negative binomial
        count of a customer who never leaves reaches n.
        """
        x, last = rows.frequency, self.b + rows.frequency + self.first
        stays = np.exp(betaln(self.a, last + n - 1) - betaln(self.a, last))
        reaches = betainc(n, self.r + x, t / (self.alpha + rows.age + t))
        return np.asarray(self.alive(rows) * stays * reaches, dtype=np.float64)

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) purchases: those of a customer who never leaves, up to the one after which he does."""
        rng, size = np.random.default_rng(seed), (draws, len(rows))
        rate = rng.gamma(self.r + rows.frequency, 1 / (self.alpha + rows.age), size)
        leaves = np.maximum(rng.beta(self.a, self.b + rows.frequency + self.first, size), 1e-15)
        here = rng.random(size) < self.alive(rows)
        made = np.minimum(rng.poisson(rate * t), rng.geometric(leaves))
        return np.asarray(np.where(here, made, 0), dtype=np.float64)

    def _powers(self, x: Floats, points: Ints, centre: float, half: float) -> Floats:
        """(k, most points) coefficients of the powers of (ln(1 + w) - centre) / half that give the average,
        for each of the counts (k,), from so many points (k,)."""
        found = np.zeros((len(x), int(points.max(initial=1))))
        for m in np.unique(points):
            own = np.flatnonzero(points == m)
            nodes = np.cos(np.pi * (np.arange(m) + 0.5) / m)
            values = self._average(np.repeat(x[own], m), np.tile(centre + half * nodes, len(own)))
            found[own, :m] = _powers(values.reshape(len(own), m), nodes)
        return found

    def _average(self, x: Floats, log_growth: Floats) -> Floats:
        """(m,) purchases expected of customers who are alive, for counts and ln(1 + w)."""
        found = np.empty(len(x))
        for start in range(0, len(x), 256):  # a few megabytes at a time
            part = slice(start, start + 256)
            found[part] = self._average_of(x[part], np.expm1(log_growth[part]))
        return found

    def _average_of(self, x: Floats, w: Floats) -> Floats:
        """By the trapezoidal rule in the log odds of p, where the integrand is smooth and falls off fast.

        With a small `a` or `b` most chances are next to 0 or 1, where the density falls off slowly; there
        what is averaged is how far the purchases are from the straight line between both ends, whose
        average is known.
        """
        b, shape = self.b + x + self.first, self.r + x
        never, at_once = shape * w, -np.expm1(-shape * np.log1p(w))
        small = min(self.a, self.b + self.first) < _SMALL
        reach = np.log1p(never.max()) if small else 0.0
        top = np.clip(np.log(self.a / b), -_LOST, _LOST) if not small else np.zeros(len(b))
        low, high = -_LOST / (self.a + small) - 8 - reach, _LOST / (b.min() + small) + 8 + reach
        step = min(0.35, 0.6 / np.sqrt(max(self.a, 1.0)))
        v = low + step * np.arange(int((high - low) / step) + 2) + top[:, None]
        log_p, log_q = -np.logaddexp(0, -v), -np.logaddexp(0, v)
        density = step * np.exp(self.a * log_p + b[:, None] * log_q - betaln(self.a, b)[:, None])
        p = np.maximum(expit(v), 1e-300)
        made = -np.expm1(-shape[:, None] * np.log1p(p * w[:, None])) / p
        if not small:
            return np.asarray(np.sum(density * made, axis=1), dtype=np.float64)
        line = never[:, None] * np.exp(log_q) + at_once[:, None] * p
        straight = (never * b + at_once * self.a) / (self.a + b)
        return np.asarray(straight + np.sum(density * (made - line), axis=1), dtype=np.float64)


def likelihood_of(rows: PurchaseRows, first: int) -> Likelihood:
    """The log-likelihood in r, alpha, a, b with its derivatives, summed over the customers."""
    from retention_lab.clv.geometric_loops import SUMS, add_up  # compiled: only who fits waits for it

    weight = np.zeros(0) if rows.weight is None else rows.weight
    count = np.bincount(rows.frequency.astype(np.int64), weights=rows.weight).astype(np.float64)
    x = np.flatnonzero(count).astype(np.float64)
    count = count[count > 0]
    sums = np.empty(SUMS)

    def likelihood(params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha, a, b = (float(value) for value in params)
        add_up(rows.frequency, rows.recency, rows.age, weight, r, alpha, a, b, first, sums)
        value, gradient, hessian = by_count(x, count, params, first)
        hessian[np.triu_indices(4)] += sums[5:]
        return value + sums[0], gradient + sums[1:5], np.triu(hessian) + np.triu(hessian, 1).T

    return likelihood


def by_count(x: Floats, count: Floats, params: Floats, first: int) -> tuple[float, Floats, Floats]:
    """What depends on the number of purchases alone, over counts (k,) of customers with x (k,) purchases:
    value, gradient and upper Hessian."""
    r, alpha, a, b = params
    stay = b + x + first
    n = float(count.sum())
    logs = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(stay) - gammaln(a + stay)
    )  # fmt: skip
    gradient = np.array([
        count @ (digamma(r + x) - digamma(r)) + n * np.log(alpha),
        n * r / alpha,
        count @ (digamma(a + b) - digamma(a + stay)),
        count @ (digamma(a + b) - digamma(b) + digamma(stay) - digamma(a + stay)),
    ])  # fmt: skip
    both = count @ (_trigamma(a + b) - _trigamma(a + stay))
    hessian = np.zeros((4, 4))
    hessian[0, 0] = count @ (_trigamma(r + x) - _trigamma(r))
    hessian[0, 1], hessian[1, 1] = n / alpha, -n * r / alpha**2
    hessian[2, 2] = hessian[2, 3] = both
    hessian[3, 3] = both + count @ (_trigamma(stay) - _trigamma(b))
    return float(count @ logs), gradient, hessian


def _trigamma(values: Floats | float) -> Floats:
    return np.asarray(polygamma(1, values), dtype=np.float64)


def _points(half: float, shape: Floats) -> Ints:
    """(k,) points of a polynomial over 2 half that is right to 12 digits, for shapes r + x (k,).

    The average is analytic in the logarithm as far as pi from the real line, but grows on the way by
    exp(shape distance^2 / 2); errors fall with the ellipse that fits in between.
    """
    reach = np.minimum(np.pi, np.sqrt(16 / shape)) / half
    return np.asarray(np.ceil(36 / np.log(reach + np.sqrt(reach**2 + 1))) + 2, dtype=np.int64)


def _powers(values: Floats, nodes: Floats) -> Floats:
    """(k, m) values at Chebyshev nodes -> (k, m) coefficients of the powers, lowest first."""
    m = len(nodes)
    chebyshev = 2 / m * values @ np.cos(np.arange(m)[None, :] * np.arccos(nodes)[:, None])
    chebyshev[:, 0] /= 2
    return np.ascontiguousarray(chebyshev @ _chebyshev_powers(m))


@lru_cache(maxsize=64)
def _chebyshev_powers(m: int) -> Floats:
    """(m, m) row k: the k-th Chebyshev polynomial in powers, lowest first."""
    basis = np.zeros((m, m))
    basis[0, 0] = basis[1, 1] = 1.0
    for k in range(2, m):
        basis[k, 1:] = 2 * basis[k - 1, :-1]
        basis[k] -= basis[k - 2]
    return basis
