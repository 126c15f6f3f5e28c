"""What is known of a metric before the experiment: its value under control, and the variance of one unit.

Every metric enters as the mean of influence values, one a unit: deviations from the mean for a mean or a
proportion, the delta method's for a ratio. What a design needs of it is then one number an arm.
"""

from dataclasses import dataclass
from math import inf, isfinite
from typing import Protocol

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import LabError


class Outcome(Protocol):
    """A metric under control, and its spread under an effect."""

    @property
    def baseline(self) -> float:
        """Its value under control, in its own unit."""

    def variances(self, effect: float) -> tuple[float, float]:
        """Variance of one unit's influence value under control, and in an arm with this effect."""

    def third_moments(self, effect: float) -> tuple[float, float]:
        """Mean cube of one unit's influence value, likewise."""

    def pooled_variance(self, effect: float, treated_share: float) -> float:
        """What a test that pools the two arms takes one unit's variance to be, in both."""

    def effect_range(self) -> tuple[float, float]:
        """The smallest and the largest effect that can be: infinite where nothing bounds it."""


@dataclass(frozen=True, slots=True)
class MeanOutcome:
    """A mean, or a ratio. baseline: under control; variance: of one unit's influence value, in squared units.

    treated_variance: the same in the other arm; None: as under control. skewness: of one unit's influence
    value, in both arms; it counts where arms are unequal (`skewed_power.py`).

    Raises LabError when a variance is not above 0, or a number is not finite.
    """

    baseline: float
    variance: float
    treated_variance: float | None = None
    skewness: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.baseline) and isfinite(self.skewness)):
            raise LabError(
                f"The baseline is {self.baseline}, and the skewness {self.skewness}.",
                "Give the metric's mean under control, and 0 where the skewness is not known.",
            )
        for variance in self.variances(0.0):
            if not (isfinite(variance) and variance > 0):
                raise LabError(
                    f"The variance of one unit is {variance:g}, so no design can be computed from it.",
                    "Give a standard deviation above 0, from data in which the metric varies.",
                )

    def variances(self, effect: float) -> tuple[float, float]:  # noqa: ARG002 - a shift leaves it as it is
        """Of one unit under control and in the arm, whatever the effect."""
        return self.variance, self.variance if self.treated_variance is None else self.treated_variance

    def third_moments(self, effect: float) -> tuple[float, float]:
        """Of one unit under control and in the arm, equally skewed."""
        if self.skewness == 0:
            return 0.0, 0.0
        control, treated = self.variances(effect)
        return self.skewness * control**1.5, self.skewness * treated**1.5

    def pooled_variance(self, effect: float, treated_share: float) -> float:
        """The arms' own, by their units: the pooled t test takes each arm's mean off."""
        control, treated = self.variances(effect)
        return (1 - treated_share) * control + treated_share * treated

    def effect_range(self) -> tuple[float, float]:
        """Nothing bounds it."""
        return -inf, inf


@dataclass(frozen=True, slots=True)
class ProportionOutcome:
    """The share of units for which something holds. baseline: that share under control, between 0 and 1.

    Raises LabError when it is 0 or 1, where nothing varies, or lies outside.
    """

    baseline: float

    def __post_init__(self) -> None:
        if not 0 < self.baseline < 1:
            raise LabError(
                f"The baseline of the proportion is {self.baseline:g}, but it must lie between 0 and 1.",
                "Give control's share as a number such as 0.12; at 0 or 1 nothing varies.",
            )

    def variances(self, effect: float) -> tuple[float, float]:
        """p (1 - p) under control and in the arm.

        Raises LabError when the effect carries the proportion out of [0, 1].
        """
        treated = self.baseline + effect
        if not -1e-12 <= treated <= 1 + 1e-12:
            raise LabError(
                f"An effect of {effect:g} on a proportion of {self.baseline:g} would make it {treated:g}.",
                "Give an effect that keeps it between 0 and 1; a relative one is a share of the baseline.",
            )
        return self.baseline * (1 - self.baseline), max(treated * (1 - treated), 0.0)

    def third_moments(self, effect: float) -> tuple[float, float]:
        """p (1 - p) (1 - 2 p) under control and in the arm."""
        control, treated = self.variances(effect)
        return control * (1 - 2 * self.baseline), treated * (1 - 2 * (self.baseline + effect))

    def pooled_variance(self, effect: float, treated_share: float) -> float:
        """p (1 - p) at the mean proportion of the two arms."""
        pooled = self.baseline + treated_share * effect
        return pooled * (1 - pooled)

    def effect_range(self) -> tuple[float, float]:
        """Down to a proportion of 0, and up to 1."""
        return -self.baseline, 1 - self.baseline


def outcome_of_values(values: Floats) -> MeanOutcome:
    """The mean of a metric, from the (n,) values of past units, each over the same window of days.

    Raises LabError when there are fewer than two, one is missing or infinite, or they do not vary.
    """
    _check_values(values)
    mean = float(np.mean(values))
    return outcome_of_influence(mean, values - mean, scale=float(np.max(np.abs(values))))


def outcome_of_ratio(numerator: Floats, denominator: Floats) -> MeanOutcome:
    """The sum of one column over the sum of another, from the (n,) values of past units.

    Raises LabError as `ratio_influence`, and when the influence values do not vary.
    """
    ratio, influence = ratio_influence(numerator, denominator)
    scale = float(np.max(np.abs(numerator)) / abs(np.mean(denominator)))
    return outcome_of_influence(ratio, influence, scale)


def ratio_influence(numerator: Floats, denominator: Floats) -> tuple[float, Floats]:
    """The ratio of two sums, and the (n,) influence of each unit on it, of mean 0, by the delta method.

    Raises LabError when there are fewer than two units, a value is missing or infinite, or the denominators
    sum to 0.
    Source: Deng, Knoblich, Lu (2018), KDD, doi:10.1145/3219819.3219919.
    """
    _check_values(numerator)
    _check_values(denominator)
    below = float(np.mean(denominator))
    if below == 0:
        raise LabError(
            "The denominators of the ratio sum to 0, so it has no value.",
            "Use past units with a denominator above 0, or plan for the mean of the numerator.",
        )
    ratio = float(np.mean(numerator)) / below
    return ratio, np.asarray((numerator - ratio * denominator) / below, dtype=np.float64)


def outcome_of_influence(baseline: float, influence: Floats, scale: float) -> MeanOutcome:
    """With the variance and skewness of (n,) influence values of mean 0, made of numbers of so large a scale.

    Raises LabError when they do not vary beyond rounding.
    """
    variance = float(np.var(influence, ddof=1))
    if variance <= (1e-13 * scale) ** 2:
        variance = 0.0  # what varies is rounding: refused
    skewness = float(np.mean(influence**3)) / variance**1.5 if variance > 0 else 0.0
    return MeanOutcome(baseline, variance, skewness=skewness)


def _check_values(values: Floats) -> None:
    if len(values) < 2:
        raise LabError(
            f"{len(values)} past units show no variance.", "Provide at least two, better thousands."
        )
    missing = np.flatnonzero(~np.isfinite(values))
    if len(missing):
        raise LabError(
            f"Row {missing[0] + 1} of the past units is missing or infinite, and {len(missing) - 1} others.",
            "Leave out units without a value, as the analysis will.",
        )
