"""Which learner to trust, by cross-fitted evidence on the training part alone."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.uplift.learners import UpliftModel, learner
from retention_lab.uplift.nuisances import Prepared


@dataclass(frozen=True, slots=True)
class Candidate:
    """model: fitted on all training rows; effect: (n, K), each row predicted by a model that has not seen it;
    loss: of those predictions against the doubly robust scores, lower is better."""

    name: str
    model: UpliftModel
    effect: Floats
    loss: float


def fit_candidate(name: str, task: Prepared) -> Candidate:
    """Fit the learner outside each fold to judge it, and on all rows to use it."""
    fit = learner(name).fit
    effect = np.empty((len(task.sample), task.sample.arm_count - 1))
    for f in range(task.fold_count):
        features = task.sample.features.rows(task.fold == f)
        effect[task.fold == f] = fit(task.without_fold(f)).effect(features)
    return Candidate(name, fit(task), effect, doubly_robust_loss(task.gamma, effect, task.feasible))


def doubly_robust_loss(gamma: Floats, effect: Floats, feasible: Bools | None = None) -> float:
    """Mean over rows and offers of (gamma_k − gamma_0 − effect_k)², in the outcome's unit squared.

    feasible: (n, K) rows that could have got each offer; None: all.
    Source: Kennedy (2023), Electronic Journal of Statistics 17(2), doi:10.1214/23-EJS2157.
    """
    squares = (gamma[:, 1:] - gamma[:, :1] - effect) ** 2
    return float(np.mean(squares, where=True if feasible is None else feasible))


def best(candidates: Iterable[Candidate]) -> Candidate:
    """The candidate with the lowest loss; the first named among equals."""
    return min(candidates, key=lambda candidate: candidate.loss)
