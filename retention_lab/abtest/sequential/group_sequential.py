"""Tests with planned looks: more power than always-valid ones, for looks that the plan counts.

α is spent as information arrives, information being the units seen over the units planned. The boundary of
a look depends only on the looks up to it, so their number and times may change, as long as outcomes do not
decide when to look. The test ends at its first rejection, or with the first look at the planned end or
beyond.
"""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from scipy.special import log_ndtr

from retention_lab.abtest.sequential.boundaries import boundaries
from retention_lab.abtest.sequential.spending import Spending, obrien_fleming
from retention_lab.abtest.sides import Alternative, ends, toward
from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_ALMOST_ONE = 0.99  # p-values above it are given as 1: no test is ever run at such a level


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """The looks of a test, up to now.

    information: (K,) units at each look over those planned; alpha: of the whole test; spending: how one
    side's share of it is used up; ended: the last look is the end, although the plan was not reached.
    """

    information: Floats
    alpha: float = 0.05
    alternative: Alternative = "two_sided"
    spending: Spending = obrien_fleming
    ended: bool = False

    def critical_values(self) -> Floats:
        """(K,) standard errors from 0 at which each look rejects, and that each look's interval reaches.

        Raises LabError where looks are out of order, or go on after the planned end.
        """
        return self._critical_values(log(self.alpha))

    def estimate(self, value: float, se: float) -> Estimate:
        """The interval and p-value of the last look, valid although there were others before it.

        Repeated confidence intervals cover at all looks together, and the repeated p-value is the least α at
        which this look would have rejected: both hold whether or not the test stops here.

        Raises LabError where the standard error is not above 0, or the looks are not those of a test.
        Source: Jennison and Turnbull (1989), Journal of the Royal Statistical Society B 51(3),
        doi:10.1111/j.2517-6161.1989.tb01441.x.
        """
        if not 0 < se < float("inf"):
            raise LabError(
                f"The standard error of the effect is {se:g}, so nothing can be said of it.",
                "Wait until the outcome varies in every arm.",
            )
        low, high = ends(self.alternative, value, float(self.critical_values()[-1]) * se)
        return Estimate(value, se, low, high, exp(self.log_p_value(value / se)))

    def log_p_value(self, z: float) -> float:
        """Natural logarithm of the repeated p-value of the last look, for an effect of z standard errors."""
        from scipy.optimize import brentq  # a quarter of a second, which only those pay who ask for a p-value

        strength = float(toward(self.alternative, np.asarray(z, dtype=np.float64)))
        sides = 2 if self.alternative == "two_sided" else 1

        def excess(log_alpha: float) -> float:
            return float(self._critical_values(log_alpha)[-1]) - strength

        most = log(_ALMOST_ONE)
        if excess(most) > 0:
            return 0.0
        least = (
            min(log(sides) + float(log_ndtr(-strength)), most) - 1e-9
        )  # no boundary is below the fixed test's
        return min(float(brentq(excess, least, most, xtol=1e-12, rtol=1e-13)), 0.0)

    def _critical_values(self, log_alpha: float) -> Floats:
        share = np.minimum(self.information, 1.0)
        if np.sum(self.information >= 1) > 1:
            raise LabError(
                f"Look {int(np.argmax(self.information >= 1)) + 1} reached the plan and spent all of α, and "
                "others follow.",
                "Report that look: later ones have nothing left to reject with.",
            )
        if self.ended:
            share = np.append(share[:-1], 1.0)
        two_sided = self.alternative == "two_sided"
        log_spent = self.spending(share, log_alpha - log(2) if two_sided else log_alpha)
        return boundaries(self.information, log_spent, two_sided=two_sided)


def group_sequential(
    units: Floats,
    planned_units: float,
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two_sided",
    spending: Spending = obrien_fleming,
    ended: bool = False,
) -> GroupSequential:
    """A test whose looks so far saw (K,) units of a planned number.

    A last look beyond the plan spends what is left of α, with the information that it has. `ended` says
    that the last look is the last although the plan was not reached, and spends what is left there too; it
    must not be decided from the outcomes.

    Raises LabError where nothing is planned, where α is not between 0 and 1, or where looks cannot be those
    of a test: out of order, on practically the same units, or several at the planned end and beyond.

    >>> test = group_sequential(np.array([2_500.0, 5_000.0, 7_500.0, 10_000.0]), 10_000)
    >>> test.critical_values().round(3).tolist()
    [4.333, 2.963, 2.359, 2.014]
    """
    if not 0 < planned_units < float("inf"):
        raise LabError(
            f"The plan ends with {planned_units:g} units, so looks have no place in it.",
            "Give the number of units planned, all arms of the comparison together.",
        )
    if not 0 < alpha < 1:
        raise LabError(f"The level is {alpha:g}, not between 0 and 1.", "Give a level such as 0.05.")
    information = np.asarray(units, dtype=np.float64) / planned_units
    test = GroupSequential(information, alpha, alternative, spending, ended)
    test.critical_values()  # looks that are not those of a test are refused here
    return test


def looks_that_count(units: Floats, planned_units: float) -> int:
    """How many of the looks, at (K,) units so far, belong to the test: those up to the planned end.

    >>> looks_that_count(np.array([4_000.0, 9_000.0, 11_000.0, 12_000.0]), 10_000)
    3
    """
    return min(int(np.searchsorted(units, planned_units)) + 1, len(units))
