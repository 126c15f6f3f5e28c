"""What a registered version predicts, and, for rows it has never seen, what their outcomes say."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.features import Features
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate_uplift import NewRows
from retention_lab.workflows.uplift_training import feasible_offers


@dataclass(frozen=True, slots=True)
class Predictions:
    """n rows, K + 1 arms of the model.

    effect: (n, K) in the outcome's unit. redemption: (n, K) probability to redeem; 1, the dearest case,
    where the model has not learnt it. activity: (n, K + 1) probability to buy; the mean outcome where not
    learnt. baseline: (n,) outcome under control.
    """

    effect: Floats
    redemption: Floats
    activity: Floats
    baseline: Floats

    def __len__(self) -> int:
        return len(self.effect)

    def rows(self, where: np.ndarray) -> "Predictions":
        """The rows that a mask picks."""
        return Predictions(
            self.effect[where], self.redemption[where], self.activity[where], self.baseline[where]
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m rows, K + 1 arms of the model. Plans are valued on them.

    gamma: (m, K + 1) scores of the outcome, in its unit. redeemed: (m, K + 1) scores of redemption (the
    prediction where nobody knows who redeemed). feasible: (m, K) offers that the row could have got.
    group: (m,) customers. context: what `where` may ask.
    """

    gamma: Floats
    redeemed: Floats
    predicted: Predictions
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
            self.predicted.rows(where),
            self.feasible[where],
            self.group[where],
            self.context.filter(pa.array(where)),
        )


def held_out(scorer: UpliftScorer, found: NewRows) -> HeldOut:
    """The evidence of rows that are new to the scorer's version."""
    rows, sample = found.rows, found.sample
    predicted = predictions(scorer, sample.features)
    redeemed = np.column_stack([np.zeros(len(rows)), predicted.redemption])
    if rows.redeemed is not None and sample.propensity is not None:
        redeemed = doubly_robust(rows.redeemed, rows.arm, sample.propensity, redeemed)
    feasible = feasible_offers(sample)
    return HeldOut(
        gamma=found.gamma,
        redeemed=redeemed,
        predicted=predicted,
        feasible=np.ones_like(predicted.redemption, dtype=np.bool_) if feasible is None else feasible,
        group=rows.customer,
        context=rows.context,
    )


def predictions(scorer: UpliftScorer, features: Features) -> Predictions:
    """What the version predicts for rows, seen or unseen."""
    mean = scorer.mean(features)
    redemption = scorer.redemption_probability(features)
    activity = scorer.activity_probability(features)
    return Predictions(
        effect=scorer.effect(features),
        redemption=np.ones((len(mean), len(scorer.arms) - 1)) if redemption is None else redemption,
        activity=mean if activity is None else activity,
        baseline=mean[:, 0],
    )
