"""How much of α a group-sequential test may have used at each share of its planned information.

A spending function takes shares of the planned information and the logarithm of the level of ONE side, and
gives the logarithm of what that side has spent; at a share of 1 it is the level. Logarithms, because a
careful function spends less at an early look than a double can hold.
"""

from collections.abc import Callable
from math import e, log

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

Spending = Callable[[Floats, float], Floats]


def obrien_fleming(share: Floats, log_alpha: float) -> Floats:
    """Almost nothing early, almost everything at the end: the last look is nearly that of a fixed test.

    Source: Lan and DeMets (1983), Biometrika 70(3), doi:10.1093/biomet/70.3.659.

    >>> np.exp(obrien_fleming(np.array([0.25, 1.0]), log(0.025))).round(6).tolist()
    [7e-06, 0.025]
    """
    deviate = ndtri_exp(log_alpha - log(2))
    return np.asarray(log(2) + log_ndtr(deviate / np.sqrt(share)), dtype=np.float64)


def pocock(share: Floats, log_alpha: float) -> Floats:
    """Much early, at the cost of the end: looks are about equally strict.

    Source: Lan and DeMets (1983), Biometrika 70(3), doi:10.1093/biomet/70.3.659.

    >>> np.exp(pocock(np.array([0.25, 1.0]), log(0.025))).round(6).tolist()
    [0.008934, 0.025]
    """
    return np.asarray(log_alpha + np.log(np.log1p((e - 1) * share)), dtype=np.float64)


def power_family(exponent: float = 2.0) -> Spending:
    """α times the share to a power: 1 spends evenly, 3 is close to O'Brien and Fleming.

    Raises LabError where the exponent is not above 0.
    Source: Kim and DeMets (1987), Biometrika 74(1), doi:10.1093/biomet/74.1.149.

    >>> np.exp(power_family(2.0)(np.array([0.25, 1.0]), log(0.025))).round(6).tolist()
    [0.001563, 0.025]
    """
    if not 0 < exponent < np.inf:
        raise LabError(
            f"The exponent of a spending function is {exponent:g}.", "Give one above 0, such as 2."
        )

    def spend(share: Floats, log_alpha: float) -> Floats:
        return np.asarray(log_alpha + exponent * np.log(share), dtype=np.float64)

    return spend
