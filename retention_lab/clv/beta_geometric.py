"""Shifted beta-geometric: how long contracts last, where leaving is seen.

Customers renew period by period, each with a chance of his own to leave; who is left is ever more loyal.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import betaln, digamma

from retention_lab.arrays import Floats
from retention_lab.clv.newton import at_edge, maximise, with_differences
from retention_lab.clv.purchases import params_file, params_of
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """alpha, beta: of the beta distribution of chances to leave at a renewal."""

    alpha: float
    beta: float

    @property
    def params(self) -> dict[str, float]:
        """alpha, beta."""
        return asdict(self)

    def survival(self, periods: Any) -> Floats:
        """Share still there after so many renewals (any shape, from 0 on)."""
        t = np.asarray(periods, dtype=np.float64)
        return np.asarray(np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta)))

    def retention(self, periods: Any) -> Floats:
        """Share that renews the n-th time, of those who renewed n - 1 times; rises with n."""
        t = np.asarray(periods, dtype=np.float64)
        return np.asarray((self.beta + t - 1) / (self.alpha + self.beta + t - 1), dtype=np.float64)

    def survival_from(self, tenure: Any, periods: float) -> Floats:
        """(n,) chance that customers who renewed `tenure` (n,) times renew so many times more."""
        have = np.asarray(tenure, dtype=np.float64)
        ahead = betaln(self.alpha, self.beta + have + periods)
        return np.asarray(np.exp(ahead - betaln(self.alpha, self.beta + have)), dtype=np.float64)

    def expected_renewals(self, tenure: Any, periods: int, discount: float = 0.0) -> Floats:
        """(n,) renewals expected in the next `periods` of customers who are there after `tenure` (n,).

        discount: of one period, 0.01 is 1 %; the first renewal ahead is discounted once.
        """
        have = np.asarray(tenure, dtype=np.float64)
        total = np.zeros(have.shape)
        for k in range(1, periods + 1):
            total += self.survival_from(have, k) / (1 + discount) ** k
        return total

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "BetaGeometric":
        """The model that `to_files` wrote."""
        return BetaGeometric(**params_of(files))


@dataclass(frozen=True, slots=True)
class ContractFit:
    """The model, its log-likelihood over all customers, and standard errors (None without an inverse)."""

    model: BetaGeometric
    log_likelihood: float
    standard_errors: dict[str, float] | None
    edge: tuple[str, ...]

    @property
    def params(self) -> dict[str, float]:
        """alpha, beta."""
        return self.model.params

    def survival(self, periods: Any) -> Floats:
        """Share still there after so many renewals."""
        return self.model.survival(periods)


def fit_beta_geometric(survivors: Any) -> ContractFit:
    """Fit to one cohort: customers at the start and after each renewal, (periods + 1,) counts.

    Raises LabError where counts rise, or nobody left.
    Source: Fader and Hardie (2007), Journal of Interactive Marketing 21(1), doi:10.1002/dir.20074.

    >>> fit = fit_beta_geometric([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> {name: round(value, 2) for name, value in fit.params.items()}
    {'alpha': 0.67, 'beta': 3.81}
    """
    counts = np.asarray(survivors, dtype=np.float64)
    if counts.ndim != 1 or len(counts) < 2 or not np.isfinite(counts).all() or np.any(np.diff(counts) > 0):
        raise LabError(
            "These are not the survivors of one cohort: counts are missing or rise.",
            "Give the number of customers at the start and after each period, none of them acquired later.",
        )
    lost = -np.diff(counts)
    periods = np.arange(1, len(counts), dtype=np.float64)
    return fit_lifetimes(periods, lost, np.zeros(len(lost)) + 0.0, counts[-1], len(counts) - 1.0)


def fit_lifetimes(
    left_at: Floats, lost: Floats, stayed: Floats, last: float = 0.0, tenure: float = 0.0
) -> ContractFit:
    """Fit to customers of several cohorts: (k,) renewals, how many (k,) left at that one, and how many (k,)
    are still there having renewed that often; `last` more are there after `tenure`.

    Raises LabError where nobody left, or nobody stayed through a single renewal.
    """
    t = np.append(left_at, tenure)
    gone, there = np.append(lost, 0.0), np.append(stayed, last)
    if gone.sum() <= 0 or gone.min() < 0 or there.min() < 0:
        raise LabError("Nobody left, so nothing is known of leaving.", "Take a longer period.")
    if np.all(t[(gone + there) > 0] <= 1) and np.all(there[t >= 1] == 0):
        raise LabError(
            "Everybody left at the first renewal, so nothing is known of staying.", "Take a shorter period."
        )

    def value_and_gradient(params: Floats) -> tuple[float, Floats]:
        alpha, beta = params
        base = betaln(alpha, beta)
        # who left at t: B(alpha + 1, beta + t - 1); who stayed through t: B(alpha, beta + t)
        at = np.maximum(t, 1.0)
        value = gone @ (betaln(alpha + 1, beta + at - 1) - base) + there @ (betaln(alpha, beta + t) - base)
        whole = digamma(alpha + beta)
        by_alpha = gone @ (digamma(alpha + 1) - digamma(alpha + beta + at)) + there @ (
            digamma(alpha) - digamma(alpha + beta + t)
        )
        by_beta = gone @ (digamma(beta + at - 1) - digamma(alpha + beta + at)) + there @ (
            digamma(beta + t) - digamma(alpha + beta + t)
        )
        n = gone.sum() + there.sum()
        gradient = [by_alpha - n * (digamma(alpha) - whole), by_beta - n * (digamma(beta) - whole)]
        return float(value), np.array(gradient)

    found = maximise(with_differences(value_and_gradient), np.array([1.0, 2.0]))
    model = BetaGeometric(*found.params.tolist())
    edge = tuple(name for name, out in zip(model.params, at_edge(found.params), strict=True) if out)
    errors = None
    if found.covariance is not None and not edge:
        errors = dict(zip(model.params, np.sqrt(np.diag(found.covariance)).tolist(), strict=True))
    return ContractFit(model, found.value, errors, edge)
