"""Arm means and average effects, as the arms were drawn: the plain answer before any model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, normal_estimate


@dataclass(frozen=True, slots=True)
class AverageEffect:
    """effect: mean outcome of the arm less that of control, in the outcome's unit; p-value against 0."""

    arm: str
    outcome: str
    effect: Estimate


def arm_means(arm: Ints, outcome: Floats, arm_count: int, propensity: Floats | None = None) -> Floats:
    """(K + 1,) mean outcome of each arm; weighted by inverse propensity where propensities differ by row."""
    weight = _weights(arm, propensity)
    total = np.bincount(arm, weights=weight, minlength=arm_count)
    return np.asarray(np.bincount(arm, weights=weight * outcome, minlength=arm_count) / total)


def average_effects(
    arm: Ints,
    outcomes: Mapping[str, Floats],
    arms: Sequence[str],
    propensity: Floats | None = None,
    group: np.ndarray | None = None,
    *,
    confidence: float = 0.95,
) -> list[AverageEffect]:
    """Effect of each offer on each outcome; arms: names, control first.

    Welch's interval where every row had the same chances and is a customer of its own; else means weighted by
    inverse propensity, with an interval that counts a customer once.
    Raises LabError when an arm has fewer than two rows.
    Source: Welch (1947), Biometrika 34, doi:10.1093/biomet/34.1-2.28; Hájek (1971) for the weighted means.
    """
    repeated = group is not None and len(np.unique(group)) < len(group)
    found = []
    for name, outcome in outcomes.items():
        for k in range(1, len(arms)):
            _require_two_rows(arm, (0, k), arms)
            if repeated or _varies(propensity):
                weights = _weights(arm, propensity) * _could_get(k, propensity)
                effect = _weighted(outcome, arm, k, weights, group if repeated else None, confidence)
            else:
                effect = _welch(outcome[arm == 0], outcome[arm == k], confidence)
            found.append(AverageEffect(arms[k], name, effect))
    return found


def _welch(control: Floats, treated: Floats, confidence: float) -> Estimate:
    parts = [float(np.var(y, ddof=1)) / len(y) for y in (control, treated)]
    value, se = float(np.mean(treated) - np.mean(control)), float(np.sqrt(sum(parts)))
    if se == 0:
        return normal_estimate(value, 0.0, confidence=confidence)
    freedom = sum(parts) ** 2 / sum(
        p**2 / (len(y) - 1) for p, y in zip(parts, (control, treated), strict=True)
    )
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * se
    return Estimate(value, se, value - half, value + half, float(2 * stats.t.sf(abs(value) / se, freedom)))


def _weighted(
    outcome: Floats, arm: Ints, k: int, weight: Floats, group: np.ndarray | None, confidence: float
) -> Estimate:
    influence, value = np.zeros(len(arm)), 0.0
    for code, sign in ((k, 1.0), (0, -1.0)):
        rows = arm == code
        total = float(weight[rows].sum())
        mean = float(weight[rows] @ outcome[rows]) / total
        value += sign * mean
        influence[rows] = sign * weight[rows] * (outcome[rows] - mean) / total
    if group is not None:
        codes = np.unique(group, return_inverse=True)[1]
        influence = np.bincount(codes, weights=influence).astype(np.float64)
    units = len(influence)
    se = float(np.sqrt(units / (units - 1) * np.sum(influence**2)))
    return normal_estimate(value, se, confidence=confidence)


def _weights(arm: Ints, propensity: Floats | None) -> Floats:
    if propensity is None or not _varies(propensity):
        return np.ones(len(arm))
    return np.asarray(1.0 / propensity[np.arange(len(arm)), arm])


def _could_get(k: int, propensity: Floats | None) -> Bools | float:
    # an arm is compared on the customers who could have got it, or two populations would be
    return 1.0 if propensity is None else np.asarray((propensity[:, k] > 0) & (propensity[:, 0] > 0))


def _varies(propensity: Floats | None) -> bool:
    return propensity is not None and bool(np.any(np.ptp(propensity, axis=0) > 1e-12))


def _require_two_rows(arm: Ints, codes: Sequence[int], arms: Sequence[str]) -> None:
    for code in codes:
        count = int(np.sum(arm == code))
        if count < 2:
            raise LabError(
                f"Arm {arms[code]!r} has {count} rows, which show no spread.",
                "Leave that arm out with `arms:`, or provide more rows.",
                key="arms",
            )
