"""The ROC curve and the gain curve of a score, thinned to what a picture can show."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.churn.sample import require_both
from retention_lab.ranks import ranking


@dataclass(frozen=True, slots=True)
class RocCurve:
    """stayers, leavers: (p,) share of each called leavers, from nobody to everybody."""

    stayers: Floats
    leavers: Floats


@dataclass(frozen=True, slots=True)
class GainCurve:
    """share: (p,) of the customers, highest probabilities first; leavers: (p,) share of all leavers found;
    low, high: (p,) pointwise intervals."""

    share: Floats
    leavers: Floats
    low: Floats
    high: Floats


def roc_curve(left: Floats, probability: Floats, points: int = 200) -> RocCurve:
    """Raises LabError unless somebody left and somebody stayed."""
    require_both(left, "these rows")
    order = ranking(probability)
    y = left[order.row]
    stayers = np.concatenate([[0.0], np.cumsum(order.sums(1 - y)) / (1 - y).sum()])
    leavers = np.concatenate([[0.0], np.cumsum(order.sums(y)) / y.sum()])
    kept = np.unique(np.linspace(0, len(stayers) - 1, points).round().astype(int))
    return RocCurve(stayers[kept], leavers[kept])


def gain_curve(left: Floats, probability: Floats, points: int = 20, *, confidence: float = 0.95) -> GainCurve:
    """Which part of the leavers is among the first so many customers; its interval is as for the lift."""
    from retention_lab.estimate import mean_estimate
    from retention_lab.measures import lift_terms

    shares = (np.arange(points) + 1) / points
    found = [
        mean_estimate(lift_terms(left, probability, float(s)), confidence=confidence).scaled(float(s))
        for s in shares
    ]
    value, low, high = (np.array([getattr(one, name) for one in found]) for name in ("value", "low", "high"))
    return GainCurve(shares, value, np.maximum(low, 0.0), np.minimum(high, 1.0))
