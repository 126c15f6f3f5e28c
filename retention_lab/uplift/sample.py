"""The rows that an uplift model learns from, checked once so that nothing below has to ask again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.features import Features, numeric_features


@dataclass(frozen=True, slots=True, init=False)
class UpliftSample:
    """One row per customer who could have been sent an offer.

    features: (n, d) codes and numbers, known before assignment; names and levels beside them.
    arm: (n,), 0 = control, k = the k-th offer.
    outcome: (n,), kept at day 30 (0 or 1) or contribution (the project's currency).
    propensity: (n, K + 1), probability of each arm at assignment; None: unknown, to be estimated.
    group: (n,) customer of each row, kept as whole numbers; None: every row is a customer of its own.
    arm_count: K + 1.
    weight: (n,) how many rows each stands for, where rows were drawn with unequal chances; None: 1.

    Raises LabError when an outcome is missing or infinite, an arm is missing or empty, or propensities are
    not probabilities.
    """

    features: Features
    arm: Ints
    outcome: Floats
    propensity: Floats | None
    group: np.ndarray | None
    arm_count: int
    weight: Floats | None

    def __init__(
        self,
        features: Features | np.ndarray,
        arm: np.ndarray | Sequence[int],
        outcome: np.ndarray | Sequence[float],
        propensity: np.ndarray | None = None,
        group: np.ndarray | Sequence[Any] | None = None,
        arm_count: int | None = None,
        weight: Floats | None = None,
    ) -> None:
        known = features if isinstance(features, Features) else numeric_features(_matrix(features))
        probability = None if propensity is None else np.asarray(propensity, dtype=np.float64)
        arms = _arms(np.asarray(arm), arm_count, probability)
        values = {
            "features": known,
            "arm": arms[0],
            "outcome": _outcome(np.asarray(outcome)),
            "propensity": probability,
            "group": None if group is None else _customer_codes(np.asarray(group)),
            "arm_count": arms[1],
            "weight": weight,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        _check(self)

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def binary(self) -> bool:
        """Whether every outcome is 0 or 1."""
        return bool(np.all((self.outcome == 0) | (self.outcome == 1)))

    def rows(self, where: Bools | Ints) -> "UpliftSample":
        """The rows that a mask or an index array picks, with the same arms."""
        return UpliftSample(
            self.features.rows(where),
            self.arm[where],
            self.outcome[where],
            None if self.propensity is None else self.propensity[where],
            None if self.group is None else self.group[where],
            self.arm_count,
            None if self.weight is None else self.weight[where],
        )

    def weighing(self, weight: Floats) -> "UpliftSample":
        """The same rows, each standing for (n,) `weight` rows."""
        return UpliftSample(
            self.features, self.arm, self.outcome, self.propensity, self.group, self.arm_count, weight
        )

    def with_outcome(self, outcome: Floats) -> "UpliftSample":
        """The same rows with another (n,) outcome."""
        return UpliftSample(
            self.features, self.arm, outcome, self.propensity, self.group, self.arm_count, self.weight
        )

    def mean(self, values: Floats) -> float:
        """Mean of (n,) values over the rows that these stand for."""
        return float(np.mean(values) if self.weight is None else np.average(values, weights=self.weight))

    def terms(self, values: Floats) -> Floats:
        """(n, …) terms whose plain mean is the mean of the values over the rows that these stand for, and
        whose spread is its uncertainty (the ratio estimator's influences)."""
        if self.weight is None:
            return values
        mean = np.average(values, axis=0, weights=self.weight)
        relative = (self.weight / self.weight.mean()).reshape(-1, *([1] * (values.ndim - 1)))
        return np.asarray(mean + relative * (values - mean), dtype=np.float64)

    def with_propensity(self, propensity: Floats) -> "UpliftSample":
        """The same rows with known (n, K + 1) propensities."""
        return UpliftSample(
            self.features, self.arm, self.outcome, propensity, self.group, self.arm_count, self.weight
        )


def observed_propensity(arm: Ints, arm_count: int) -> Floats:
    """(n, K + 1): every row gets the observed shares of the arms, as in a plain randomised test."""
    shares = np.bincount(arm, minlength=arm_count) / len(arm)
    return np.tile(shares, (len(arm), 1))


def _matrix(features: np.ndarray) -> Floats:
    values = np.asarray(features)
    if values.ndim != 2 or values.dtype.kind not in "biuf":
        raise LabError(
            f"Features came as {values.dtype} with {values.ndim} dimensions, not as a matrix of numbers.",
            "Give a (customers, features) matrix of numbers, or Features for tables with text.",
        )
    return np.asarray(values, dtype=np.float64)


def _arms(arm: np.ndarray, arm_count: int | None, propensity: Floats | None) -> tuple[Ints, int]:
    if arm.dtype.kind == "f":
        _refuse_where(~np.isfinite(arm), "treatment", "Remove those rows, or find out which offer they got.")
    if arm.ndim != 1 or arm.dtype.kind not in "biuf" or not np.array_equal(arm, arm.astype(np.int64)):
        raise LabError(
            "The treatment must be one whole number a row: 0 for control, k for the k-th offer.",
            "Number the arms, control first.",
        )
    codes = arm.astype(np.int64)
    highest = int(codes.max(initial=0)) + 1
    count = arm_count or (highest if propensity is None else propensity.shape[-1])
    if codes.min(initial=0) < 0 or highest > count:
        raise LabError(
            f"Arms run from {int(codes.min(initial=0))} to {highest - 1}, and {count} arms are described.",
            "Number the arms from 0 (control), with one propensity column for each.",
        )
    return codes, count


def _customer_codes(group: np.ndarray) -> np.ndarray:
    # every fold and every standard error asks who belongs together: numbers answer much faster than text
    return group if group.dtype.kind in "iu" else np.unique(group, return_inverse=True)[1]


def _outcome(outcome: np.ndarray) -> Floats:
    values = np.asarray(outcome, dtype=np.float64)
    _refuse_where(
        ~np.isfinite(values),
        "outcome",
        "Remove those rows, or fill in what is known: a missing outcome is not a zero.",
    )
    return values


def _check(sample: UpliftSample) -> None:
    rows = len(sample.arm)
    lengths = {
        "features": len(sample.features),
        "outcome": len(sample.outcome),
        "propensity": rows if sample.propensity is None else len(sample.propensity),
        "group": rows if sample.group is None else len(sample.group),
        "weight": rows if sample.weight is None else len(sample.weight),
    }
    for name, length in lengths.items():
        if length != rows:
            raise LabError(f"There are {rows} arms and {length} rows of {name}.", "Give one of each per row.")
    if sample.arm_count < 2:
        raise LabError(
            f"All {rows} customers are in one arm, so there is nothing to compare.",
            "Provide customers with and without an offer: check the treatment column and the control's name.",
        )
    for k, count in enumerate(np.bincount(sample.arm, minlength=sample.arm_count)):
        if count == 0:
            raise LabError(
                f"None of the {rows} customers was in arm {k}, so there is nothing to compare.",
                "Check the treatment column, or widen the dates of the training window.",
            )
    if sample.propensity is not None:
        _check_propensity(sample.propensity, sample.arm, sample.arm_count)


def _check_propensity(propensity: Floats, arm: Ints, arm_count: int) -> None:
    if propensity.ndim != 2 or propensity.shape[1] != arm_count:
        raise LabError(
            f"Propensities have shape {propensity.shape}; {arm_count} columns are needed, control first.",
            "Give each row the probability of every arm.",
        )
    next_step = (
        "Give each row the probability of every arm when its own was drawn, between 0 and 1, summing to 1."
    )
    _refuse_where(np.any(~np.isfinite(propensity), axis=1), "propensity", next_step)
    wrong = np.logical_or(propensity.min(axis=1) < 0, np.abs(propensity.sum(axis=1) - 1) > 1e-6)
    if wrong.any():
        raise LabError(f"The propensities of row {int(np.argmax(wrong)) + 1} do not sum to 1.", next_step)
    received = propensity[np.arange(len(arm)), arm]
    if received.min() <= 0:
        row = int(np.argmin(received)) + 1
        raise LabError(f"Row {row} received an arm that it had probability 0 to receive.", next_step)


def _refuse_where(bad: np.ndarray, column: str, next_step: str) -> None:
    if bad.any():
        first = int(np.argmax(bad)) + 1
        raise LabError(
            f"{int(bad.sum())} rows have a missing or infinite {column}, row {first} first.",
            next_step,
            key=column,
        )
