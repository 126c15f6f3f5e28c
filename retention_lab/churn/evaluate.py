"""Everything that is said about a churn model on rows it has not seen, each figure with its interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab import measures
from retention_lab.arrays import Floats
from retention_lab.calibration_error import calibration_error
from retention_lab.churn.profit import (
    Campaign,
    contacted,
    expected_maximum_profit,
    maximum_profit,
    profit_terms,
)
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

Terms = Callable[[Floats, Floats], Floats]
MEASURES: Mapping[str, Terms] = {
    "auc": measures.auc_terms,
    "average_precision": measures.average_precision_terms,
    "log_loss": measures.log_loss_terms,
    "brier": measures.brier_terms,
    "accuracy": measures.accuracy_terms,
    "precision": measures.precision_terms,
    "recall": measures.recall_terms,
    "f1": measures.f1_terms,
    "lift_at_10": lambda left, probability: measures.lift_terms(left, probability, 0.1),
    "lift_at_20": lambda left, probability: measures.lift_terms(left, probability, 0.2),
}
PROFIT, CALIBRATION_ERROR = "profit", "calibration_error"
MONEY = (PROFIT, "mpc", "empc")
LOWER_IS_BETTER = frozenset({"log_loss", "brier", CALIBRATION_ERROR})


@dataclass(frozen=True, slots=True)
class Evidence:
    """estimates: by measure; refused: by measure, why it could not be computed."""

    estimates: Mapping[str, Estimate]
    refused: Mapping[str, str]


def evaluate(
    left: Floats,
    probability: Floats,
    campaign: Campaign | None = None,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Evidence:
    """All measures; those in money where the campaign is known. group: (n,) customer of each row, or None.

    profit: of contacting those whom the probabilities say to contact, p-value against contacting nobody; mpc
    and empc: at thresholds that are best on these rows.
    Raises LabError for probabilities outside 0 to 1.
    """
    _require_probabilities(probability)
    found: dict[str, Estimate] = {}
    refused: dict[str, str] = {}
    for name, terms in _terms(campaign).items():
        try:
            found[name] = mean_estimate(terms(left, probability), group, confidence=confidence)
        except LabError as error:
            refused[name] = str(error)
    found[CALIBRATION_ERROR] = calibration_error(left, probability, confidence=confidence).estimate
    return Evidence(found, refused)


def difference(
    left: Floats,
    one: Floats,
    other: Floats,
    campaign: Campaign | None = None,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Evidence:
    """One model less another on the same rows, paired; p-values against 0. The calibration error, which is no
    mean, is left out."""
    found: dict[str, Estimate] = {}
    refused: dict[str, str] = {}
    for name, terms in _terms(campaign).items():
        try:
            paired = terms(left, one) - terms(left, other)
            found[name] = mean_estimate(paired, group, confidence=confidence)
        except LabError as error:
            refused[name] = str(error)
    return Evidence(found, refused)


def _terms(campaign: Campaign | None) -> dict[str, Terms]:
    if campaign is None:
        return dict(MEASURES)
    return {
        **MEASURES,
        PROFIT: lambda left, p: profit_terms(left, contacted(p, campaign), campaign),
        "mpc": lambda left, p: maximum_profit(left, p, campaign).terms,
        "empc": lambda left, p: expected_maximum_profit(left, p, campaign).terms,
    }


def _require_probabilities(probability: Floats) -> None:
    wrong = ~((probability >= 0) & (probability <= 1))
    if wrong.any():
        raise LabError(
            f"{int(wrong.sum())} probabilities are missing or outside 0 to 1, "
            f"row {int(np.argmax(wrong)) + 1} first.",
            "Correct the model.",
        )
