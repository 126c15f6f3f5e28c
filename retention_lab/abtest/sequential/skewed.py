"""Looks at skewed outcomes in arms of unequal size, brought to the normal scale that boundaries are made for.

In equal arms the skewness of two means cancels. Otherwise the smaller arm's mean and its standard error fall
together whenever it has missed the large outcomes, and the ratio of effect to error is far from normal. With
a tenth of 10,000 units in control, a tenth of whom buy for lognormal amounts, 28 looks reject 11 % of no
effects at the level of 5 %, and 5.5 % on this scale; one-sided, 15 % and 8 %. The price is power: use it
where one arm is planned at one and a half times the other or more, by the design and not by the outcomes
seen.

The remedy is that of `retention_lab/skewness.py`: Hall's transformation, which takes the skewness out, and
Student's distribution with the freedom that the variance has under the kurtosis found.

Sources: Hall (1992), Journal of the Royal Statistical Society B 54(1), 221-228; O'Neill (2014), The American
Statistician 68(4), doi:10.1080/00031305.2014.966589.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import betaln, ndtr, ndtri_exp, stdtr, stdtrit

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_FEWEST = 4.0  # degrees of freedom that even one huge number leaves


@dataclass(frozen=True, slots=True)
class DifferenceShape:
    """(...) how far effects in standard errors are from normal.

    skew: of the difference, in units of its standard error; freedom: degrees of freedom of its variance.
    """

    skew: Floats
    freedom: Floats

    def on_normal_scale(self, t: Floats) -> Floats:
        """(...) effects in their own standard errors -> what they would be if those were known and normal."""
        g = self.skew
        symmetric = t + g * (t**2 / 3 + 1 / 6) + g**2 * t**3 / 27
        log_tail = _log_student_tail(np.abs(symmetric), self.freedom)
        return np.asarray(np.sign(symmetric) * np.maximum(-ndtri_exp(log_tail), 0.0), dtype=np.float64)

    def in_standard_errors(self, z: Floats) -> Floats:
        """The way back, of critical values: how many of its own standard errors an interval reaches.

        Beyond 37 the way is infinite: what lies there, no look can tell.
        """
        tail = ndtr(-np.abs(z))
        far = np.where(tail > 0, -stdtrit(self.freedom, np.where(tail > 0, tail, 0.5)), np.inf)
        symmetric = np.sign(z) * far
        g = np.where(np.abs(self.skew) < 1e-9, 1e-9, self.skew)
        x = g * (symmetric - g / 6)
        root = np.where(np.abs(x) < 0.5, np.expm1(np.log1p(np.clip(x, -0.5, 0.5)) / 3), np.cbrt(1 + x) - 1)
        return np.asarray(3 / g * root, dtype=np.float64)


def difference_shape(units: Floats, variance: Floats, third: Floats, fourth: Floats) -> DifferenceShape:
    """The shape of treated mean less control mean, each of (..., 2) numbers with control first.

    variance, third, fourth: central moments of the outcomes, per arm.

    Raises LabError where an arm has fewer than two units, or neither arm varies.

    >>> found = difference_shape(*(np.array([one, one]) for one in (50.0, 1.0, 0.8, 3.0)))
    >>> float(found.skew), round(float(found.freedom))
    (0.0, 98)
    """
    n = np.asarray(units, dtype=np.float64)
    of_means = np.sum(variance / n, axis=-1)
    if not np.all(n >= 2) or not np.all(of_means > 0):
        raise LabError(
            "An arm has fewer than two units, or the outcome does not vary, so its shape cannot be seen.",
            "Wait until every arm has units whose outcomes vary.",
        )
    skew = (third[..., 1] / n[..., 1] ** 2 - third[..., 0] / n[..., 0] ** 2) / of_means**1.5
    noise = np.sum(np.maximum(fourth - variance**2, 0.0) / n**3, axis=-1)  # of that variance
    most = np.sum(n, axis=-1) - 2
    freedom = np.clip(2 * of_means**2 / np.maximum(noise, 1e-300), np.minimum(_FEWEST, most), most)
    return DifferenceShape(np.asarray(skew, dtype=np.float64), np.asarray(freedom, dtype=np.float64))


def _log_student_tail(t: Floats, freedom: Floats) -> Floats:
    """Log of the probability above t >= 0; far out by a series in 1/t², of which 12 terms are plenty."""
    near = np.log(np.maximum(stdtr(freedom, -np.minimum(t, 30.0)), 1e-300))
    a, far = freedom / 2, np.maximum(t, 30.0)
    ratio = -freedom / far**2
    term, total = np.ones_like(ratio), np.ones_like(ratio)
    for k in range(12):
        term = term * ratio * (k + 0.5) / (a + 1 + k)
        total = total + term
    edge = np.log1p(freedom / far**2) / 2  # of the square root of 1 - x
    beyond = -a * np.log1p(far**2 / freedom) + edge - np.log(a) - betaln(a, 0.5) + np.log(total) - log(2)
    return np.asarray(np.where(t < 30, near, beyond), dtype=np.float64)
