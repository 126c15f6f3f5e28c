"""Fewer stayers, more leavers, or weights: what is done to training rows, and only to those.

Resampling before the split puts copies of one customer on both sides: a flexible model then knows those whom
it is asked about, and the AUC jumps without any gain. Therefore resampling is a part of fitting, inside each
fold, never of the sample that is split.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from retention_lab.arrays import Floats
from retention_lab.churn.sample import ChurnSample, require_both

Resampling = Literal["none", "over", "under"]


@dataclass(frozen=True, slots=True)
class Resampled:
    """The rows to fit on, and by how much resampling raised the log-odds of leaving."""

    sample: ChurnSample
    shift: float

    def corrected(self, probability: Floats) -> Floats:
        """(n,) probabilities as they would be without resampling.

        Source: King and Zeng (2001), Political Analysis 9(2), doi:10.1093/oxfordjournals.pan.a004868.
        """
        return np.asarray(expit(logit(probability) - self.shift), dtype=np.float64)


def resample(sample: ChurnSample, how: Resampling, seed: int) -> Resampled:
    """Draw leavers with replacement (over), or leave stayers out (under), until both are as many.

    Raises LabError unless somebody left and somebody stayed.
    """
    if how == "none":
        return Resampled(sample, 0.0)
    require_both(sample.left)
    rng = np.random.default_rng(seed)
    sides = [np.flatnonzero(sample.left == side) for side in (0, 1)]
    sizes = [len(side) for side in sides]
    aim = max(sizes) if how == "over" else min(sizes)
    drawn = [_draw(side, aim, rng) for side in sides]
    shift = float(np.log(sizes[0] / sizes[1]))
    return Resampled(sample.rows(np.sort(np.concatenate(drawn))), shift)


def _draw(rows: np.ndarray, aim: int, rng: np.random.Generator) -> np.ndarray:
    if aim <= len(rows):
        return rng.choice(rows, aim, replace=False)
    return np.concatenate([rows, rng.choice(rows, aim - len(rows), replace=True)])
