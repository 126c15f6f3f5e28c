"""Did the policy's choices earn more than random offers would have, on the same customers?"""

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate
from retention_lab.targeting.draw import LEAST
from retention_lab.targeting.incremental import LEAST_WITHOUT, CampaignRows, check_rows, without_covariates
from retention_lab.targeting.skewed import Comparison, total_difference


def policy_vs_random(rows: CampaignRows, *, confidence: float = 0.95) -> Estimate:
    """Profit per head of the policy's choices less that of arms drawn evenly from those feasible.

    none counts as an arm on both sides. Rows that drew the policy's choice speak for the policy, the others
    for the random offers that they drew, each weighted by its inverse propensity, normalised.
    Raises LabError where a choice had no chance, an arm had less than .01 (the interval then misses more
    often than it says), or fewer than 20 rows drew another arm than the choice.
    Source of the normalised weights: Hájek (1971), comment on Basu, Foundations of Statistical Inference.
    """
    check_rows(rows)
    n = len(rows.arm)
    at = np.arange(n)
    if (rows.propensity[at, rows.intended] <= 0).any():
        raise LabError(
            "For some customers the policy's choice had no chance to be drawn.",
            "Use the intended arms and the propensities of one launch.",
        )
    rarest = float(rows.propensity[rows.propensity > 0].min())
    if rarest < LEAST:
        raise LabError(
            f"Some arms were drawn with a chance of {rarest:.4f}: their few rows would weigh more than a "
            "hundred each, and no interval could be trusted.",
            f"Explore more next time, or raise the budget, so that every arm has at least {LEAST}.",
        )
    chosen = rows.arm == rows.intended
    if (~chosen).sum() < LEAST_WITHOUT or chosen.sum() < LEAST_WITHOUT:
        raise LabError(
            f"Only {int((~chosen).sum())} customers drew another arm than the policy's choice.",
            "Keep a larger share of exploration.",
        )
    even = 1 / (rows.propensity > 0).sum(axis=1)
    weight = np.where(chosen, 1 - even, even) / rows.propensity[at, rows.arm]
    target = float((1 - even).sum())
    side = np.array([weight[~chosen].sum(), weight[chosen].sum()])
    weight = weight * (target / side)[chosen.astype(np.int64)]
    net = without_covariates(rows.contribution - rows.cost, _known(rows), chosen, _one_group(n))
    comparison = Comparison(net, np.zeros(n), chosen, weight, _one_group(n))
    return total_difference(comparison, confidence=confidence).scaled(1 / n)


def _known(rows: CampaignRows) -> Floats:
    """Covariates and the intended arm, all known before the draw."""
    intended = np.eye(rows.propensity.shape[1])[rows.intended][:, 1:]
    return intended if rows.covariates is None else np.hstack([rows.covariates, intended])


def _one_group(n: int) -> Ints:
    return np.zeros(n, dtype=np.int64)
