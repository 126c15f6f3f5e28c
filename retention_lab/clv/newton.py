"""Newton's method on the logarithms of positive parameters, and the standard errors that it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

# (p,) parameters -> log-likelihood, (p,) gradient, (p, p) Hessian, all in the parameters themselves
Likelihood = Callable[[Floats], tuple[float, Floats, Floats]]

_STEPS = 200
_LONGEST = 1.5  # of a step, in logs
_FURTHEST = 14.0  # from 1, in logs: beyond, a parameter has run away


@dataclass(frozen=True, slots=True)
class Maximum:
    """params: (p,); value: log-likelihood; covariance: (p, p) inverse of the observed information, None
    where it is not positive definite; evaluations: of the likelihood."""

    params: Floats
    value: float
    covariance: Floats | None
    evaluations: int


def maximise(likelihood: Likelihood, start: Floats, *, tolerance: float = 1e-9) -> Maximum:
    """The parameters above 0 of the highest likelihood, from `start` on.

    tolerance: ends where the next step would gain less than this, in units of log-likelihood; that step is
    still taken, without looking again: by then a step squares the error.
    Steps are damped where the likelihood is not concave (Levenberg, Marquardt), so any start will do.
    Raises LabError where the likelihood is not finite at the start.
    Source: Nocedal and Wright (2006), Numerical Optimization, 2nd ed., chapters 3 and 4.
    """
    theta = np.log(np.asarray(start, dtype=np.float64))
    found = _in_logs(likelihood, theta)
    if not np.isfinite(found[0]):
        raise LabError(
            "The likelihood is not finite where the search begins.",
            "Look for customers with extreme counts or times, or choose a larger unit of time.",
        )
    damping, evaluations = 0.0, 1
    for _ in range(_STEPS):
        value, gradient, hessian = found
        step = _step(gradient, hessian, damping)
        if abs(float(gradient @ step)) < 2 * tolerance and damping < 1e-2:
            theta, found = theta + step, (value + float(gradient @ step) / 2, gradient, hessian)
            break
        tried = np.clip(theta + step, -_FURTHEST, _FURTHEST)
        if np.array_equal(tried, theta):
            break
        there = _in_logs(likelihood, tried)
        evaluations += 1
        if there[0] >= value - 1e-12 * abs(value):
            theta, found, damping = tried, there, damping / 10 if damping > 1e-8 else 0.0
        elif damping > 1e12:
            break
        else:
            damping = max(10 * damping, 1e-4)
    params = np.exp(theta)
    return Maximum(params, found[0], _covariance(found, params), evaluations)


def at_edge(params: Floats) -> list[bool]:
    """(p,) whether each parameter has run towards 0 or infinity, where the data want a simpler model."""
    return [bool(abs(np.log(value)) > 0.66 * _FURTHEST) for value in params]


def with_differences(gradient_of: Callable[[Floats], tuple[float, Floats]], step: float = 1e-5) -> Likelihood:
    """A likelihood with its Hessian, by central differences of the gradient: for models of few rows."""

    def likelihood(params: Floats) -> tuple[float, Floats, Floats]:
        value, gradient = gradient_of(params)
        columns = []
        for k, size in enumerate(step * params):
            move = np.zeros(len(params))
            move[k] = size
            columns.append((gradient_of(params + move)[1] - gradient_of(params - move)[1]) / (2 * size))
        hessian = np.array(columns)
        return value, gradient, (hessian + hessian.T) / 2

    return likelihood


def _in_logs(likelihood: Likelihood, theta: Floats) -> tuple[float, Floats, Floats]:
    params = np.exp(theta)
    value, gradient, hessian = likelihood(params)
    if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return -np.inf, gradient, hessian
    along = params * gradient
    return value, along, np.outer(params, params) * hessian + np.diag(along)


def _step(gradient: Floats, hessian: Floats, damping: float) -> Floats:
    """Uphill, no longer than `_LONGEST`; directions of the wrong curvature are turned."""
    curvature, axes = np.linalg.eigh(-hessian)
    scale = max(float(np.abs(curvature).max()), 1e-300)
    stiff = np.maximum(np.abs(curvature), 1e-12 * scale) + damping * scale
    step = axes @ ((axes.T @ gradient) / stiff)
    longest = float(np.abs(step).max())
    return np.asarray(step * min(1.0, _LONGEST / longest) if longest > 0 else step, dtype=np.float64)


def _covariance(found: tuple[float, Floats, Floats], params: Floats) -> Floats | None:
    """Of the parameters: inverted in logs, where the numbers are of one size."""
    curvature, axes = np.linalg.eigh(-found[2])
    if curvature.min() <= 1e-10 * max(curvature.max(), 1e-300):
        return None
    return np.asarray(np.outer(params, params) * ((axes / curvature) @ axes.T), dtype=np.float64)
