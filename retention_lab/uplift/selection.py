"""Which learner to trust, by cross-fitted evidence on the training part alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.uplift.learners import STACK, UpliftModel, learner
from retention_lab.uplift.learners.averaged import Averaged
from retention_lab.uplift.learners.contrast import evidence
from retention_lab.uplift.learners.stack import MONEY_PARTS, PARTS, stack
from retention_lab.uplift.nuisances import Prepared, Task


@dataclass(frozen=True, slots=True)
class Candidate:
    """model: the average of those fitted outside each fold; effect: (n, K), each training row predicted by
    the one that has not seen it; loss: of those predictions, lower is better."""

    name: str
    model: UpliftModel
    effect: Floats
    loss: float


@dataclass(frozen=True)
class Candidates:
    """The candidates of one prepared sample; each is fitted once, also where the stack is made of it."""

    task: Prepared
    _fitted: dict[str, Candidate] = field(default_factory=dict)

    def fit(self, name: str) -> Candidate:
        """The candidate of that name. Raises ConfigurationError for a name that is not known."""
        if name not in self._fitted:
            self._fitted[name] = self._stack() if name == STACK else _fit(name, self.task)
        return self._fitted[name]

    def _stack(self) -> Candidate:
        names = MONEY_PARTS if self.task.mostly_zero else PARTS
        parts = {name: self.fit(name) for name in names}
        average = self.fit("constant").effect[0]
        found = stack(
            self.task,
            average,
            {name: part.model for name, part in parts.items()},
            {name: part.effect for name, part in parts.items()},
        )
        return Candidate(STACK, found.model, found.effect, effect_loss(self.task.whole, found.effect))


def fit_candidate(name: str, task: Prepared) -> Candidate:
    """Fit one candidate alone."""
    return Candidates(task).fit(name)


def effect_loss(task: Task, effect: Floats) -> float:
    """Cross-fitted loss of (n, K) effects, averaged over offers, in the outcome's unit squared: the R-loss;
    where propensities are estimated, the DR-loss."""
    offers = range(1, task.sample.arm_count)
    losses = []
    for k in offers:
        one = evidence(task, k)
        losses.append(one.loss(effect[one.rows, k - 1]))
    return float(np.mean(losses))


def best(candidates: Iterable[Candidate]) -> Candidate:
    """The candidate with the lowest loss; the first named among equals."""
    return min(candidates, key=lambda candidate: candidate.loss)


def _fit(name: str, task: Prepared) -> Candidate:
    if name == "constant":  # nothing to average: the scores are cross-fitted already
        model: UpliftModel = learner(name).fit(task.whole)
        effect = model.effect(task.sample.features)
        return Candidate(name, model, effect, effect_loss(task.whole, effect))
    fit = learner(name).fit
    effect, models = np.empty((len(task.sample), task.sample.arm_count - 1)), []
    for f in range(task.fold_count):
        models.append(fit(task.without_fold(f)))
        effect[task.fold == f] = models[f].effect(task.sample.features.rows(task.fold == f))
    return Candidate(name, Averaged(tuple(models)), effect, effect_loss(task.whole, effect))
