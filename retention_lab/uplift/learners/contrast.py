"""One offer against control: the rows that tell about its effect, and what each of them says."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.nuisances import Task


@dataclass(frozen=True, slots=True)
class Contrast:
    """m rows of a task that got offer k or control, and could have got either.

    rows: (m,) where they stand in the task. surprise: (m,) 1 for the offer and 0 for control, less the chance
    of the offer given that it was one of the two; residual: (m,) target less what was expected of the
    customer before the arm was known; weight: (m,) rows that each stands for. The effect of the offer is the
    function that, times surprise, comes nearest to the residual (the R-loss).
    Source: Robinson (1988), Econometrica 56(4), doi:10.2307/1912705; Nie and Wager (2021), Biometrika 108(2),
    doi:10.1093/biomet/asaa076.
    """

    rows: Ints
    surprise: Floats
    residual: Floats
    weight: Floats

    @property
    def pseudo_effect(self) -> Floats:
        """(m,) what each row alone would say the effect is; of use with `pseudo_weight` only."""
        return self.residual / self.surprise

    @property
    def pseudo_weight(self) -> Floats:
        """(m,) weights under which squared error of `pseudo_effect` is the R-loss."""
        return self.weight * self.surprise**2

    def loss(self, effect: Floats) -> float:
        """R-loss of (m,) effects: mean squared residual that they leave, in the target's unit squared."""
        return float(np.average((self.residual - self.surprise * effect) ** 2, weights=self.weight))


def contrast(task: Task, offer: int) -> Contrast:
    """The rows of offer 1..K against control."""
    sample, known = task.sample, task.nuisances
    chances = known.propensity[:, [0, offer]]
    either = (sample.arm == 0) | (sample.arm == offer)
    rows = np.flatnonzero(either & (chances > 0).all(axis=1))
    chance = chances[rows, 1] / chances[rows].sum(axis=1)
    expected = (1 - chance) * known.mean[rows, 0] + chance * known.mean[rows, offer]
    surprise = (sample.arm[rows] == offer) - chance
    return Contrast(rows, surprise, task.target[rows] - expected, task.weight(rows))


def evidence(task: Task, offer: int) -> Contrast:
    """What effects are judged by: the contrast where propensities are known, doubly robust scores where they
    are estimated, since then outcome models must make up for wrong ones.

    Source: Kennedy (2023), Electronic Journal of Statistics 17(2), doi:10.1214/23-EJS2157.
    """
    known, sample = task.nuisances, task.sample
    if not known.estimated:
        return contrast(task, offer)
    gamma = doubly_robust(task.target, sample.arm, known.propensity, known.mean)
    rows = np.flatnonzero(task.feasible[:, offer - 1])
    scores = gamma[rows, offer] - gamma[rows, 0]
    return Contrast(rows, np.ones(len(rows)), scores, task.weight(rows))
