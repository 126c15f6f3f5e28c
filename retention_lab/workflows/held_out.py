"""What a registered version predicts for rows it has never seen, beside what their outcomes say."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.features import Features
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate import NewRows
from retention_lab.workflows.uplift_training import feasible_offers


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m rows, K + 1 arms of the model. Plans are valued on them.

    gamma: (m, K + 1) scores of the outcome, in its unit. redeemed: (m, K + 1) scores of redemption, 0 where
    nobody knows. effect: (m, K), redemption: (m, K), activity: (m, K + 1) predictions: effect, probability to
    redeem, probability to buy. feasible: (m, K) offers that the row could get. group: (m,) customers.
    context: what `where` may ask.
    """

    gamma: Floats
    redeemed: Floats
    effect: Floats
    redemption: Floats
    activity: Floats
    feasible: Bools
    group: np.ndarray
    context: pa.Table

    def __len__(self) -> int:
        return len(self.gamma)

    def rows(self, where: np.ndarray) -> "HeldOut":
        """The rows that a mask picks."""
        return HeldOut(
            self.gamma[where],
            self.redeemed[where],
            self.effect[where],
            self.redemption[where],
            self.activity[where],
            self.feasible[where],
            self.group[where],
            self.context.filter(pa.array(where)),
        )


def held_out(scorer: UpliftScorer, found: NewRows) -> HeldOut:
    """The evidence of rows that are new to the scorer's version."""
    rows, features = found.rows, found.sample.features
    redemption = redemption_probability(scorer, features)
    feasible = feasible_offers(found.sample)
    mean = np.column_stack([np.zeros(len(rows)), redemption])
    redeemed = mean
    if rows.redeemed is not None and found.sample.propensity is not None:
        redeemed = doubly_robust(rows.redeemed, rows.arm, found.sample.propensity, mean)
    return HeldOut(
        gamma=found.gamma,
        redeemed=redeemed,
        effect=scorer.effect(features),
        redemption=redemption,
        activity=activity_probability(scorer, features),
        feasible=np.ones_like(redemption, dtype=np.bool_) if feasible is None else feasible,
        group=rows.unit,
        context=rows.context,
    )


def redemption_probability(scorer: UpliftScorer, features: Features) -> Floats:
    """(n, K) probability that the customer redeems each offer; 0 where nobody knows."""
    found = scorer.redemption_probability(features)
    return np.zeros((len(features), len(scorer.arms) - 1)) if found is None else found


def activity_probability(scorer: UpliftScorer, features: Features) -> Floats:
    """(n, K + 1) probability that the customer buys under each arm; where not learnt, the mean outcome."""
    found = scorer.activity_probability(features)
    return scorer.mean(features) if found is None else found
