"""Does a prediction keep its word: a slope, an average, and groups of customers from low to high."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate, several_units
from retention_lab.ranks import ranking


@dataclass(frozen=True, slots=True)
class Group:
    """Customers with similar predictions: what was predicted for them on average, and what was observed."""

    predicted: float
    observed: Estimate
    units: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """slope: of observed on predicted, p-value against 1; average: mean observed, p-value against 0."""

    slope: Estimate
    average: Estimate
    groups: tuple[Group, ...]


def calibration(
    e: Floats,
    effect: Floats,
    groups: int = 10,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> Calibration:
    """Compare predictions (n,) with unbiased scores (n,) of what they predict, in one unit.

    e: effect scores for an effect, or outcomes for a prediction of outcomes. A slope of 1 means that a
    difference predicted is the difference seen; below 1, that the prediction exaggerates differences.
    groups: at most this many groups, cut by mid-rank, so tied predictions stay together.

    Raises LabError when all predictions are equal, which leaves no slope to see.
    Source: Chernozhukov, Demirer, Duflo, Fernández-Val (2018), arXiv:1712.04802 (best linear predictor,
    group average effects).
    """
    average = mean_estimate(e, group, confidence=confidence)
    return Calibration(
        calibration_slope(e, effect, group, confidence=confidence),
        average,
        _groups(e, effect, groups, group, confidence),
    )


def calibration_slope(
    e: Floats, effect: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Least-squares slope of scores on predictions, with a robust standard error; p-value against 1.

    Raises LabError when all predictions are equal.
    Source: White (1980), Econometrica 48(4), doi:10.2307/1912934; grouped as in `mean_estimate`.
    """
    centred = effect - np.mean(effect)
    spread = float(np.mean(centred**2))
    if not spread > 1e-24 * max(1.0, float(np.mean(effect)) ** 2):
        raise LabError(
            "All predictions are equal, so there is no slope to see.",
            "Compare averages instead; a constant prediction cannot be miscalibrated in its differences.",
        )
    slope = float(np.mean(centred * e)) / spread
    influence = centred * (e - np.mean(e) - slope * centred) / spread
    terms = np.asarray(slope + influence, dtype=np.float64)  # their mean is the slope
    return mean_estimate(terms, group, confidence=confidence, null=1.0)


def _groups(
    e: Floats, effect: Floats, groups: int, group: np.ndarray | None, confidence: float
) -> tuple[Group, ...]:
    order = ranking(effect)
    e, effect = e[order.row], effect[order.row]
    customers = None if group is None else group[order.row]
    found = []
    for places in order.groups(groups):
        members = None if customers is None else customers[places]
        rows = places.stop - places.start
        if not several_units(rows, members):
            continue  # no spread to see
        observed = mean_estimate(e[places], members, confidence=confidence)
        found.append(Group(float(np.mean(effect[places])), observed, rows))
    return tuple(found)
