"""What a plan may really cost: who draws an offer and who redeems it is chance, and some of it is not known.

The expected cost keeps to the budget; the realised one varies about it. Draws and redemptions of thousands
of customers nearly even out. That the redemption rates themselves may all be off together does not, and is
the larger risk.

Source of the skewness term: Hall (1992), The Bootstrap and Edgeworth Expansion, section 2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr, ndtri

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_KNOTS, _LIKELY = 11, 2_001  # factors at which costs are summed, and at which chances are averaged


@dataclass(frozen=True, slots=True)
class CostRisk:
    """The realised cost's mean and standard deviation, the chance that it is above the budget, its worst.

    worst: every offer that can be drawn is the dearest and is redeemed; no draw costs more.
    """

    mean: float
    spread: float
    chance: float
    worst: float


def worst_cost(contact_cost: Floats, redemption_cost: Floats, customers: int) -> Floats:
    """(n, K) cost of each offer if it is redeemed for sure: what a plan may never exceed in the hard mode.

    contact_cost, redemption_cost: (K,). As the cost of `allocate`, it makes a plan that cannot overspend by
    its choices; as a `MoneyCap`, one that keeps to the budget in expectation and to this cap at the worst.
    """
    return np.tile(contact_cost + np.maximum(redemption_cost, 0.0), (customers, 1)).astype(np.float64)


def cost_risk(
    propensity: Floats,
    redemption: Floats,
    contact_cost: Floats,
    redemption_cost: Floats,
    budget: float,
    *,
    shared_error: float = 0.0,
) -> CostRisk:
    """How a launch's cost varies, customers drawing and redeeming independently.

    propensity: (n, K + 1), none first. redemption: (n, K) probabilities. contact_cost, redemption_cost: (K,).
    shared_error: standard deviation of the factor by which all redemption rates are off together, relative
    to one: .1 where the rates are known to a tenth. The factor is taken as log-normal with mean one; a rate
    does not rise above one.
    Raises LabError where shapes disagree, a number is no probability, or the error is negative.
    """
    _check(propensity, redemption, contact_cost, redemption_cost)
    if not shared_error >= 0:
        raise LabError(f"The shared error is {shared_error}.", "Give a number of at least 0.")
    log_spread = float(np.sqrt(np.log1p(shared_error**2)))
    mean, variance, third = _over_errors(
        lambda factor: _moments(
            propensity, np.minimum(redemption * factor, 1.0), contact_cost, redemption_cost
        ),
        log_spread,
    )
    dear = np.where(propensity[:, 1:] > 0, worst_cost(contact_cost, redemption_cost, len(propensity)), 0.0)
    worst = float(dear.max(axis=1, initial=0.0).sum())
    return CostRisk(
        mean=float(mean.mean()),
        spread=float(np.sqrt(variance.mean() + mean.var())),
        chance=0.0 if worst <= budget else float(_above(mean, variance, third, budget).mean()),
        worst=worst,
    )


def _over_errors(
    moments: Callable[[float], tuple[float, float, float]], log_spread: float
) -> tuple[Floats, Floats, Floats]:
    """Moments of the cost at equally likely values of the factor; smooth in it, so known from a few."""
    if log_spread == 0:
        mean, variance, third = moments(1.0)
        return np.array([mean]), np.array([variance]), np.array([third])
    logs = log_spread * np.linspace(-4.5, 4.5, _KNOTS) - log_spread**2 / 2
    known = CubicSpline(logs, [moments(float(np.exp(each))) for each in logs])
    likely = log_spread * ndtri((np.arange(_LIKELY) + 0.5) / _LIKELY) - log_spread**2 / 2
    mean, variance, third = known(likely).T
    return mean, np.maximum(variance, 0.0), third


def _moments(
    propensity: Floats, redemption: Floats, contact: Floats, price: Floats
) -> tuple[float, float, float]:
    """Mean, variance and third central moment of the total of independent customers."""
    offered = propensity[:, 1:]
    used = offered * redemption
    powers = [
        (offered * contact**power + used * ((contact + price) ** power - contact**power)).sum(axis=1)
        for power in (1, 2, 3)
    ]
    first, second, third = powers
    variance = second - first**2
    skew = third - 3 * first * second + 2 * first**3
    return float(first.sum()), float(variance.sum()), float(skew.sum())


def _above(mean: Floats, variance: Floats, third: Floats, budget: float) -> Floats:
    """Chance that a total is above the budget: normal, with the term of its skewness."""
    random = variance > 0
    spread = np.sqrt(np.where(random, variance, 1.0))
    z = (budget - mean) / spread
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    chance = np.clip(ndtr(-z) + third / spread**3 / 6 * (z**2 - 1) * density, 0.0, 1.0)
    return np.where(random, chance, (mean > budget).astype(np.float64))


def _check(propensity: Floats, redemption: Floats, contact: Floats, price: Floats) -> None:
    n, offers = redemption.shape
    if propensity.shape != (n, offers + 1) or contact.shape != (offers,) or price.shape != (offers,):
        raise LabError(
            f"Propensities are {propensity.shape}, redemption rates {redemption.shape}, costs "
            f"{contact.shape} and {price.shape}.",
            "Give one propensity more than offers, and one cost for each offer.",
        )
    for name, chances in (("propensity", propensity), ("redemption rate", redemption)):
        wrong = ~((chances >= 0) & (chances <= 1)).all(axis=1)
        if wrong.any():
            raise LabError(
                f"A {name} of row {int(np.argmax(wrong))} is not between 0 and 1.",
                "Correct it, or the model.",
            )
