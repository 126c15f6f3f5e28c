"""One arm's value of a metric, adjusted for covariates, and how exactly it is known.

Every metric that rests on means is a smooth function of a few means, and is handled as its linear part: a
mean is itself, a ratio is its delta-method expansion, an adjustment takes off multiples of the covariates.
All of them, and their combinations, are one weight vector per arm.
Sources: Deng, Knoblich and Lu (2018), KDD, doi:10.1145/3219819.3219919 (delta method); Deng, Xu, Kohavi and
Walker (2013), WSDM, doi:10.1145/2433396.2433413 (CUPED).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from retention_lab.abtest.moments import Sums
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

Adjustment = Literal["pooled", "by_arm"]
_SINGULAR = 1e-10  # share of a covariate's variance that others leave, below which it says nothing new


@dataclass(frozen=True, slots=True)
class ArmValue:
    """value: in the metric's unit; variance: of one unit's part in it; n: units; third, fourth: central
    moments of one unit's part, None where they are not known. beyond: the value less a number that all arms
    share, None where it is the value itself: with an offset of 1e12, digits are left there alone."""

    value: float
    variance: float
    n: int
    third: float | None = None
    fourth: float | None = None
    beyond: float | None = None

    @property
    def error(self) -> float:
        """Variance of the value."""
        return self.variance / self.n

    def above(self, control: "ArmValue") -> float:
        """How much larger the value is than control's."""
        if self.beyond is None or control.beyond is None:
            return self.value - control.value
        return self.beyond - control.beyond


@dataclass(frozen=True, slots=True)
class Form:
    """How a metric is made of the p numbers of its moments, by their positions.

    below: of the number that the first is divided by; None: the metric is the first alone. covariates: of
    each covariate's number, and of the one that it is divided by, if any.
    """

    below: int | None = None
    covariates: tuple[tuple[int, int | None], ...] = ()

    def value(self, at: "Point") -> float:
        """The unadjusted metric; of a mean, beyond the centre."""
        return at.value(0, self.below)

    def gradient(self, mean: Floats) -> Floats:
        """(p,) how much the metric moves with each mean."""
        return _gradient(mean, 0, self.below)

    def covariate_values(self, at: "Point") -> Floats:
        """(k,) the covariates; of means, beyond their centres."""
        return np.array([at.value(*one) for one in self.covariates], dtype=np.float64)

    def covariate_gradients(self, mean: Floats) -> Floats:
        """(k, p)."""
        rows = [_gradient(mean, *one) for one in self.covariates]
        return np.array(rows, dtype=np.float64).reshape(-1, len(mean))

    @property
    def without_covariates(self) -> "Form":
        """The metric unadjusted."""
        return Form(self.below)


@dataclass(frozen=True, slots=True)
class Point:
    """(p,) means: a centre that all arms share, and what lies beyond it."""

    centre: Floats
    shift: Floats

    @property
    def mean(self) -> Floats:
        """(p,) in the numbers' own units."""
        return self.centre + self.shift

    def value(self, above: int, below: int | None) -> float:
        """A ratio of two means, or one mean beyond its centre."""
        if below is None:
            return float(self.shift[above])
        mean = self.mean
        return float(mean[above] / mean[below]) if mean[below] != 0 else 0.0


