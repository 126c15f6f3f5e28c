"""Whether arms fill as planned, at every look: evidence that may be read whenever one likes.

The evidence is the likelihood of the counts averaged over other shares than the planned ones (Dirichlet),
over their likelihood under the plan. However often one looks, it exceeds 1/α with a probability of at most
α, with no approximation, whatever the Dirichlet distributions are; these only decide which mismatches it
finds soonest.

Source: Lindon and Malek (2022), Anytime-Valid Inference for Multinomial Count Data, NeurIPS 35,
arXiv:2011.03567.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from scipy.special import gammaln, logsumexp

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

_PLANNED_UNITS = 100_000
_THRESHOLD = 0.001
_LEAST_KEPT = 0.5  # an arm is never imagined to lose more than half of its share, or the others of theirs


@dataclass(frozen=True, slots=True)
class RunningSampleRatio:
    """log_evidence: (looks,) natural logarithm against the planned shares, as of each look.

    log10_p: (looks,) base-10 logarithm of the p-value so far: the inverse of the most evidence up to there.
    """

    log_evidence: Floats
    log10_p: Floats


def running_sample_ratio(
    counts: Ints, shares: Floats, *, planned_units: float = _PLANNED_UNITS, alpha: float = _THRESHOLD
) -> RunningSampleRatio:
    """Evidence and p-value, at each look, that units do not fall on the arms as planned.

    counts: (looks, K) units so far, each row at least the one before; shares: (K,) summing to 1.
    planned_units: at the end, by which a mismatch is to be found at the level alpha; any number is valid.

    Raises LabError where a share is not above 0, shares do not sum to 1, or counts shrink.

    >>> looks = np.array([[2_500, 2_500], [24_500, 25_500], [49_000, 51_000]])
    >>> running_sample_ratio(looks, np.array([0.5, 0.5])).log10_p.round(1).tolist()
    [0.0, -3.6, -7.7]
    """
    _check(counts, shares)
    evidence = log_evidence(counts, shares, alternatives(shares, planned_units, alpha))
    most = np.maximum.accumulate(np.maximum(evidence, 0.0))
    return RunningSampleRatio(evidence, -most / log(10) + 0.0)


def log_evidence(counts: Ints | Floats, shares: Floats, dirichlets: Floats) -> Floats:
    """(..., K) units so far -> (...) natural logarithm of the evidence against (K,) shares.

    dirichlets: (J, K) parameters of as many Dirichlet distributions, all equally likely beforehand. One whose
    parameters are k times the shares imagines shares about the planned ones, more narrowly the larger k is.
    """
    units = np.asarray(counts, dtype=np.float64)[..., None, :]
    total = np.sum(units, axis=-1)
    prior = np.sum(dirichlets, axis=-1)
    rising = np.sum(gammaln(dirichlets + units) - gammaln(dirichlets), axis=-1)
    planned = np.sum(units * np.log(shares), axis=-1)
    each = rising - (gammaln(prior + total) - gammaln(prior)) - planned
    return np.asarray(logsumexp(each, axis=-1) - log(len(dirichlets)), dtype=np.float64)


def alternatives(shares: Floats, planned_units: float = _PLANNED_UNITS, alpha: float = _THRESHOLD) -> Floats:
    """(2 K, K) Dirichlet parameters, each about shares in which one arm gains units or loses them.

    Their distance from the plan is what `planned_units` show at level alpha with high power: centred on the
    plan instead, the evidence would be spread over mismatches too small to be found.

    Raises LabError where nothing is planned, or alpha is not between 0 and 1.
    """
    if not 0 < planned_units < float("inf") or not 0 < alpha < 1:
        raise LabError(
            f"A mismatch cannot be looked for in {planned_units:g} units at the level {alpha:g}.",
            "Give the number of units expected at the end, and a level such as 0.001.",
        )
    distance = sqrt(2 * log(2 * len(shares) / alpha) / planned_units)
    rows = []
    for arm, share in enumerate(shares):
        for sign in (1, -1):
            moved = share + sign * distance * sqrt(share * (1 - share))
            moved = min(max(moved, share * _LEAST_KEPT), 1 - (1 - share) * _LEAST_KEPT)
            other = shares * (1 - moved) / (1 - share)
            other[arm] = moved
            rows.append(other * planned_units)  # spread about as much as counts are by chance at the end
    return np.array(rows)


def _check(counts: Ints, shares: Floats) -> None:
    if counts.ndim != 2 or counts.shape[1] != len(shares) or len(shares) < 2 or len(counts) == 0:
        raise LabError(
            f"Counts of shape {counts.shape} do not go with {len(shares)} shares.",
            "Give one row a look and one column an arm, two arms or more.",
        )
    if not np.all(shares > 0) or abs(float(np.sum(shares)) - 1) > 1e-6:
        raise LabError(
            f"The planned shares are {', '.join(f'{one:g}' for one in shares)}.",
            "Give shares above 0 that sum to 1: an arm that should get nobody is no arm.",
        )
    shrinking = np.any(np.diff(counts, axis=0, prepend=0) < 0, axis=1)
    if np.any(shrinking):
        raise LabError(
            f"Look {int(np.argmax(shrinking)) + 1} has fewer units in an arm than the one before.",
            "Give counts so far, in the order of the looks: a unit that was assigned stays assigned.",
        )
