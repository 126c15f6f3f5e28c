"""What customers are like moves their buying and leaving rates: Pareto/NBD with static covariates.

A customer with features z has the rates' scales alpha exp(-z buying) and beta exp(-z leaving): a coefficient
of 0.1 makes him buy, or leave, 10.5 % faster for each unit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from retention_lab.arrays import Floats
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.pareto_nbd import fit_rows as fit_without
from retention_lab.clv.purchases import FILE
from retention_lab.clv.rows import PurchaseRows, purchase_rows
from retention_lab.errors import LabError

_FURTHEST = 10.0  # coefficient times a standard deviation


@dataclass(frozen=True, slots=True)
class CovariateParetoNbd:
    """base: r, alpha, s, beta of a customer whose features are 0. buying, leaving: (d,) coefficients."""

    base: ParetoNbd
    buying: Floats
    leaving: Floats

    @property
    def params(self) -> dict[str, float]:
        """The base's, then `buying.<k>` and `leaving.<k>`."""
        own = {f"buying.{k}": float(v) for k, v in enumerate(self.buying)}
        return self.base.params | own | {f"leaving.{k}": float(v) for k, v in enumerate(self.leaving)}

    def expected_purchases(self, rows: PurchaseRows, features: Floats, t: float) -> Floats:
        """(n,) purchases expected in the t after each customer's end of observation; features: (n, d)."""
        alpha, beta = self._scales(features)
        rate = (self.base.r + rows.frequency) / (alpha + rows.age)
        growth, rest = np.log1p(t / (beta + rows.age)), self.base.s - 1.0
        lived = growth if abs(rest) < 1e-12 else -np.expm1(-rest * growth) / rest
        alive = self.probability_alive(rows, features)
        return np.asarray(alive * rate * (beta + rows.age) * lived, dtype=np.float64)

    def probability_alive(self, rows: PurchaseRows, features: Floats) -> Floats:
        """(n,) chance to be a customer still; features: (n, d)."""
        from retention_lab.clv.pareto_loops import alive_each

        out = np.empty(len(rows))
        alpha, beta = self._scales(features)
        alive_each(rows.frequency, rows.recency, rows.age, self.base.r, alpha, self.base.s, beta, out)
        return out

    def to_files(self) -> dict[str, bytes]:
        """Parameters and coefficients."""
        own = {"buying": self.buying.tolist(), "leaving": self.leaving.tolist()}
        return {**self.base.to_files(), "coefficients.json": json.dumps(own, allow_nan=False).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "CovariateParetoNbd":
        """The model that `to_files` wrote."""
        own = json.loads(files["coefficients.json"])
        base = ParetoNbd.from_files({FILE: files[FILE]})
        return CovariateParetoNbd(base, np.array(own["buying"]), np.array(own["leaving"]))

    def _scales(self, features: Floats) -> tuple[Floats, Floats]:
        return _scales(self.base.alpha, self.base.beta, self.buying, self.leaving, features)


@dataclass(frozen=True, slots=True)
class CovariateFit:
    """The model, its customers, the log-likelihood, and standard errors by parameter (None: no inverse)."""

    model: CovariateParetoNbd
    rows: PurchaseRows
    features: Floats
    log_likelihood: float
    standard_errors: dict[str, float] | None

    @property
    def params(self) -> dict[str, float]:
        """Those of the model."""
        return self.model.params

    def expected_purchases(self, t: float) -> Floats:
        """(n,) purchases expected of the fitted customers in the next t."""
        return self.model.expected_purchases(self.rows, self.features, t)

    def probability_alive(self) -> Floats:
        """(n,) chance that each fitted customer has not left for good."""
        return self.model.probability_alive(self.rows, self.features)


def fit_pareto_nbd_with_covariates(frequency: Any, recency: Any, age: Any, features: Any) -> CovariateFit:
    """Fit to (n,) histories and (n, d) features known at the first purchase, the same for both rates.

    Raises LabError where rows are no histories, a feature is missing, or does not vary or repeats others.
    Source: Fader and Hardie (2007), brucehardie.com/notes/019.
    """
    rows, z = purchase_rows(frequency, recency, age), np.asarray(features, dtype=np.float64)
    _require_features(z, len(rows))
    mean, scale = z.mean(axis=0), z.std(axis=0)
    standard, d = (z - mean) / scale, z.shape[1]
    base = fit_without(rows).model

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, gradient = _likelihood(theta, rows, standard)
        return -value / len(rows), -gradient / len(rows)

    start = np.concatenate([np.log([base.r, base.alpha, base.s, base.beta]), np.zeros(2 * d)])
    bounds = [(-14.0, 14.0)] * 4 + [(-_FURTHEST, _FURTHEST)] * (2 * d)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1_000},
    )  # fmt: skip
    theta, errors = _unscaled(found.x, mean, scale), None
    covariance = _covariance(found.x, rows, standard)
    model = _model(theta)
    if covariance is not None:
        turn = _unscaling(mean, scale)
        spread = np.sqrt(np.diag(turn @ covariance @ turn.T))
        spread[:4] *= np.exp(theta[:4])
        errors = dict(zip(model.params, spread.tolist(), strict=True))
    return CovariateFit(model, rows, z, -float(found.fun) * len(rows), errors)


