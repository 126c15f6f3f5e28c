"""The rows that causalml is given: all of them, or as many customers at random as it can digest in time."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import Task
from retention_lab.uplift.sample import UpliftSample

_NEVER = 1e-6  # stands for a probability of 0, which causalml refuses


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """sample: the rows to fit on; propensity: (n, K + 1), known or cross-fitted."""

    sample: UpliftSample
    propensity: Floats

    @property
    def constant(self) -> bool:
        """Whether every row had the same chances."""
        return not bool(np.any(np.ptp(self.propensity, axis=0) > 1e-12))

    @property
    def p(self) -> dict[int, Floats]:
        """The propensities as causalml reads them: by offer, (n,)."""
        return {k + 1: column for k, column in enumerate(against_control(self.propensity).T)}

    @property
    def weight(self) -> Floats:
        """(n,) share of the received arm over its propensity: makes arms alike in features; 1 on average."""
        arm = self.sample.arm
        share = np.bincount(arm, minlength=self.sample.arm_count) / len(arm)
        return np.asarray(share[arm] / self.propensity[np.arange(len(arm)), arm], dtype=np.float64)


def training_part(task: Task, limit: int) -> TrainingPart:
    """All rows, or those of customers drawn at random (seed: the params') while they are at most `limit`.

    Raises LabError when the drawn rows lack an arm.
    """
    known = task.sample.propensity
    propensity = task.nuisances.propensity if known is None else known
    rows = _alike(task.sample, task.params.seed)
    if len(rows) > limit:
        rows = rows[_customers_at_random(task.sample.rows(rows), limit, task.params.seed)]
    if len(rows) == len(task.sample):
        return TrainingPart(task.sample, propensity)
    counts = np.bincount(task.sample.arm[rows], minlength=task.sample.arm_count)
    if counts.min() == 0:
        raise LabError(
            f"causalml's learners are fitted on {limit} rows at most, and of those none was in arm "
            f"{int(np.argmin(counts))}.",
            "Leave that arm out, or take causalml's learners off the list.",
            key="learners",
        )
    return TrainingPart(_unweighted(task.sample.rows(rows)), propensity[rows])


def in_places(part: TrainingPart, places: tuple[int, ...]) -> TrainingPart:
    """The same rows with arms numbered by (K + 1,) places: the forests draw by an arm's number."""
    sample, column = part.sample, np.argsort(places)
    known = None if sample.propensity is None else sample.propensity[:, column]
    arm = np.array(places)[sample.arm]
    numbered = UpliftSample(
        sample.features, arm, sample.outcome, known, sample.group, sample.arm_count, sample.weight
    )
    return TrainingPart(numbered, part.propensity[:, column])


def against_control(propensity: Floats) -> Floats:
    """(n, K + 1) -> (n, K): probability of each offer, given that it was that offer or control.

    causalml compares each offer with control on the rows of those two arms alone. Strictly between 0 and 1:
    a row that could not get the offer counts as one that hardly ever does.
    """
    both = propensity[:, 1:] + propensity[:, :1]
    chance = np.divide(propensity[:, 1:], both, out=np.full(both.shape, 0.5), where=both > 0)
    return np.asarray(np.clip(chance, _NEVER, 1 - _NEVER), dtype=np.float64)


def _unweighted(sample: UpliftSample) -> UpliftSample:
    return UpliftSample(
        sample.features, sample.arm, sample.outcome, sample.propensity, sample.group, sample.arm_count
    )


def _alike(sample: UpliftSample, seed: int) -> Ints:
    """Rows that stand for equally many: causalml knows no weights, so those of less weight are drawn."""
    if sample.weight is None:
        return np.arange(len(sample))
    lot = np.random.default_rng(seed).random(len(sample))
    return np.flatnonzero(lot < sample.weight / sample.weight.max())


def _customers_at_random(sample: UpliftSample, limit: int, seed: int) -> Ints:
    rng = np.random.default_rng(seed)
    if sample.group is None:
        return np.asarray(np.sort(rng.permutation(len(sample))[:limit]), dtype=np.int64)
    customer = np.unique(sample.group, return_inverse=True)[1]
    rows = np.bincount(customer)
    order = rng.permutation(len(rows))
    taken = np.zeros(len(rows), dtype=np.bool_)
    taken[order[np.cumsum(rows[order]) <= limit]] = True
    return np.asarray(np.flatnonzero(taken[customer]), dtype=np.int64)
