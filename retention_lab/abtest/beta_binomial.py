"""What to believe about two shares of converted units: beta posteriors, compared by quadrature, not by draws.

Chances and losses: beta densities are smooth and fall off fast on the scale of log odds, where the
trapezoidal rule converges faster than any power of its step, down to chances of 1e-300. Limits of the
difference: by double exponential quadrature over the quantiles between the places where a shifted share
leaves 0 or 1. Always the narrower posterior is integrated over, on whose scale the other is smooth.

Source: Takahasi and Mori (1974), Publications of RIMS 9(3), doi:10.2977/prims/1195192451 (the double
exponential rule); Trefethen and Weideman (2014), SIAM Review 56(3), doi:10.1137/130932132 (the trapezoidal).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import betainc, betaincc, betainccinv, betaincinv

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.bayes import Better, Posterior
from retention_lab.abtest.roots import crossing, last_positive
from retention_lab.abtest.tails import miss_per_side
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_DEPTH = 745.0  # of a logarithm, at which a float underflows


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What was believed of a share before, worth `successes` + `failures` units; both above 0.

    1 and 1 is uniform, 0.5 and 0.5 is Jeffreys's.
    """

    successes: float = 1.0
    failures: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.successes < np.inf and 0 < self.failures < np.inf):
            raise LabError(
                f"A prior of {self.successes:g} successes and {self.failures:g} failures is not a belief.",
                "Give two numbers above 0; 1 and 1 is the uniform prior.",
            )


@dataclass(frozen=True, slots=True)
class _Beta:
    """a, b > 0: the two parameters."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> float:
        return self.mean * (self.b / (self.a + self.b)) / (self.a + self.b + 1)

    def weighted(self) -> "_Beta":
        """The distribution with every share weighted by itself."""
        return _Beta(self.a + 1, self.b)

    def turned(self) -> "_Beta":
        """The distribution of the share of failures."""
        return _Beta(self.b, self.a)

    def below(self, share: float) -> float:
        return float(betainc(self.a, self.b, min(max(share, 0.0), 1.0)))

    def nodes(self) -> tuple[Floats, Floats]:
        """(m,) shares, evenly spread in log odds about the mode there, and (m,) weights that sum to 1."""
        n = self.a + self.b
        down, up = _reach(self.a, n), _reach(self.b, n)
        step = 0.25 / sqrt(max(self.a * self.b / n, 0.25))  # of a standard deviation, or of the strip's width
        v = np.linspace(-down, up, int((down + up) / step) + 2)
        weights = np.exp(_fallen(np.abs(v), np.where(v > 0, self.b, self.a), n))
        odds = self.a / self.b * np.exp(np.clip(v, -_DEPTH, 700.0))
        return odds / (1 + odds), weights / weights.sum()


def share_posterior(
    control: ArmCounts,
    treated: ArmCounts,
    prior: BetaPrior | None = None,
    *,
    confidence: float = 0.95,
    better: Better = "higher",
) -> Posterior:
    """Posterior of treated share less control's; prior: of each arm's share, None is uniform.

    Interval, chances and losses are those of the exact posterior, which is not normal for small counts.

    >>> found = share_posterior(ArmCounts(10, 100), ArmCounts(18, 100))
    >>> f"{found.chance_to_win:.3f} {found.loss_if_shipped:.4f}"
    '0.946 0.0011'
    """
    one, two = _posteriors(control, treated, prior)
    up, down = _chance_ahead(two, one), _chance_ahead(one, two)
    gain, loss = _mean_excess(two, one), _mean_excess(one, two)
    if better == "lower":
        up, down, gain, loss = down, up, loss, gain
    low, high = _limits(one, two, miss_per_side(confidence))
    sd = sqrt(one.variance + two.variance)
    return Posterior(two.mean - one.mean, sd, low, high, up, down, loss, gain)


def _posteriors(control: ArmCounts, treated: ArmCounts, prior: BetaPrior | None) -> tuple[_Beta, _Beta]:
    believed = BetaPrior() if prior is None else prior
    one, two = (
        _Beta(arm.successes + believed.successes, arm.failures + believed.failures)
        for arm in (control, treated)
    )
    return one, two


def _chance_ahead(x: _Beta, y: _Beta) -> float:
    """P(x > y)."""
    if x.variance < y.variance:
        share, weights = x.nodes()
        return min(float(weights @ betainc(y.a, y.b, share)), 1.0)
    share, weights = y.nodes()
    return min(float(weights @ betaincc(x.a, x.b, share)), 1.0)


def _mean_excess(x: _Beta, y: _Beta) -> float:
    """Mean of the part of x - y above 0."""
    return max(x.mean * _chance_ahead(x.weighted(), y) - y.mean * _chance_ahead(x, y.weighted()), 0.0)


def _limits(one: _Beta, two: _Beta, miss: float) -> tuple[float, float]:
    """Quantiles of two - one."""

    def above(difference: float) -> float:
        return _chance_ahead_by(two, one, difference)

    mean, sd = two.mean - one.mean, sqrt(one.variance + two.variance)
    reach = sd / sqrt(miss)  # Chebyshev: the limits lie no further from the mean
    start, end, tolerance = max(mean - reach, -1.0), min(mean + reach, 1.0), 1e-10 * sd
    low = last_positive(lambda d: above(d) - (1 - miss), start, end, tolerance)
    return low, last_positive(lambda d: above(d) - miss, start, end, tolerance)


def _chance_ahead_by(x: _Beta, y: _Beta, d: float) -> float:
    """P(x > y + d), integrated over the quantiles of y at which y + d lies inside 0 to 1."""
    if x.variance < y.variance:
        x, y = y.turned(), x.turned()
    start, end = y.below(-d), y.below(1 - d)
    share, rest, weights = _double_exponential()
    below = start + (end - start) * share
    above = 1 - end + (end - start) * rest
    low = below < 0.5
    at = np.where(
        low,
        betaincinv(y.a, y.b, np.where(low, below, 0.5)),
        betainccinv(y.a, y.b, np.where(low, 0.5, above)),
    )
    inside = float(weights @ betaincc(x.a, x.b, np.clip(at + d, 0.0, 1.0)))
    return (start if d < 0 else 0.0) + (end - start) * inside


def _double_exponential() -> tuple[Floats, Floats, Floats]:
    """(m,) places between 0 and 1, (m,) 1 less those, and (m,) weights that sum to 1."""
    t = np.linspace(-4.0, 4.0, 161)
    power = np.pi * np.sinh(t)
    share, rest = 1 / (1 + np.exp(-power)), 1 / (1 + np.exp(power))
    weights = np.cosh(t) * share * rest
    return share, rest, weights / weights.sum()


def _fallen(v: Floats, p: Floats, n: float) -> Floats:
    """(m,) log density of log odds at distances v >= 0 from its mode, less that at the mode."""
    return np.asarray(-p * v - n * np.log1p(p / n * np.expm1(-v)), dtype=np.float64)


def _reach(p: float, n: float) -> float:
    """Distance at which the density of log odds underflows."""
    furthest = (_DEPTH - n * np.log1p(-p / n)) / p

    def left(v: float) -> float:
        return _DEPTH + float(_fallen(np.array(v), np.array(p), n))

    return crossing(left, 0.0, float(furthest))
