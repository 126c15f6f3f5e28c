"""Quantiles that a warehouse has summarised: a value, two order statistics and a count per arm.

The way of GrowthBook's quantile metrics: a Wald interval and Student's distribution with Welch's freedom.
Where the histograms are at hand, `quantile_difference` needs no symmetry and is to be preferred.

Source: Deng, Knoblich, Lu (2018), KDD, doi:10.1145/3219819.3219919 (order statistics as a standard error);
Welch (1947), Biometrika 34, doi:10.1093/biomet/34.1-2.28.
"""

from dataclasses import dataclass
from math import hypot, inf, sqrt

from scipy.special import stdtrit

from retention_lab.abtest.tails import (
    Alternative,
    HypothesisTest,
    bounded,
    deviate,
    miss_per_side,
    student_test,
)
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate


@dataclass(frozen=True, slots=True)
class QuantileSummary:
    """value, low, high: the quantile and its order-statistic limits, in the metric's unit.

    units: customers of the arm; confidence: of the limits.
    """

    value: float
    low: float
    high: float
    units: int
    confidence: float = 0.95

    @property
    def variance(self) -> float:
        """Of the quantile, from the limits' distance."""
        if self.units < 2:
            raise LabError(
                f"An arm has {self.units} units, which show no spread.", "Provide at least two per arm."
            )
        if not self.low <= self.value <= self.high:
            raise LabError(
                "A quantile lies outside its own limits.", "Check the order in which the columns were given."
            )
        se = (self.high - self.low) / (2 * deviate(self.confidence))
        return se * se * (self.units - 1) / self.units


def wald_quantile_difference(
    control: QuantileSummary,
    treated: QuantileSummary,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """Treated quantile less control's, in the metric's unit.

    Raises LabError when the limits of both arms are one value each, or an arm has fewer than two units.
    """
    se = sqrt(treated.variance + control.variance)
    value = treated.value - control.value
    low, high, test = _around(value, se, control, treated, confidence, alternative)
    return Estimate(value, se, *bounded(low, high, alternative, (-inf, inf)), test.p_value)


def wald_relative_quantile_difference(
    control: QuantileSummary,
    treated: QuantileSummary,
    *,
    confidence: float = 0.95,
    alternative: Alternative = "two_sided",
) -> Estimate:
    """Treated quantile over control's, less 1, with the standard error of the delta method.

    Raises LabError as `wald_quantile_difference`, and when control's quantile is not above 0.
    """
    if control.value <= 0:
        raise LabError(
            f"Control's quantile is {control.value:g}, so no relative difference can be taken.",
            "Ask for the absolute difference.",
        )
    ratio = treated.value / control.value
    se = hypot(sqrt(treated.variance), ratio * sqrt(control.variance)) / control.value
    low, high, test = _around(ratio - 1, se, control, treated, confidence, alternative)
    return Estimate(ratio - 1, se, *bounded(low, high, alternative, (-inf, inf)), test.p_value)


def _around(
    value: float,
    se: float,
    control: QuantileSummary,
    treated: QuantileSummary,
    confidence: float,
    alternative: Alternative,
) -> tuple[float, float, HypothesisTest]:
    if se == 0:
        raise LabError(
            "The limits of both arms' quantiles are one value each, so the difference has no known error.",
            "Compare the share of units above that value, or a quantile outside the tie.",
        )
    freedom = (control.variance + treated.variance) ** 2 / sum(
        arm.variance**2 / (arm.units - 1) for arm in (control, treated)
    )
    half = -float(stdtrit(freedom, miss_per_side(confidence, alternative))) * se
    return value - half, value + half, student_test(value / se, freedom, alternative)
