"""Of many rows, those that say most about effects: the others are drawn with a chance, and weigh more.

In a rare outcome nearly every row is a customer of whom nothing was seen, and in an experiment with unequal
arms the larger arm has rows to spare. Keeping each row with a chance in proportion to what it adds to the
variance of an effect, and weighing it by one over that chance, leaves every estimate right on average.
"""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.uplift.sample import UpliftSample

FROM_ROWS = 200_000  # below, all rows are fitted in no time
INFLATION = 1.05  # of the variance: the price that is paid at most
_HALVINGS = 20
_LEAST = 0.1  # of the mean: rows of little surprise still say where customers are


def keep_chance(sample: UpliftSample) -> Floats:
    """(n,) chance to keep each row: 1 for the rows that matter most.

    The smallest expected number of rows for which the sum of squared influences, weighted by one over the
    chance, grows by at most `INFLATION`.
    Source: Fithian and Hastie (2014), Annals of Statistics 42(5), doi:10.1214/14-AOS1220 (case-control
    sampling of rare outcomes); Ting and Brochu (2018), NeurIPS 31, "Optimal subsampling with influence
    functions".
    """
    influence = _influence(sample)
    low = _threshold(influence)
    return np.asarray(np.minimum(1.0, influence / low) if low > 0 else np.ones(len(sample)))


def _threshold(influence: Floats) -> float:
    """The influence from which rows are kept for certain; 0 where all are.

    Found on sorted influences, so that the order of the rows cannot move its last digits.
    """
    ranked = np.sort(influence)
    allowed, low, high = INFLATION * float(ranked @ ranked), 0.0, float(ranked[-1])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if float(ranked @ np.maximum(ranked, middle)) > allowed:
            high = middle
        else:
            low = middle
    return low


def _influence(sample: UpliftSample) -> Floats:
    """(n,) size of what a row adds to an average effect: its surprise over the chance of its arm, never less
    than a tenth of what rows add on average."""
    counts = np.bincount(sample.arm, minlength=sample.arm_count)
    mean = np.array([np.sort(sample.outcome[sample.arm == k]).mean() for k in range(sample.arm_count)])
    if sample.propensity is None:
        chance = (counts / len(sample))[sample.arm]
    else:
        chance = sample.propensity[np.arange(len(sample)), sample.arm]
    influence = np.abs(sample.outcome - mean[sample.arm]) / chance
    if sample.weight is not None:
        influence = influence * sample.weight
    return np.asarray(np.maximum(influence, _LEAST * np.sort(influence).mean()))
