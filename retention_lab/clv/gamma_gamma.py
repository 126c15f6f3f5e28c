"""Gamma-Gamma: what a purchase of each customer is worth on average, shrunk towards everybody's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from retention_lab.arrays import Floats
from retention_lab.clv.newton import Likelihood, at_edge, maximise
from retention_lab.clv.purchases import params_file, params_of
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """p: shape of a customer's purchases; q, v: shape and rate of the gamma of the customers' own rates.

    The literature calls v gamma as well.
    """

    p: float
    q: float
    v: float

    @property
    def params(self) -> dict[str, float]:
        """p, q, v."""
        return asdict(self)

    def expected_value(self, frequency: Any, mean_value: Any) -> Floats:
        """(n,) value expected of a purchase, for (n,) observed purchases of (n,) value on average.

        Without a purchase the mean value is not read, and everybody's is expected. Who returned as much as
        he bought, or more, counts as having spent nothing.
        Raises LabError where that is not finite (q up to 1), or a value is missing.
        """
        x, mean = _past(frequency, mean_value)
        if self.q <= 1 and np.any(self.p * x + self.q <= 1):
            raise LabError(
                f"Spending is so unequal (q = {self.q:.3g}) that customers without purchases have no mean.",
                "Cap the largest purchases, or leave such customers out.",
            )
        return np.asarray(self.p * (self.v + x * mean) / (self.p * x + self.q - 1), dtype=np.float64)

    def draw(self, frequency: Any, mean_value: Any, purchases: Floats, seed: int) -> Floats:
        """(draws, n) total values of (draws, n) numbers of purchases, given each customer's own past."""
        x, mean = _past(frequency, mean_value)
        rng = np.random.default_rng(seed)
        rate = rng.gamma(self.p * x + self.q, 1 / (self.v + x * mean), size=purchases.shape)
        total = rng.gamma(np.maximum(self.p * purchases, 1e-300))
        return np.asarray(np.where(purchases > 0, total / rate, 0.0), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "GammaGamma":
        """The model that `to_files` wrote."""
        return GammaGamma(**params_of(files))


@dataclass(frozen=True, slots=True)
class SpendingFit:
    """The model, the customers that it was fitted on, and its uncertainty.

    log_likelihood: summed over customers with a purchase. standard_errors: by parameter, None where the
    information has no inverse. edge: parameters that ran towards 0 or infinity.
    correlation: between number and mean value of purchases, which the model takes to be 0.
    """

    model: GammaGamma
    frequency: Floats
    mean_value: Floats
    log_likelihood: float
    standard_errors: dict[str, float] | None
    edge: tuple[str, ...]
    correlation: float

    @property
    def params(self) -> dict[str, float]:
        """p, q, v."""
        return self.model.params

    def expected_value(self) -> Floats:
        """(n,) value expected of a purchase of each fitted customer."""
        return self.model.expected_value(self.frequency, self.mean_value)


def fit_gamma_gamma(frequency: Any, mean_value: Any) -> SpendingFit:
    """Fit to (n,) numbers of purchases and (n,) their mean values; customers without any tell nothing.

    In the field's use, repeat purchases and their mean: the first one is often unlike the others.
    Raises LabError where a mean is missing or not above 0, or fewer than three customers bought.
    Source: Fader, Hardie, Lee (2005), Journal of Marketing Research 42(4), doi:10.1509/jmkr.2005.42.4.415;
    Fader and Hardie (2013), brucehardie.com/notes/025.

    >>> fit = fit_gamma_gamma([2, 1, 4, 3], [22.35, 11.77, 30.1, 25.2])
    >>> fit.expected_value().shape
    (4,)
    """
    x, mean = spending(frequency, mean_value)
    some = x > 0
    if some.sum() < 3:
        raise LabError(
            f"Only {int(some.sum())} customers have purchases to learn values from.",
            "Provide at least three.",
        )
    average = float(np.average(mean[some], weights=x[some]))
    found = maximise(likelihood_of(x[some], mean[some]), np.array([3.0, 4.0, average]))
    model = GammaGamma(*found.params.tolist())
    edge = tuple(name for name, out in zip(model.params, at_edge(found.params), strict=True) if out)
    errors = None
    if found.covariance is not None and not edge:
        errors = dict(zip(model.params, np.sqrt(np.diag(found.covariance)).tolist(), strict=True))
    return SpendingFit(model, x, mean, found.value, errors, edge, _correlation(x[some], mean[some]))


def likelihood_of(x: Floats, mean: Floats) -> Likelihood:
    """The log-likelihood in p, q, v with its derivatives, over customers with purchases."""
    total, n = x * mean, len(x)
    counts = np.bincount(x.astype(np.int64)).astype(np.float64)
    kinds = np.flatnonzero(counts).astype(np.float64)
    counts = counts[counts > 0]
    logs = float(x @ np.log(total))
    log_mean = float(np.log(mean).sum())

    def likelihood(params: Floats) -> tuple[float, Floats, Floats]:
        p, q, v = params
        scale, log_scale = 1 / (total + v), np.log(total + v)
        both, own = p * kinds + q, p * kinds
        along, flat = float(x @ log_scale), float(log_scale.sum())
        value = (
            counts @ (gammaln(both) - gammaln(own)) - n * gammaln(q) + n * q * np.log(v)
            + p * logs - log_mean - p * along - q * flat
        )  # fmt: skip
        by_x, by_one = float(x @ scale), float(scale.sum())
        gradient = np.array([
            counts * kinds @ (digamma(both) - digamma(own)) + logs - along,
            counts @ digamma(both) - n * digamma(q) + n * np.log(v) - flat,
            n * q / v - p * by_x - q * by_one,
        ])  # fmt: skip
        curve, squared = polygamma(1, both), scale * scale
        hessian = np.array([
            [counts * kinds**2 @ (curve - polygamma(1, own)), counts * kinds @ curve, -by_x],
            [0.0, counts @ curve - n * polygamma(1, q), n / v - by_one],
            [0.0, 0.0, -n * q / v**2 + p * float(x @ squared) + q * float(squared.sum())],
        ])  # fmt: skip
        return float(value), gradient, hessian + np.triu(hessian, 1).T

    return likelihood


def spending(frequency: Any, mean_value: Any) -> tuple[Floats, Floats]:
    """Checked (n,) numbers of purchases and mean values; where there is no purchase the mean becomes 0."""
    x, mean = (np.asarray(values, dtype=np.float64) for values in (frequency, mean_value))
    if x.shape != mean.shape or x.ndim != 1:
        raise LabError(
            f"{x.shape} numbers of purchases meet {mean.shape} mean values.", "Give one of each per customer."
        )
    wrong = ~(np.isfinite(x) & (x >= 0)) | ((x > 0) & ~(np.isfinite(mean) & (mean > 0)))
    if wrong.any():
        raise LabError(
            f"Row {int(np.argmax(wrong)) + 1} has purchases whose mean value is missing or not above 0 "
            f"({int(wrong.sum())} rows have), and a gamma distribution has no such values.",
            "Leave out purchases that cost nothing or were returned before summing up.",
        )
    return x, np.where(x > 0, mean, 0.0)


def _past(frequency: Any, mean_value: Any) -> tuple[Floats, Floats]:
    x, mean = (np.asarray(values, dtype=np.float64) for values in (frequency, mean_value))
    if x.shape != mean.shape or not np.isfinite(x).all() or not np.isfinite(mean[x > 0]).all():
        raise LabError(
            "Customers with purchases have no mean value.", "Give both numbers for every customer."
        )
    return x, np.where(x > 0, np.maximum(mean, 0.0), 0.0)


def _correlation(x: Floats, mean: Floats) -> float:
    if np.ptp(x) == 0 or np.ptp(mean) == 0:
        return 0.0
    return float(np.corrcoef(x, mean)[0, 1])
