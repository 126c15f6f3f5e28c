"""How far probabilities are from what happens, in groups of rows with similar ones."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from retention_lab.arrays import Floats, Ints
from retention_lab.estimate import Estimate
from retention_lab.ranks import ranking

Binning = Literal["equal_size", "equal_width"]


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """estimate: expected calibration error (ECE) as found.

    if_perfect: what probabilities that keep their word exactly would show by chance on as many rows.
    squared: mean squared error of the groups less what chance adds; may fall below 0, and has no such floor.
    groups, binning: how rows were grouped.
    """

    estimate: Estimate
    if_perfect: float
    squared: float
    groups: int
    binning: Binning


def calibration_error(
    label: Floats,
    probability: Floats,
    groups: int = 10,
    binning: Binning = "equal_size",
    *,
    confidence: float = 0.95,
) -> CalibrationError:
    """Mean over rows of the distance between their group's mean probability and share of positives.

    equal_size groups hold a tenth of the rows each, equal_width ones a tenth of the scale. The error as
    found is too large by at most `if_perfect`, which is what chance alone gives: the interval reaches down by
    as much more than a normal one.
    Source: Naeini, Cooper, Hauskrecht (2015), AAAI, doi:10.1609/aaai.v29i1.9602; Kumar, Liang, Ma (2019),
    NeurIPS, arXiv:1909.10155, for the bias.
    """
    group = _groups(probability, groups, binning)
    count = np.bincount(group, minlength=groups).astype(np.float64)
    used = count > 0
    weight, count = (count / len(label))[used], count[used]
    gap = np.bincount(group, probability - label, groups)[used] / count
    noise = np.sqrt(np.bincount(group, probability * (1 - probability), groups)[used]) / count
    squares = np.bincount(group, (probability - label) ** 2, groups)[used] / count
    error = np.sqrt(np.maximum(squares - gap**2, 0.0) / np.maximum(count - 1, 1))
    value = float(weight @ np.abs(gap))
    chance = float(np.sqrt(2 / np.pi) * (weight @ noise))
    se = float(np.sqrt(np.sum((weight * error) ** 2)))
    half = float(ndtri(0.5 + confidence / 2)) * se
    return CalibrationError(
        Estimate(value, se, max(value - chance - half, 0.0), min(value + half, 1.0)),
        chance,
        float(weight @ (gap**2 - error**2)),
        groups,
        binning,
    )


def _groups(probability: Floats, groups: int, binning: Binning) -> Ints:
    if binning == "equal_width":
        return np.minimum((probability * groups).astype(np.int64), groups - 1)
    order = ranking(probability)
    found = np.empty(len(probability), dtype=np.int64)
    for number, places in enumerate(order.groups(groups)):
        found[order.row[places]] = number
    return found
