"""Differences of arms in many replications at once: the arithmetic of `lift.py`, `skewed.py` and
`share_lift.py`."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from scipy.special import stdtrit

from retention_lab.abtest.lift import Rule
from retention_lab.abtest.score import difference_scores
from retention_lab.abtest.sides import toward
from retention_lab.abtest.simulation.values import ArmValues, ManyCompared
from retention_lab.abtest.skewed import difference_skewness, material, skewed, symmetric
from retention_lab.abtest.tails import miss_per_side
from retention_lab.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class ManyLifts:
    """(...) `lift.Lift` of each replication. freedom: infinite where quantiles are normal; skew: of the
    difference, 0 where it is not corrected for; known: whether it can be computed."""

    value: Floats
    se: Floats
    freedom: Floats
    skew: Floats
    known: Bools

    def rejected(self, rule: Rule, null: float | Floats = 0.0) -> Bools:
        """(...) whether the interval leaves `null` out, which is whether its p-value is below the level."""
        t = np.where(self.known, (self.value - null) / np.where(self.known, self.se, 1.0), 0.0)
        strength = toward(rule.alternative, symmetric(t, self.skew))
        beyond = strength > rule.quantile(inf)  # Student's quantiles are never below the normal ones
        if rule.reach is None and not rule.normal:
            miss = miss_per_side(rule.confidence, rule.alternative)
            beyond[beyond] = strength[beyond] > -stdtrit(self.freedom[beyond], miss)
        return beyond

    def ends(self, rule: Rule) -> tuple[Floats, Floats]:
        """(...) ends of the intervals."""
        miss = miss_per_side(rule.confidence, rule.alternative)
        fixed = rule.reach is not None or rule.normal
        reach = np.full(self.value.shape, rule.quantile(inf)) if fixed else -stdtrit(self.freedom, miss)
        low = self.value - skewed(reach, self.skew) * self.se
        high = self.value - skewed(-reach, self.skew) * self.se
        low = np.full_like(low, -inf) if rule.alternative == "less" else low
        return low, np.full_like(high, inf) if rule.alternative == "greater" else high


def many_lifts(found: ManyCompared, rule: Rule, *, corrected: bool = True) -> ManyLifts:
    """Treated less control. corrected: whether skewness is taken out where it is material."""
    control, treated = found.control, found.treated
    error, freedom = error_of_many(control, treated, rule.pooled)
    error = error - 2 * found.covariance
    known = found.known & (error > 0)
    skew = np.zeros(error.shape)
    if corrected and not rule.pooled:
        skew = material(np.where(known, skewness_of_many(control, treated), 0.0))
    return ManyLifts(
        treated.beyond - control.beyond,
        np.sqrt(np.where(known, error, 1.0)),
        np.full_like(freedom, inf) if rule.normal else freedom,
        skew,
        known,
    )


def error_of_many(control: ArmValues, treated: ArmValues, one_variance: bool) -> tuple[Floats, Floats]:
    """As `lift.error_of`."""
    if one_variance:
        freedom = np.maximum(control.n + treated.n - 2, 1)
        both = (control.n - 1) * control.variance + (treated.n - 1) * treated.variance
        return both / freedom * (1 / np.maximum(control.n, 1) + 1 / np.maximum(treated.n, 1)), freedom
    error = control.error + treated.error
    shares = [one.error / np.where(error > 0, error, 1.0) for one in (control, treated)]
    parts = [s**2 / np.maximum(one.n - 1, 1) for s, one in zip(shares, (control, treated), strict=True)]
    spread = np.where(error > 0, parts[0] + parts[1], 1.0)
    return error, np.asarray(1 / spread)


def skewness_of_many(control: ArmValues, treated: ArmValues) -> Floats:
    """(...) skewness of the difference; 0 where third moments are not known."""
    if control.third is None or treated.third is None or control.fourth is None or treated.fourth is None:
        return np.zeros(control.value.shape)
    return difference_skewness(
        np.stack([np.maximum(control.n, 1), np.maximum(treated.n, 1)]),
        np.stack([control.variance, treated.variance]),
        np.stack([control.third, treated.third]),
        np.stack([control.fourth, treated.fourth]),
    )


def as_shares(found: ManyCompared) -> ManyCompared:
    """Of zeros and ones the variance is known from their mean."""
    control, treated = (
        replace(one, variance=np.maximum(one.value * (1 - one.value), 0.0))
        for one in (found.control, found.treated)
    )
    return replace(found, control=control, treated=treated)


def score_rejected(found: ManyCompared, rule: Rule, null: float = 0.0) -> Bools:
    """(...) whether the score interval of two shares leaves `null` out."""
    (x0, n0), (x1, n1) = (_counts(one) for one in (found.control, found.treated))
    score = difference_scores(x0, n0, x1, n1, null)
    return np.asarray(found.known & (toward(rule.alternative, score) > rule.quantile(inf)))


def newcombe_ends(found: ManyCompared, rule: Rule) -> tuple[Floats, Floats]:
    """(...) ends of Newcombe's intervals of two shares, open on the side that is not asked about."""
    z = replace(rule, reach=None).quantile(inf)
    (x0, n0), (x1, n1) = (_counts(one) for one in (found.control, found.treated))
    (low0, high0), (low1, high1) = _wilson(x0, n0, z), _wilson(x1, n1, z)
    p0, p1 = x0 / n0, x1 / n1
    low = p1 - p0 - np.hypot(p1 - low1, high0 - p0)
    high = p1 - p0 + np.hypot(high1 - p1, p0 - low0)
    low = np.full_like(low, -inf) if rule.alternative == "less" else low
    return low, np.full_like(high, inf) if rule.alternative == "greater" else high


def _counts(one: ArmValues) -> tuple[Floats, Floats]:
    n = np.maximum(one.n, 1)
    return np.rint(one.value * n), n


def _wilson(x: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """As `proportions.wilson_interval`, of counts."""
    share, spread = x / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = np.sqrt(spread) * np.sqrt(share * (1 - share) + spread / 4) / (1 + spread)
    return np.where(x > 0, centre - half, 0.0), np.where(x < n, centre + half, 1.0)
