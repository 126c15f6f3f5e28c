"""The best arm of every customer: who gets what, and what that choice is worth against each arm for all."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.estimate import Estimate, mean_estimate
from retention_lab.off_policy import chosen_scores
from retention_lab.uplift.policy import greedy_policy
from retention_lab.uplift.ranking import GainCurve, gain_curve


@dataclass(frozen=True, slots=True)
class BestArm:
    """arm: (n,) arm of each customer, 0 where no offer is expected to pay.

    share: part of the customers that each arm is best for, by its name (no p-value: there is no null);
    value: per head if everybody got their arm, p-value against 0; gain: that value less the value of one arm
    for everybody, paired, by the arm's name, p-value against 0. Net value, or outcome, as given.
    """

    arm: Ints
    share: dict[str, Estimate]
    value: Estimate
    gain: dict[str, Estimate]


def best_arm(
    net: Floats,
    predicted: Floats,
    arms: tuple[str, ...],
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> BestArm:
    """Choose by predicted net effects (n, K); value the choice by held-out scores (n, K + 1) of net value.

    arms: names, control first; group: (n,) customer of each row, or None. Differences are between whole
    policies, so nothing is claimed of one customer.
    Raises LabError with fewer than two customers.
    """
    arm = greedy_policy(predicted)
    chosen = chosen_scores(net, arm)
    share = {
        name: replace(
            mean_estimate((arm == k).astype(np.float64), group, confidence=confidence), p_value=None
        )
        for k, name in enumerate(arms)
    }
    gain = {
        name: mean_estimate(chosen - net[:, k], group, confidence=confidence) for k, name in enumerate(arms)
    }
    return BestArm(arm, share, mean_estimate(chosen, group, confidence=confidence), gain)


def best_arm_curve(
    net: Floats,
    predicted: Floats,
    points: int = 20,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> GainCurve:
    """Cumulative gain over none, per head of all, by share treated, each customer with their best offer.

    From the highest predicted net value down, past the point where it turns negative: the curve shows what
    too much would cost. In money where the scores are net value. Shapes as in `best_arm`.
    """
    offer = np.argmax(predicted, axis=1)
    rows = np.arange(len(offer))
    e = net[rows, offer + 1] - net[:, 0]
    return gain_curve(e, predicted[rows, offer], points, group, confidence=confidence)
