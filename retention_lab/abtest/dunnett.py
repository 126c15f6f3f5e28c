"""Several arms against one control, at once: the joint test that knows they share it.

Given what chance did to the control, the comparisons are independent, so every joint probability is an
integral over that one number (and over the scale, for Student's t): no simulation, the same answer each time.
Bonferroni's correction ignores that the comparisons move together, and reaches a little further.

Source: Dunnett (1955), JASA 50(272), doi:10.1080/01621459.1955.10501294; Hasler and Hothorn (2008),
Biometrical Journal 50(5), doi:10.1002/bimj.200710466 (unequal variances: each comparison with its own
degrees of freedom).
"""

from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from scipy.special import gammaln, log_ndtr, logsumexp, ndtri_exp, stdtrit

from retention_lab.abtest.sides import Alternative, ends, toward
from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)  # in panels two deviations wide: errors of 1e-11


@dataclass(frozen=True, slots=True)
class ManyToOne:
    """estimates: one a comparison, with intervals that hold together and adjusted p-values.

    log10_p: (K,) the same p-values, however small; critical: (K,) standard errors that the intervals reach.
    """

    estimates: tuple[Estimate, ...]
    log10_p: Floats
    critical: Floats


def dunnett(
    effects: Floats,
    se: Floats,
    loading: Floats,
    *,
    freedom: Floats | float = inf,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> ManyToOne:
    """Intervals and p-values of (K,) comparisons with one control, which keep their promise together.

    se: (K,) of the effects; loading: (K,) the share of each standard error that the control brings, as
    `control_loading` gives it for differences of means; for relative effects, mean_arm / mean_control times
    the relative standard error of the control, over that of the effect. Two comparisons correlate by the
    product of their loadings. freedom: degrees of freedom of the standard errors; (K,) where they differ.

    Raises LabError where a standard error is not above 0, or a loading not between -1 and 1.

    >>> found = dunnett(np.array([2.0, 3.0]), np.array([1.0, 1.0]), np.sqrt([0.5, 0.5]))
    >>> f"{found.critical[0]:.3f} {found.estimates[0].p_value:.4f} {found.estimates[1].p_value:.4f}"
    '2.212 0.0829 0.0052'
    """
    freedoms = np.broadcast_to(np.asarray(freedom, dtype=np.float64), effects.shape)
    _check(effects, se, loading, freedoms, confidence)
    strength = toward(alternative, effects / se)
    log_p, critical = np.empty(len(effects)), np.empty(len(effects))
    for k, nu in enumerate(freedoms):
        test = _Joint(loading, float(nu), alternative == "two_sided")
        log_p[k] = min(0.0, test.log_any_beyond(float(strength[k])))
        same = np.flatnonzero(freedoms[:k] == nu)
        critical[k] = critical[same[0]] if len(same) else test.critical(1 - confidence)
    estimates = []
    for value, error, p, reach in zip(effects, se, log_p, critical, strict=True):
        low, high = ends(alternative, float(value), float(reach * error))
        estimates.append(Estimate(float(value), float(error), low, high, exp(p)))
    return ManyToOne(tuple(estimates), log_p / log(10), critical)


def control_loading(se: Floats, control_se: float) -> Floats:
    """(K,) what the control's mean, with its standard error, brings to (K,) standard errors of differences.

    Raises LabError where the control's standard error is not below each of theirs.

    >>> control_loading(np.array([5.0]), 3.0)
    array([0.6])
    """
    if not np.all((control_se >= 0) & (control_se < se)):
        raise LabError(
            f"The control's mean has a standard error of {control_se:g}, and a difference from it one of "
            f"{float(np.min(se)):g}.",
            "Give the standard errors of the differences, which are larger than that of either mean.",
        )
    return np.asarray(control_se / se, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Joint:
    """The joint distribution of the comparisons, under no effect."""

    loading: Floats
    freedom: float
    two_sided: bool

    def critical(self, alpha: float) -> float:
        """How many standard errors some comparison is beyond with probability alpha."""
        from scipy.optimize import brentq  # a quarter of a second, which only those pay who compare many arms

        sides = 2 if self.two_sided else 1
        one, all_apart = (self._alone(alpha / sides / count) for count in (1, len(self.loading)))
        if len(self.loading) == 1:
            return one
        return float(
            brentq(lambda c: self.log_any_beyond(c) - log(alpha), one - 1e-6, all_apart + 1e-6, xtol=1e-10)
        )

    def log_any_beyond(self, reach: float) -> float:
        """Logarithm of the probability that some comparison is at least so many standard errors from 0."""
        if not np.isfinite(self.freedom):
            return float(self._normal(np.array([reach]))[0])
        scale, log_mass = _scales(self.freedom, reach)
        return float(logsumexp(log_mass + self._normal(reach * scale)))

    def _normal(self, reach: Floats) -> Floats:
        """(s,) the same for known variances, for (s,) distances."""
        own = np.sqrt(1 - self.loading**2)
        edge = 9.0 + float(np.max(np.abs(self.loading)) * np.max(np.abs(reach)))
        shared, log_weight = _panels(-edge, edge, 2.0 * float(np.min(own)))
        any_beyond = np.full((len(reach), len(shared)), -inf)
        none_beyond = np.zeros_like(any_beyond)
        for loading, deviation in zip(self.loading, own, strict=True):
            moved = loading * shared[None, :]
            beyond = log_ndtr((moved - reach[:, None]) / deviation)
            if self.two_sided:
                beyond = np.logaddexp(beyond, log_ndtr((-moved - reach[:, None]) / deviation))
            any_beyond = np.logaddexp(any_beyond, beyond)
            none_beyond = none_beyond + _log_complement(beyond)
        any_beyond = np.where(any_beyond < -40, any_beyond, _log_complement(none_beyond))
        return np.asarray(
            logsumexp(any_beyond + log_weight - shared**2 / 2, axis=1) - log(2 * np.pi) / 2, dtype=np.float64
        )

    def _alone(self, tail: float) -> float:
        if not np.isfinite(self.freedom):
            return -float(ndtri_exp(log(tail)))
        return -float(stdtrit(self.freedom, tail))


def _scales(freedom: float, reach: float) -> tuple[Floats, Floats]:
    """Values of a standard error over its expectation, and the logarithms of their probabilities.

    They lie about those that matter for a tail at `reach`: the farther out it is, the smaller they are.
    """
    width = 1 / sqrt(2 * freedom)
    middle = -np.log1p(reach**2 / freedom) / 2
    high = float(np.log1p(13 * width))
    low = float(middle) - 10 * width - 40 / freedom
    place, log_weight = _panels(low, high, min(2 * width, 0.5))
    constant = log(2) + freedom / 2 * log(freedom / 2) - float(gammaln(freedom / 2))
    return np.exp(place), constant + freedom * place - freedom / 2 * np.exp(2 * place) + log_weight


def _panels(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes in panels of at most this width, and the logarithms of their weights."""
    count = max(1, int(np.ceil((high - low) / width)))
    half = (high - low) / count / 2
    edges = low + 2 * half * np.arange(count)
    return (edges[:, None] + half * (1 + _NODES[None, :])).ravel(), np.log(np.tile(half * _WEIGHTS, count))


def _log_complement(log_p: Floats) -> Floats:
    """log(1 - exp(log_p)), for probabilities whose logarithm may be above 0 by rounding."""
    p = np.minimum(log_p, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(p > -log(2), np.log(-np.expm1(p)), np.log1p(-np.exp(p))), dtype=np.float64)


def _check(effects: Floats, se: Floats, loading: Floats, freedom: Floats, confidence: float) -> None:
    if len(effects) == 0 or not effects.shape == se.shape == loading.shape:
        raise LabError(
            f"{len(effects)} effects came with {len(se)} standard errors and {len(loading)} loadings.",
            "Give one of each for every arm that is compared with the control.",
        )
    if not np.all(np.isfinite(effects)) or not np.all(np.isfinite(se) & (se > 0)):
        raise LabError(
            "An effect is not a number, or its standard error is not above 0.",
            "Compare only arms that have units whose outcomes vary.",
        )
    if not np.all(np.abs(loading) < 1) or not np.all(freedom > 0) or not 0 < confidence < 1:
        raise LabError(
            f"Loadings reach {float(np.max(np.abs(loading))):g}, degrees of freedom go down to "
            f"{float(np.min(freedom)):g}, and the confidence is {confidence:g}.",
            "Give loadings between -1 and 1, degrees of freedom above 0, and a confidence such as 0.95.",
        )
