"""Doubly robust scores: per customer and arm, unbiased for the mean outcome of any group of customers."""

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.nuisances import prepare, without_infeasible
from retention_lab.uplift.outcomes import OutcomeModels
from retention_lab.uplift.propensities import PropensityModel
from retention_lab.uplift.sample import UpliftSample


def doubly_robust_scores(sample: UpliftSample, folds: int = 2, seed: int = 7) -> Floats:
    """Cross-fitted gamma (n, K + 1): no row was seen by the outcome models that speak about it.

    Propensities of the sample are used as they are; where there are none, they are estimated.
    Source: Chernozhukov et al. (2018), Econometrics Journal 21(1), doi:10.1111/ectj.12097; Athey and
    Wager (2021), Econometrica 89(1), doi:10.3982/ECTA15732.
    """
    task = prepare(sample, folds, seed, thin=False)
    gamma = np.empty((len(sample), sample.arm_count))
    gamma[task.rows] = task.gamma
    return gamma


def doubly_robust_loss(gamma: Floats, effect: Floats, feasible: Bools | None = None) -> float:
    """Mean over rows and offers of (gamma_k − gamma_0 − effect_k)², in the outcome's unit squared.

    feasible: (n, K) rows that could have got each offer; None: all.
    Source: Kennedy (2023), Electronic Journal of Statistics 17(2), doi:10.1214/23-EJS2157.
    """
    squares = (gamma[:, 1:] - gamma[:, :1] - effect) ** 2
    return float(np.mean(squares, where=True if feasible is None else feasible))


def gamma_on(
    sample: UpliftSample, outcomes: OutcomeModels, propensities: PropensityModel | None = None
) -> Floats:
    """Gamma (n, K + 1) of held-out rows, with models that were fitted elsewhere.

    propensities: the model to use where the sample has no propensities of its own.
    Raises LabError when neither is there.
    """
    known = sample.propensity
    if known is None and propensities is None:
        raise LabError(
            "These rows carry no propensities, so their outcomes cannot be weighed.",
            "Log the probability of each arm, or set `propensity: estimate`.",
            key="propensity",
        )
    if known is None and propensities is not None:
        known = propensities.probability(sample.features)
    assert known is not None  # one of the two was given
    gamma = doubly_robust(sample.outcome, sample.arm, known, outcomes.mean(sample.features))
    return without_infeasible(gamma, known)
