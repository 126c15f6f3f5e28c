"""Parameters by successive halving: many on few rows, the better half on twice as many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from retention_lab.calibrators import log_loss
from retention_lab.churn.folds import cross_fitted
from retention_lab.churn.learners.protocol import ChurnModel
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import LabError
from retention_lab.split import stratified_folds

P = TypeVar("P")
_FEWEST = 400  # rows on which a loss still says something


@dataclass(frozen=True, slots=True)
class Round(Generic[P]):
    """rows: how many were used; losses: cross-fitted log loss of each parameters tried, best first."""

    rows: int
    losses: tuple[tuple[P, float], ...]


@dataclass(frozen=True, slots=True)
class Tuned(Generic[P]):
    """best: what came first in the last round; rounds: all of them, so that nothing tried is hidden."""

    best: P
    rounds: tuple[Round[P], ...]


def tune(
    sample: ChurnSample,
    fit: Callable[[ChurnSample, P], ChurnModel],
    choices: Sequence[P],
    *,
    folds: int = 5,
    seed: int = 7,
) -> Tuned[P]:
    """Halve the choices and double the rows until one is left; all are judged on the same rows and folds.

    The loss of the winner was picked as the least of many, so it flatters: judge the winner on other rows.
    Raises LabError without choices.
    Source: Jamieson and Talwalkar (2016), AISTATS, arXiv:1502.07943.
    """
    if not choices:
        raise LabError("There are no parameters to choose from.", "Give at least one.")
    order = _by_customer(sample, seed)
    left, rounds = list(choices), []
    halvings = int(np.ceil(np.log2(len(choices))))
    for k in range(halvings + 1):
        rows = min(len(sample), max(_FEWEST, len(sample) >> (halvings - k)))
        part = sample.rows(np.sort(order[:rows]))
        fold = stratified_folds(part.left, folds, seed, part.group)
        losses = [
            (one, log_loss(cross_fitted(lambda s, one=one: fit(s, one), part, fold), part.left))  # type: ignore[misc]
            for one in left
        ]
        losses.sort(key=lambda pair: pair[1])
        rounds.append(Round(rows, tuple(losses)))
        left = [one for one, _ in losses[: max(1, (len(losses) + 1) // 2)]]
    return Tuned(rounds[-1].losses[0][0], tuple(rounds))


def _by_customer(sample: ChurnSample, seed: int) -> np.ndarray:
    """Rows in random order, those of a customer together."""
    rng = np.random.default_rng(seed)
    if sample.group is None:
        return rng.permutation(len(sample))
    codes = np.unique(sample.group, return_inverse=True)[1]
    place = rng.permutation(int(codes.max()) + 1)
    return np.argsort(place[codes], kind="stable")
