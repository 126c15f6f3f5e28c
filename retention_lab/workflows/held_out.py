"""What a registered version predicts, and, for rows it has never seen, what their outcomes say."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.scorer import UpliftScorer
from retention_lab.workflows.evaluate_uplift import NewRows
from retention_lab.workflows.uplift_training import feasible_offers


@dataclass(frozen=True, slots=True)
class Predictions:
    """n rows, K + 1 arms of the model.

    effect: (n, K) in the outcome's unit. redemption: (n, K) probability to redeem; 1, the dearest case,
    where the model has not learnt it. activity: (n, K + 1) probability to buy; the mean outcome where not
    learnt. baseline: (n,) outcome under control. moves: (M, n, K) by how much the effects of M refits differ
    from their mean; None where nobody asked.
    """

    effect: Floats
    redemption: Floats
    activity: Floats
    baseline: Floats
    moves: Floats | None = None

    def __len__(self) -> int:
        return len(self.effect)

    def rows(self, where: np.ndarray) -> "Predictions":
        """The rows that a mask picks."""
        return Predictions(
            self.effect[where],
            self.redemption[where],
            self.activity[where],
            self.baseline[where],
            None if self.moves is None else self.moves[:, where],
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """m rows, K + 1 arms of the model. Plans are valued on them.

    gamma: (m, K + 1) scores of the outcome, in its unit. redeemed: (m, K + 1) scores of redemption (the
    prediction where nobody knows who redeemed). feasible: (m, K) offers that the row could have got.
    group: (m,) customers. context: what `where` may ask. features: as the model reads them.
    """

    gamma: Floats
    redeemed: Floats
    predicted: Predictions
    feasible: Bools
    group: np.ndarray
    context: pa.Table
    features: Features

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
            self.features.rows(where),
        )


def held_out(scorer: UpliftScorer, found: NewRows, *, moves: bool = False) -> HeldOut:
    """The evidence of rows that are new to the scorer's version. moves: as `predictions`."""
    rows, sample = found.rows, found.sample
    predicted = predictions(scorer, sample.features, moves=moves)
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
        features=sample.features,
    )


def predictions(scorer: UpliftScorer, features: Features, *, moves: bool = False) -> Predictions:
    """What the version predicts for rows, seen or unseen. moves: with how its refits differ.

    Raises LabError where moves are asked for and the version keeps no refits.
    """
    mean = scorer.mean(features)
    redemption = scorer.redemption_probability(features)
    activity = scorer.activity_probability(features)
    return Predictions(
        effect=scorer.effect(features),
        redemption=np.ones((len(mean), len(scorer.arms) - 1)) if redemption is None else redemption,
        activity=mean if activity is None else activity,
        baseline=mean[:, 0],
        moves=_moves(scorer, features) if moves else None,
    )


def _moves(scorer: UpliftScorer, features: Features) -> Floats:
    if scorer.refits is None:
        raise LabError(
            "The model keeps no refits, so how sure it is of an effect is not known.",
            "Train it with `spread: 8` in its definition and promote it, or plan with `risk: expected` and "
            " `exploration_by: uniform`.",
            key="policy.risk",
        )
    effects = np.stack([each.effect(matrix(features)) for each in scorer.refits.models])
    return np.asarray(effects - effects.mean(axis=0), dtype=np.float64)
