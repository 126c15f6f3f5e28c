"""How right forecasts came out: total, error per customer, order, and where they were wrong."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.calibration import Group
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

_MOST = 7  # repeat purchases that are a group of their own


@dataclass(frozen=True, slots=True)
class Accuracy:
    """predicted, actual: totals. bias: predicted over actual less 1. mae: mean absolute error per customer.

    rmse: root mean squared error. gini: of what was actual, in the order predicted: 0 where the order tells
    nothing, at most `gini_best`, that of the order of the actual numbers themselves.
    """

    predicted: float
    actual: float
    bias: Estimate
    mae: Estimate
    rmse: float
    gini: Estimate
    gini_best: float


def accuracy(predicted: Floats, actual: Floats, *, confidence: float = 0.95) -> Accuracy:
    """Compare (n,) forecasts with (n,) outcomes, in one unit, of the same customers.

    Raises LabError where a number is missing, or nothing was bought at all, which leaves no share to be off.
    """
    _require_pairs(predicted, actual)
    total = float(actual.sum())
    if total <= 0:
        raise LabError(
            "Nobody bought anything in the period, so no bias can be told.", "Take a longer period."
        )
    ratio = float(predicted.sum()) / total
    terms = np.asarray(ratio - 1 + (predicted - ratio * actual) / actual.mean(), dtype=np.float64)
    return Accuracy(
        float(predicted.sum()),
        total,
        mean_estimate(terms, confidence=confidence),
        mean_estimate(np.abs(predicted - actual), confidence=confidence),
        float(np.sqrt(np.mean((predicted - actual) ** 2))),
        gini(actual, predicted, confidence=confidence),
        gini(actual, actual, confidence=confidence).value,
    )


def error_difference(one: Floats, other: Floats, actual: Floats, *, confidence: float = 0.95) -> Estimate:
    """Mean absolute error of one forecast less another's, by customer; below 0 the one is better."""
    _require_pairs(one, actual)
    _require_pairs(other, actual)
    return mean_estimate(
        np.asarray(np.abs(one - actual) - np.abs(other - actual), dtype=np.float64), confidence=confidence
    )


def gini(outcome: Floats, score: Floats, *, confidence: float = 0.95) -> Estimate:
    """Gini coefficient of (n,) outcomes from 0 on in the order of (n,) scores; p-value against 0, no order.

    Tied scores share their mean rank. The interval knows that the ranks are those of a sample.
    Source: Gini (1914); of a score, Frees, Meyers, Cummings (2011), JASA 106(495),
    doi:10.1198/jasa.2011.tm10506.

    >>> gini(np.array([0.0, 0.0, 0.0, 8.0]), np.array([1.0, 2.0, 3.0, 4.0])).value
    0.75
    """
    _require_pairs(score, outcome)
    mean = float(outcome.mean())
    if mean <= 0:
        raise LabError("All outcomes are 0, so they have no order.", "Take a longer period.")
    share, above = _mid_ranks(outcome, score)
    value = float(np.mean(outcome * (2 * share - 1))) / mean
    # influence of a customer: its outcome at its rank, its place below those above it, and the mean
    influence = (outcome * (2 * share - 1 - value) + 2 * above) / mean
    return mean_estimate(np.asarray(influence - influence.mean() + value), confidence=confidence)


def by_frequency(frequency: Floats, predicted: Floats, actual: Floats) -> list[tuple[str, Group]]:
    """Mean forecast and outcome of customers with 0, 1, 2 … and 7 or more repeat purchases so far."""
    found = []
    for x in range(_MOST + 1):
        there: Bools = frequency == x if x < _MOST else frequency >= x
        if there.sum() > 1:
            group = Group(float(predicted[there].mean()), mean_estimate(actual[there]), int(there.sum()))
            found.append((f"{x}" if x < _MOST else f"{x}+", group))
    return found


def coverage(low: Floats, high: Floats, actual: Floats) -> Estimate:
    """Share of customers whose outcome lies within (n,) ends, both included."""
    held = np.asarray((low <= actual) & (actual <= high), dtype=np.float64)
    return mean_estimate(held)


def _mid_ranks(outcome: Floats, score: Floats) -> tuple[Floats, Floats]:
    """(n,) share of customers with a lower score, ties by half; (n,) mean outcome of all who are above,
    counted as 0 where they are not, ties by half."""
    values, place, count = np.unique(score, return_inverse=True, return_counts=True)
    n = len(score)
    total = np.bincount(place, weights=outcome, minlength=len(values))
    below = np.cumsum(count) - count
    higher = total.sum() - np.cumsum(total)
    return (below + count / 2)[place] / n, (higher + total / 2)[place] / n


def _require_pairs(predicted: Floats, actual: Floats) -> None:
    if predicted.shape != actual.shape or not (np.isfinite(predicted).all() and np.isfinite(actual).all()):
        raise LabError(
            "Forecasts and outcomes are not one finite number of each per customer.",
            "Leave out customers without either.",
        )
