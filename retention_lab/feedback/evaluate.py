"""What is said about a tone model on messages of customers it has not seen, each figure with its interval."""

from collections.abc import Callable, Mapping

import numpy as np

from retention_lab import measures
from retention_lab.arrays import Floats
from retention_lab.calibration_error import calibration_error
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

Terms = Callable[[Floats, Floats], Floats]
MEASURES: Mapping[str, Terms] = {
    "auc": measures.auc_terms,
    "accuracy": measures.accuracy_terms,
    "log_loss": measures.log_loss_terms,
    "brier": measures.brier_terms,
    "precision": measures.precision_terms,
    "recall": measures.recall_terms,
    "f1": measures.f1_terms,
}


def evaluate_tone(label: Floats, probability: Floats, customer: np.ndarray) -> dict[str, Estimate]:
    """All measures of (n,) labels and probabilities; the messages of one (n,) customer count as one draw.

    Precision is left out where no message is called positive. Raises LabError where all labels are the same.
    """
    found = {}
    for name, terms in MEASURES.items():
        if name == "precision" and not (probability >= 0.5).any():
            continue
        found[name] = mean_estimate(terms(label, probability), customer)
    found["calibration_error"] = calibration_error(label, probability).estimate
    return found


def tone_difference(label: Floats, one: Floats, other: Floats, customer: np.ndarray) -> dict[str, Estimate]:
    """One model less another on the same messages, paired; p-values against 0."""
    found = {}
    for name, terms in MEASURES.items():
        try:
            found[name] = mean_estimate(terms(label, one) - terms(label, other), customer)
        except LabError:
            if name != "precision":
                raise
    return found
