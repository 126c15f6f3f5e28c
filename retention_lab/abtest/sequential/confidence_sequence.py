"""Intervals that hold at every look at once: the normal mixture, tuned to be shortest at the planned end.

With n units so far and an effect of z standard errors, the evidence against "no effect" is

    e = exp(z² x / (2 (1 + x))) / √(1 + x),        x = n ρ²,

the likelihood ratio averaged over normally distributed effects. Whatever the number of looks, it exceeds
1/α with probability at most α in large samples; the interval holds the effects it does not reject.

An interval is given as of its own look, not cut to what all earlier looks left over: where an effect drifts
(novelty, a season) that intersection leaves out today's estimate, and in the end it is empty. The p-values of
the looks so far may be combined by their minimum, since they share the null of no effect at any time.

Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), Annals of Statistics 52(6),
doi:10.1214/24-AOS2408; Robbins (1970), Annals of Mathematical Statistics 41(5), doi:10.1214/aoms/1177696786.
"""

from math import log, sqrt

import numpy as np
from scipy.special import lambertw

from retention_lab.abtest.sides import Alternative, toward
from retention_lab.arrays import Floats
from retention_lab.errors import LabError


def optimal_rho(
    planned_units: float, alpha: float = 0.05, *, alternative: Alternative = "two_sided"
) -> float:
    """The ρ whose interval is shortest at `planned_units`, all arms of the comparison together.

    One-sided intervals take that of 2α; the best of their own would be shorter by less than a thousandth.

    Raises LabError where nothing is planned, or where α is not between 0 and 1.

    >>> round(optimal_rho(5000), 5)
    0.04053
    """
    _check_plan(planned_units, alpha)
    level = alpha if alternative == "two_sided" else min(2 * alpha, 1.0)
    if level < 1e-100:  # α² would vanish; the fixed point of x = log(1 + x) - 2 log α is the same number
        x = -2 * log(level)
        for _ in range(50):
            x = float(np.log1p(x)) - 2 * log(level)
        return sqrt(x / planned_units)
    x = -float(lambertw(-(level**2) / np.e, -1).real) - 1
    return sqrt(x / planned_units)


def half_width(
    se: Floats, units: Floats, rho: float, alpha: float = 0.05, *, alternative: Alternative = "two_sided"
) -> Floats:
    """Half-widths, in the unit of `se`, of the intervals that hold at every look.

    se: (...) standard errors of the estimates so far; units: (...) units so far, all arms of the comparison
    together. One-sided: the distance from the estimate to the one finite end.

    Raises LabError where a standard error or a number of units is not above 0.
    """
    _check_looks(se, units)
    x = np.asarray(units, dtype=np.float64) * rho**2
    if alternative == "two_sided":
        square = np.log1p(x) - 2 * log(alpha)
    else:
        square = 2 * np.log1p(np.sqrt(1 + x) / (2 * alpha))
    return np.asarray(se * np.sqrt((1 + 1 / x) * square), dtype=np.float64)


def log_p_value(
    value: Floats, se: Floats, units: Floats, rho: float, *, alternative: Alternative = "two_sided"
) -> Floats:
    """Natural logarithms of the always-valid p-values, at most 0; below log α exactly where 0 is left out.

    value, se, units: (...) as in `half_width`; ρ is the one of the interval, whatever the answer.

    Raises LabError where a standard error or a number of units is not above 0.
    """
    _check_looks(se, units)
    x = np.asarray(units, dtype=np.float64) * rho**2
    z = toward(alternative, np.asarray(value, dtype=np.float64) / se)
    exponent = z**2 * x / (2 * (1 + x))
    if alternative == "two_sided":
        return np.asarray(np.minimum(0.0, np.log1p(x) / 2 - exponent), dtype=np.float64)
    exponent = np.where(z > 0, np.maximum(exponent, 1e-300), 1e-300)  # no evidence on the other side
    log_expm1 = exponent + np.log(-np.expm1(-exponent))
    return np.asarray(np.minimum(0.0, np.log1p(x) / 2 - log(2) - log_expm1), dtype=np.float64)


def _check_plan(planned_units: float, alpha: float) -> None:
    if not planned_units > 0:
        raise LabError(
            f"The plan ends with {planned_units:g} units, so an interval cannot be tuned to it.",
            "Give the number of units expected at the end, all arms of the comparison together.",
        )
    if not 0 < alpha < 1:
        raise LabError(f"The level is {alpha:g}, not between 0 and 1.", "Give a level such as 0.05.")


def _check_looks(se: Floats, units: Floats) -> None:
    for name, numbers in (("standard error", se), ("number of units", units)):
        wrong = ~(np.isfinite(numbers) & (np.asarray(numbers) > 0))
        if np.any(wrong):
            raise LabError(
                f"{int(np.sum(wrong))} of {np.size(wrong)} looks have a {name} that is not above 0.",
                "Begin looks when every arm has units whose outcomes vary.",
            )
