"""Pareto/NBD: steady buying rates, and lifetimes that end at any moment, unseen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import betainc, digamma, gammaln, polygamma

from retention_lab.arrays import Floats
from retention_lab.clv.newton import Likelihood
from retention_lab.clv.purchases import (
    PurchaseFit,
    buying_rate,
    climb,
    fitted,
    params_file,
    params_of,
    require_horizon,
)
from retention_lab.clv.rows import PurchaseRows, distinct, purchase_rows

_POINTS = 24  # at which the end of a lifetime is placed


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """r, alpha: shape and rate of the gamma of buying rates; s, beta: of the gamma of leaving rates."""

    r: float
    alpha: float
    s: float
    beta: float

    @property
    def params(self) -> dict[str, float]:
        """r, alpha, s, beta."""
        return asdict(self)

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected in the t after each customer's end of observation."""
        require_horizon(t)
        rate = (self.r + rows.frequency) / (self.alpha + rows.age)
        growth = np.log1p(t / (self.beta + rows.age))
        rest = self.s - 1.0
        lived = growth if abs(rest) < 1e-12 else -np.expm1(-rest * growth) / rest
        return np.asarray(self.probability_alive(rows) * rate * (self.beta + rows.age) * lived)

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance to be a customer still."""
        from retention_lab.clv.pareto_loops import alive  # compiled: only who predicts waits for it

        out = np.empty(len(rows))
        alive(rows.frequency, rows.recency, rows.age, self.r, self.alpha, self.s, self.beta, out)
        return out

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of at least n (rows,) purchases, n from 1 on, in the t after the end.

        Given that the customer is alive: an average over the moment of leaving, of the negative binomial
        count by then.
        """
        require_horizon(t)
        shape, age = self.r + rows.frequency, rows.age
        points, weights = np.polynomial.legendre.leggauss(_POINTS)
        growth = np.log1p(t / (self.beta + age))  # of ln(beta + T + u), in which the lifetime is exponential
        total = np.exp(-self.s * growth) * betainc(n, shape, t / (self.alpha + age + t))
        for point, weight in zip(points, weights, strict=True):
            place = growth * (1 + point) / 2
            lived = (self.beta + age) * np.expm1(place)
            density = self.s * np.exp(-self.s * place) * growth / 2
            total += weight * density * betainc(n, shape, lived / (self.alpha + age + lived))
        return np.asarray(self.probability_alive(rows) * total, dtype=np.float64)

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) numbers of purchases in the t after the end."""
        require_horizon(t)
        rng, size = np.random.default_rng(seed), (draws, len(rows))
        rate = rng.gamma(self.r + rows.frequency, 1 / (self.alpha + rows.age), size)
        leaving = np.maximum(rng.gamma(self.s, 1 / (self.beta + rows.age), size), 1e-300)
        here = rng.random(size) < self.probability_alive(rows)
        lived = np.minimum(rng.standard_exponential(size) / leaving, t)
        return np.asarray(np.where(here, rng.poisson(rate * lived), 0), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ParetoNbd":
        """The model that `to_files` wrote."""
        return ParetoNbd(**params_of(files))


def fit_pareto_nbd(frequency: Any, recency: Any, age: Any) -> PurchaseFit[ParetoNbd]:
    """Fit Pareto/NBD to (n,) repeat purchases, times of the last one and ages, times in one unit.

    The standard by which others are measured; slower than `fit_beta_geo`, but it knows that who bought once
    may have left. Finite for any history, heavy buyers among them.
    Raises LabError where rows are no histories, or nobody bought again.
    Source: Schmittlein, Morrison, Colombo (1987), Management Science 33(1), doi:10.1287/mnsc.33.1.1; Fader
    and Hardie (2005), brucehardie.com/notes/009.
    """
    return fit_rows(purchase_rows(frequency, recency, age))


def fit_rows(rows: PurchaseRows) -> PurchaseFit[ParetoNbd]:
    """As `fit_pareto_nbd`, of rows that are checked."""
    age = max(float(rows.age.mean()), 1e-12)
    start = np.array([0.5, 0.5 / max(buying_rate(rows), 1e-12), 0.7, 0.5 * age])
    maximum = climb(distinct(rows), start, likelihood_of)
    return fitted(rows, ParetoNbd(*maximum.params.tolist()), maximum)


def likelihood_of(rows: PurchaseRows) -> Likelihood:
    """The log-likelihood in r, alpha, s, beta with its derivatives, summed over the customers."""
    from retention_lab.clv.pareto_loops import SUMS, add_up  # compiled: only who fits waits for it

    weight = np.zeros(0) if rows.weight is None else rows.weight
    count = np.bincount(rows.frequency.astype(np.int64), weights=rows.weight).astype(np.float64)
    x = np.flatnonzero(count).astype(np.float64)
    count = count[count > 0]
    n = float(count.sum())
    sums = np.empty(SUMS)

    def likelihood(params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha, s, beta = (float(value) for value in params)
        add_up(rows.frequency, rows.recency, rows.age, weight, r, alpha, s, beta, sums)
        value = sums[0] + count @ (gammaln(r + x) - gammaln(r)) + n * (r * np.log(alpha) + s * np.log(beta))
        gradient = sums[1:5] + np.array([
            count @ (digamma(r + x) - digamma(r)) + n * np.log(alpha),
            n * r / alpha,
            n * np.log(beta),
            n * s / beta,
        ])  # fmt: skip
        hessian = np.zeros((4, 4))
        hessian[np.triu_indices(4)] = sums[5:]
        hessian[0, 0] += count @ (polygamma(1, r + x) - polygamma(1, r))
        hessian[0, 1] += n / alpha
        hessian[1, 1] -= n * r / alpha**2
        hessian[2, 3] += n / beta
        hessian[3, 3] -= n * s / beta**2
        return float(value), gradient, np.triu(hessian) + np.triu(hessian, 1).T

    return likelihood
