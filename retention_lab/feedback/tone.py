"""How a message is meant: candidates, cross-fitted and calibrated, and the one that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.calibrators import Calibrator, choose_calibrator, log_loss
from retention_lab.errors import LabError
from retention_lab.feedback.learners import LinearRule, learner
from retention_lab.feedback.vocabulary import Matrix


@dataclass(frozen=True, slots=True)
class Tone:
    """A rule with the calibration of its probabilities."""

    rule: LinearRule
    calibrator: Calibrator

    def probability(self, weighed: Matrix) -> Floats:
        """(n,) of the positive label."""
        return self.calibrator.apply(self.rule.probability(weighed))


@dataclass(frozen=True, slots=True)
class ToneCandidate:
    """tone: of all training rows. probability: (n,) each row by what has not seen its customer; log_loss: of
    those."""

    name: str
    tone: Tone
    probability: Floats
    log_loss: float


def fit_tone(name: str, weighed: Matrix, label: Floats, fold: Ints) -> ToneCandidate:
    """Fit the named learner to (n, d) weights and (n,) labels of 0 and 1; fold: (n,) of each row.

    Raises ConfigurationError for a name that is not known, LabError where all labels are the same.
    """
    _require_both(label)
    fit = learner(name)
    raw = np.empty(len(label))
    for k in np.unique(fold):
        out = fold == k
        raw[out] = fit(weighed[~out], label[~out]).probability(weighed[out])
    chosen = choose_calibrator(raw, label, fold)
    tone = Tone(fit(weighed, label), chosen.calibrator)
    return ToneCandidate(name, tone, chosen.probability, log_loss(chosen.probability, label))


def best_tone(candidates: Sequence[ToneCandidate]) -> ToneCandidate:
    """The candidate with the least cross-fitted log loss, the first named among equals."""
    return min(candidates, key=lambda one: one.log_loss)


def _require_both(label: Floats) -> None:
    positive = int(label.sum())
    if positive in (0, len(label)):
        raise LabError(
            f"{positive} of {len(label)} messages have the positive label: there is nothing to compare.",
            "Correct `label.positive`, or provide messages of both tones.",
            key="label",
        )
