"""How much a model's effects move when it is fitted again on other customers: the model's own spread.

No claim about one customer is made by it. A customer's own effect is never seen, since nobody both gets an
offer and does not, so no interval for it can be checked; groups of customers carry intervals (`groups`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, matrix
from retention_lab.split import held_out
from retention_lab.uplift.file_tree import in_folder, of_folder
from retention_lab.uplift.learners import UpliftModel, learner, read_model
from retention_lab.uplift.learners.constant import fit_constant
from retention_lab.uplift.learners.stack import Stack
from retention_lab.uplift.nuisances import Prepared, Task
from retention_lab.uplift.selection import Candidate

FEWEST_REFITS = 2


@dataclass(frozen=True, slots=True)
class Refits:
    """learner: a name; models: of that learner, each fitted on a random half of the customers."""

    learner: str
    models: tuple[UpliftModel, ...]

    def spread(self, features: Features | Floats) -> Floats:
        """(n, K) standard deviation of the effect over the refits, in the outcome's unit.

        About the standard error of a model whose effects are averages over its rows: two random halves of the
        same customers differ from each other as much as the whole differs from another draw of customers.
        It says how unsteady the model is for such customers, not how far it is from their true effect: what
        the learner cannot see at all moves no refit. It has no coverage. Of 8 refits it is itself uncertain
        by a quarter.
        Source: Athey, Tibshirani, Wager (2019), Annals of Statistics 47(2), doi:10.1214/18-AOS1709, section 4
        (half-sampling).
        """
        values = matrix(features)
        return np.asarray(np.std([model.effect(values) for model in self.models], axis=0, ddof=1))

    def to_files(self) -> dict[str, bytes]:
        """A folder a model."""
        return {
            name: data
            for i, model in enumerate(self.models)
            for name, data in in_folder(f"half_{i}", model.to_files()).items()
        }

    @staticmethod
    def from_files(learner: str, files: Mapping[str, bytes]) -> "Refits":
        """The refits of that learner that `to_files` wrote."""
        count = len({name.partition("/")[0] for name in files})
        return Refits(
            learner, tuple(read_model(learner, of_folder(f"half_{i}", files)) for i in range(count))
        )


def fit_spread(candidate: Candidate, task: Prepared, refits: int = 8, seed: int = 7) -> Refits:
    """Fit a candidate again on random halves of the customers.

    The cross-fitted outcome means and propensities that learners are fitted on stay as they are; outcome
    models that a learner predicts with are fitted on the half too. A stack keeps its weights.
    Raises LabError for fewer than two refits, which show no spread.
    """
    if refits < FEWEST_REFITS:
        raise LabError(
            f"A spread was asked for over {refits} refits.", "Ask for at least two; eight do.", key="spread"
        )
    sample = task.sample
    halves = (held_out(len(sample), 0.5, seed + i, sample.group) for i in range(refits))
    models = tuple(_refit(candidate, task, np.flatnonzero(half)) for half in halves)
    return Refits(candidate.name, models)


def _refit(candidate: Candidate, task: Prepared, rows: Ints) -> UpliftModel:
    half = replace(task.of_rows(rows), outcomes=task.outcomes_of(rows))
    if isinstance(candidate.model, Stack):
        return _restacked(candidate.model, half)
    return learner(candidate.name).fit(half)


def _restacked(stack: Stack, half: Task) -> Stack:
    """The parts and the average anew, each part with the weight that it has in the stack."""
    parts = {name: learner(name).fit(half) for name in stack.parts}
    centres = {
        name: tuple(half.sample.mean(column) for column in part.effect(half.sample.features).T)
        for name, part in parts.items()
    }
    return Stack(parts, fit_constant(half).values, stack.weights, centres)
