"""Choosing by what an offer is worth at least, rather than on average; and what that caution costs.

A lower quantile for each customer guards against the model being wrong about this one, which over thousands
of customers evens out by itself: it mostly gives profit away. So a cautious value is only offered with what
both policies earned on the same held-out rows beside it.
"""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.targeting.budget_curve import HeldOutRows, profit_at, profit_difference


def cautious_value(draws: Floats, quantile: float) -> Floats:
    """(n, K) the value that each offer exceeds in all but this share of the draws.

    draws: (M, n, K) values under draws of the effects; -inf, in all draws, where an offer cannot be made.
    quantile: above 0, and at most .5, which is no caution.
    Raises LabError where the quantile is another one, there are fewer than 1 / quantile draws, a value is
    missing, or an offer can be made in some draws only.

    >>> cautious_value(np.arange(5.0).reshape(5, 1, 1), 0.25)
    array([[1.]])
    """
    if not 0 < quantile <= 0.5:
        raise LabError(f"A cautious value was asked for at the quantile {quantile}.", "Give one up to .5.")
    if len(draws) * quantile < 1:
        raise LabError(
            f"{len(draws)} draws do not show the quantile {quantile}.", f"Draw at least {1 / quantile:.0f}."
        )
    possible = draws > -np.inf
    if not np.isfinite(draws[possible]).all() or (possible != possible[:1]).any():
        raise LabError(
            "A drawn value is missing, or an offer can be made in some draws only.",
            "Draw effects for the same customers and offers each time.",
        )
    finite = np.quantile(np.where(possible, draws, 0.0), quantile, axis=0)
    return np.where(possible[0], finite, -np.inf)


@dataclass(frozen=True, slots=True)
class Caution:
    """Total profits over the audience under one budget on the same held-out rows.

    cost_of_caution: expected less cautious, paired.
    """

    expected: Estimate
    cautious: Estimate
    cost_of_caution: Estimate


def caution_beside_expected(
    rows: HeldOutRows, cautious: Floats, budget: float, customers: int, *, confidence: float = 0.95
) -> Caution:
    """What caution would earn beside what the expected values earn.

    rows: with the expected values. cautious: (m, K) values of the same rows. budget: money for an audience of
    so many `customers`. Raises LabError where shapes disagree, or as `budget_curve` does.
    """
    if cautious.shape != rows.value.shape:
        raise LabError(
            f"Cautious values are {cautious.shape} and expected ones {rows.value.shape}.",
            "Give both for the same rows and offers.",
        )
    other = replace(rows, value=cautious)
    return Caution(
        profit_at(rows, budget, customers, confidence=confidence),
        profit_at(other, budget, customers, confidence=confidence),
        profit_difference(rows, other, budget, customers, confidence=confidence),
    )
