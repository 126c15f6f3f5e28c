"""A number with its uncertainty, the form in which every result leaves the domain."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.skewness import shape


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error, its interval, and the p-value of the null (None where there is none)."""

    value: float
    se: float
    low: float
    high: float
    p_value: float | None = None

    def scaled(self, factor: float) -> "Estimate":
        """The same estimate in another unit; a negative factor turns the interval round."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Estimate(self.value * factor, self.se * abs(factor), low, high, self.p_value)

    def as_json(self) -> dict[str, Any]:
        """The four numbers that the JSON of every command shows."""
        return {"value": self.value, "ci_low": self.low, "ci_high": self.high, "p_value": self.p_value}


def not_computed(reason: str) -> dict[str, Any]:
    """What stands in JSON where no estimate can be given: nulls, and why."""
    return {"value": None, "ci_low": None, "ci_high": None, "p_value": None, "reason": reason}


def normal_estimate(value: float, se: float, *, confidence: float = 0.95, null: float = 0.0) -> Estimate:
    """Value with a normal interval and the two-sided p-value against `null`.

    A standard error of 0 gives an interval of one point, and p = 1 only where the value is the null.
    """
    half = float(ndtri(0.5 + confidence / 2)) * se
    if se > 0:
        p_value = float(2 * ndtr(-abs(value - null) / se))
    else:
        p_value = 1.0 if value == null else 0.0
    return Estimate(float(value), float(se), float(value - half), float(value + half), p_value)


def mean_estimate(
    scores: Floats, group: np.ndarray | None = None, *, confidence: float = 0.95, null: float = 0.0
) -> Estimate:
    """Mean of (n,) scores; rows of one group (one customer, say) count as one draw for the standard error.

    The interval is longer on the side where the scores' skewness hides large ones, see `skewness.py`; in
    large samples it is the normal one.
    Raises LabError with fewer than two independent units, where no spread can be seen, or where a score is
    missing or infinite.
    Source of the grouped variance: Liang and Zeger (1986), Biometrika 73(1), doi:10.1093/biomet/73.1.13.

    >>> mean_estimate(np.array([0.0, 1.0, 0.0, 1.0])).value
    0.5
    """
    if not np.isfinite(scores).all():
        raise LabError(
            f"{int(np.sum(~np.isfinite(scores)))} of {len(scores)} scores are missing or infinite.",
            "Remove or correct those rows: a mean over the others would describe somebody else.",
        )
    mean = float(np.mean(scores)) if len(scores) else 0.0
    residual: Floats = np.asarray(scores - mean, dtype=np.float64)
    if group is not None:
        residual = _group_sums(residual, group)
    units = len(residual)
    if units < 2:
        raise LabError(
            f"A mean was asked for over {units} independent units, which show no spread.",
            "Provide at least two customers.",
        )
    se = float(np.sqrt(units / (units - 1) * np.sum(residual**2))) / len(scores)
    if se == 0:
        return normal_estimate(mean, se, confidence=confidence, null=null)
    found = shape(residual)
    below, above = found.ends(confidence)
    p_value = found.p_value((mean - null) / se)
    return Estimate(mean, se, float(mean - below * se), float(mean + above * se), p_value)


def unit_codes(group: np.ndarray) -> Ints:
    """(n,) customers of any type -> (n,) whole numbers from 0 without gaps, in which sums need no sorting."""
    if _countable(group) and np.all(np.bincount(group)):
        return np.asarray(group, dtype=np.int64)
    return np.asarray(np.unique(group, return_inverse=True)[1], dtype=np.int64)


def several_units(rows: int, group: np.ndarray | None) -> bool:
    """Whether so many rows, of the (rows,) customers in `group`, are more than one independent unit."""
    return rows > 1 and (group is None or bool(np.any(group != group[0])))


def _countable(group: np.ndarray) -> bool:
    return bool(
        group.dtype.kind in "iu" and len(group) > 0 and group.min() >= 0 and group.max() < 8 * len(group)
    )


def _group_sums(values: Floats, group: np.ndarray) -> Floats:
    """Sum of the values of each group that is there, in the order of the groups."""
    if _countable(group):
        sums = np.bincount(group, weights=values)[np.bincount(group) > 0]  # numbers need no sorting
    else:
        sums = np.bincount(np.unique(group, return_inverse=True)[1], weights=values)
    return np.asarray(sums, dtype=np.float64)