def _likelihood(theta: Floats, rows: PurchaseRows, z: Floats) -> tuple[float, Floats]:
    """Log-likelihood and gradient in the logs of r, alpha, s, beta and the coefficients."""
    from retention_lab.clv.pareto_loops import each

    d = z.shape[1]
    r, alpha0, s, beta0 = np.exp(theta[:4])
    alpha, beta = _scales(alpha0, beta0, theta[4 : 4 + d], theta[4 + d :], z)
    x, n = rows.frequency, len(rows)
    out = np.empty((n, 5))
    each(x, rows.recency, rows.age, r, alpha, s, beta, out)
    value = out[:, 0] + gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    by_r = out[:, 1] + digamma(r + x) - digamma(r) + np.log(alpha)
    by_alpha = (out[:, 2] + r / alpha) * alpha  # in its logarithm
    by_s = out[:, 3] + np.log(beta)
    by_beta = (out[:, 4] + s / beta) * beta
    gradient = [by_r.sum() * r, by_alpha.sum(), by_s.sum() * s, by_beta.sum()]
    return float(value.sum()), np.concatenate([gradient, -(by_alpha @ z), -(by_beta @ z)])


def _covariance(theta: Floats, rows: PurchaseRows, z: Floats) -> Floats | None:
    columns = []
    for move in 1e-4 * np.eye(len(theta)):
        ahead, behind = (_likelihood(theta + side * move, rows, z)[1] for side in (1, -1))
        columns.append((ahead - behind) / 2e-4)
    information = -(np.array(columns) + np.array(columns).T) / 2
    curvature, axes = np.linalg.eigh(information)
    if curvature.min() <= 1e-10 * curvature.max():
        return None
    return np.asarray((axes / curvature) @ axes.T, dtype=np.float64)


def _unscaling(mean: Floats, scale: Floats) -> Floats:
    """The linear map from parameters of standardised features to those of the features as they are."""
    d = len(mean)
    turn = np.eye(4 + 2 * d)
    for which, at in ((1, 4), (3, 4 + d)):
        turn[which, at : at + d] = mean / scale  # scale of a customer whose features are 0, not the mean
        turn[range(at, at + d), range(at, at + d)] = 1 / scale
    return turn


def _unscaled(theta: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.asarray(_unscaling(mean, scale) @ theta, dtype=np.float64)


def _model(theta: Floats) -> CovariateParetoNbd:
    d = (len(theta) - 4) // 2
    return CovariateParetoNbd(ParetoNbd(*np.exp(theta[:4]).tolist()), theta[4 : 4 + d], theta[4 + d :])


def _scales(
    alpha: float, beta: float, buying: Floats, leaving: Floats, features: Floats
) -> tuple[Floats, Floats]:
    return alpha * np.exp(-(features @ buying)), beta * np.exp(-(features @ leaving))


def _require_features(z: Floats, rows: int) -> None:
    if z.ndim != 2 or len(z) != rows or not np.isfinite(z).all():
        raise LabError(
            f"Features of shape {z.shape} are not finite numbers for each of {rows} customers.",
            "Give (n, d) numbers; impute what is missing, and code categories as 0 and 1.",
        )
    centred = z - z.mean(axis=0)
    if np.linalg.matrix_rank(centred) < z.shape[1]:
        raise LabError(
            "A feature does not vary, or is a sum of others, so its coefficient is anybody's guess.",
            "Leave it out; of a category's codes leave one out.",
        )
