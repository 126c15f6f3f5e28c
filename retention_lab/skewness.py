"""Intervals and tests of a mean that know how skewed and heavy-tailed the numbers are.

Spend, and scores weighted by rare arms, are skewed: a sample that misses the large ones has too low a mean
and, with it, too low a standard error, and the textbook interval misses on that side. Two remedies, both of
which vanish in large samples. The quantiles are Student's with the freedom that the variance has under the
kurtosis found. And the ratio of mean to error is brought to symmetry by Hall's cubic transformation, with the
skewness found, less what its own error explains: one large number is no proof of skewness, and correcting by
noise raises false alarms.

Sources: Hall (1992), Journal of the Royal Statistical Society B 54(1), 221-228 (the transformation);
O'Neill (2014), The American Statistician 68(4), doi:10.1080/00031305.2014.966589 (freedom under kurtosis).
"""

from dataclasses import dataclass
from math import expm1, log1p

import numpy as np
from scipy.special import stdtr, stdtrit

from retention_lab.arrays import Floats

_FEWEST = 4.0  # degrees of freedom that even one huge number leaves, where there are as many units


@dataclass(frozen=True, slots=True)
class Shape:
    """skew: of the mean, in units of its standard error; freedom: degrees of freedom of its variance."""

    skew: float
    freedom: float

    def ends(self, confidence: float) -> tuple[float, float]:
        """How many standard errors the interval reaches below the mean, and above it."""
        deviate = float(stdtrit(self.freedom, 0.5 + confidence / 2))
        return self._raw(deviate), -self._raw(-deviate)

    def p_value(self, t: float) -> float:
        """Two-sided, of a mean that lies t standard errors above the null; agrees with the interval."""
        return float(2 * stdtr(self.freedom, -abs(self.symmetric(t))))

    def symmetric(self, t: float) -> float:
        """What t would be, had the numbers no skewness: Student's with this freedom."""
        g = self.skew
        return t + g * (t * t / 3 + 1 / 6) + g * g * t**3 / 27

    def _raw(self, symmetric: float) -> float:
        """The ratio of mean to error whose transformation is `symmetric`."""
        g = self.skew
        if abs(g) < 1e-12:
            return symmetric
        x = g * (symmetric - g / 6)
        root = expm1(log1p(x) / 3) if abs(x) < 0.5 else float(np.cbrt(1 + x)) - 1
        return 3 * root / g


def shape(residual: Floats) -> Shape:
    """Of the mean of independent units whose (m,) deviations from it do not all vanish."""
    units = len(residual)
    scaled = residual / np.sqrt(np.mean(residual**2))
    square = scaled * scaled
    cube = square * scaled
    skew, kurtosis = float(np.mean(cube)), float(np.dot(square, square)) / units
    error = max(float(np.dot(cube, cube)) / units - skew**2, 0.0) / units
    known = skew * max(0.0, 1 - error / skew**2) if skew else 0.0
    freedom = 2 * units / (kurtosis - 1) if kurtosis > 1 + 2 / units else units
    return Shape(known / float(np.sqrt(units)), min(max(freedom, _FEWEST), units - 1.0))