@dataclass(frozen=True, slots=True)
class Means:
    """Of one arm. at: (p,) means of the numbers; error: (p, p) covariance of those means; n: units; third,
    fourth: central moments of the first number, None where they are not known."""

    at: Point
    error: Floats
    n: int
    third: float | None = None
    fourth: float | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Arms that are compared with each other, control first. covariance: of control's value with each arm's,
    0 where the arms share nothing. correlation: of the metric with the best combination of its covariates, on
    which the adjustment rests; 0 without covariates."""

    arms: tuple[ArmValue, ...]
    covariance: tuple[float, ...]
    correlation: float


def compared(arms: Sequence[Sums], form: Form, adjustment: Adjustment = "pooled") -> Compared:
    """Values of arms of units that were randomised one by one.

    adjustment: `pooled` takes one coefficient of all units as one sample; `by_arm` one of each arm, which is
    never less exact in large samples, also where arms are unequal.
    Source of `by_arm`: Lin (2013), Annals of Applied Statistics 7(1), doi:10.1214/12-AOAS583.
    Raises LabError where an arm has fewer than two units, or a denominator is 0.
    """
    means = [means_of(one) for one in arms]
    together = pooled(arms)
    spread = Spread([one.covariance for one in arms], point_of(together), together.covariance)
    return compare_means(means, spread, form, adjustment)


def means_of(sums: Sums) -> Means:
    """Raises LabError where there are fewer than two units."""
    if sums.count < 2:
        raise LabError(
            f"An arm has {sums.count} units with this metric, which show no spread.",
            "Wait for more units, or leave the arm out.",
        )
    third, fourth = sums.shape
    return Means(point_of(sums), sums.covariance / sums.count, sums.count, third, fourth)


def point_of(sums: Sums) -> Point:
    """The means of some units."""
    return Point(sums.centre, sums.shift)


@dataclass(frozen=True, slots=True)
class Spread:
    """Where coefficients come from. by_arm: (p, p) covariances of one unit's numbers; at, covariance: means
    and (p, p) covariance of all units of all arms as one sample."""

    by_arm: Sequence[Floats]
    at: Point
    covariance: Floats


def compare_means(
    means: Sequence[Means],
    spread: Spread,
    form: Form,
    adjustment: Adjustment,
    across: Sequence[Floats] | None = None,
) -> Compared:
    """Values of arms whose means are known, by whatever design. across: (p, p) covariance of control's means
    with each arm's. Raises LabError where a denominator is 0."""
    middle = form.covariate_values(spread.at)
    overall = coefficients(spread.at.mean, spread.covariance, form)
    offset = float(spread.at.centre[0]) if form.below is None else 0.0
    values, weights = [], []
    for one, own in zip(means, spread.by_arm, strict=True):
        mean = one.at.mean
        if form.below is not None and mean[form.below] == 0:
            raise LabError(
                "The denominator of the ratio is 0 in an arm.", "Wait until there is something to divide by."
            )
        theta = coefficients(mean, own, form) if adjustment == "by_arm" else overall
        weight = form.gradient(mean) - theta @ form.covariate_gradients(mean)
        beyond = form.value(one.at) - float(theta @ (form.covariate_values(one.at) - middle))
        variance = max(float(weight @ one.error @ weight), 0.0) * one.n
        plain = form == Form()
        shape = (one.third, one.fourth) if plain else (None, None)
        values.append(ArmValue(offset + beyond, variance, one.n, *shape, beyond))
        weights.append(weight)
    shared = [0.0] * len(values)
    if across is not None:
        shared = [float(weights[0] @ a @ w) for a, w in zip(across, weights, strict=True)]
    return Compared(tuple(values), tuple(shared), _correlation(spread, form, overall))


def coefficients(mean: Floats, covariance: Floats, form: Form) -> Floats:
    """(k,) of the regression of the metric's linear part on those of its covariates; 0 for a covariate that
    is constant, or that others determine. mean, covariance: (p,), (p, p) of one unit's numbers."""
    x, y = form.covariate_gradients(mean), form.gradient(mean)
    if len(x) == 0:
        return np.zeros(0)
    spread = x @ covariance @ x.T
    kept = _independent(spread)
    found = np.zeros(len(x))
    if kept:
        found[kept] = np.linalg.solve(spread[np.ix_(kept, kept)], (x @ covariance @ y)[kept])
    return found


def pooled(arms: Sequence[Sums]) -> Sums:
    """Several arms as one sample."""
    return Sums(
        arms[0].centre,
        sum(one.count for one in arms),
        np.sum([one.total for one in arms], axis=0),
        np.sum([one.product for one in arms], axis=0),
        sum(one.third for one in arms),
        sum(one.fourth for one in arms),
        sum(one.missing for one in arms),
    )


def _correlation(spread: Spread, form: Form, theta: Floats) -> float:
    mean = spread.at.mean
    y, x = form.gradient(mean), form.covariate_gradients(mean)
    total = float(y @ spread.covariance @ y)
    explained = theta @ x
    both = float(explained @ spread.covariance @ explained)
    return float(np.sqrt(min(both / total, 1.0))) if total > 0 and both > 0 else 0.0


def _independent(spread: Floats) -> list[int]:
    """Positions of covariates that vary, each beyond what the earlier ones say (Cholesky's pivots)."""
    kept: list[int] = []
    for j in range(len(spread)):
        own = spread[j, j]
        left = own
        if kept:
            cross = spread[kept, j]
            left = own - float(cross @ np.linalg.solve(spread[np.ix_(kept, kept)], cross))
        if own > 0 and left > _SINGULAR * own:
            kept.append(j)
    return kept


def _gradient(mean: Floats, above: int, below: int | None) -> Floats:
    """(p,); of a ratio without denominator, nothing."""
    found = np.zeros(len(mean))
    if below is None:
        found[above] = 1.0
    elif mean[below] != 0:
        found[above], found[below] = 1 / mean[below], -mean[above] / mean[below] ** 2
    return found
