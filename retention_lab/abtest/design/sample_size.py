"""The two questions that most tests start with: how many units, and what effect can so many find."""

from collections.abc import Sequence
from math import isfinite

from retention_lab.abtest.design.comparison import Comparison
from retention_lab.abtest.design.designs import design_for_effect, design_for_units
from retention_lab.abtest.design.hypothesis import Alternative, Hypothesis
from retention_lab.abtest.design.outcome import MeanOutcome
from retention_lab.abtest.design.relative import absolute_effect
from retention_lab.abtest.design.result import Design
from retention_lab.errors import LabError


def sample_size(
    baseline: float,
    sd: float,
    mde: float,
    *,
    relative: bool = False,
    shares: Sequence[float] = (0.5, 0.5),
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Alternative = "two_sided",
) -> Design:
    """Units with which Welch's t test finds an effect on a mean with this power.

    baseline, sd: mean and standard deviation of one unit under control, the latter the same in every arm.
    mde: effect in the metric's unit, or as a share of the baseline with `relative`; below 0 for a fall.
    shares: of the units, control first. For proportions, ratios, covariates, clusters or looks, make a
    `Comparison`.

    Raises LabError when sd is not above 0, the shares do not sum to 1, the power does not lie between alpha
    and 1, the effect is 0 or lies against the alternative, or a relative one is asked for on a baseline near
    0.
    Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.

    >>> design = sample_size(10.0, 25.0, 0.05, relative=True)
    >>> design.n_per_arm, design.mde_absolute
    (39246, 0.5)
    """
    comparison = _mean_comparison(baseline, sd, shares, alpha, alternative)
    effect = absolute_effect(comparison.outcome, mde) if relative else mde
    return design_for_effect(comparison, effect, power=power)


def minimum_detectable_effect(
    baseline: float,
    sd: float,
    units: float,
    *,
    shares: Sequence[float] = (0.5, 0.5),
    alpha: float = 0.05,
    power: float = 0.8,
    alternative: Alternative = "two_sided",
) -> Design:
    """The smallest effect on a mean that so many units, of all arms together, find with this power.

    Arguments and errors as of `sample_size`; too few units for two in each arm are refused as well.

    >>> f"{minimum_detectable_effect(10.0, 25.0, 78_492).mde_absolute:.3f}"
    '0.500'
    """
    return design_for_units(_mean_comparison(baseline, sd, shares, alpha, alternative), units, power=power)


def _mean_comparison(
    baseline: float, sd: float, shares: Sequence[float], alpha: float, alternative: Alternative
) -> Comparison:
    if not (isfinite(sd) and sd > 0):
        raise LabError(
            f"The standard deviation is {sd:g}, so no number of units can be computed from it.",
            "Give that of one unit's values, above 0.",
        )
    return Comparison("mean", MeanOutcome(baseline, sd * sd), Hypothesis(alpha, alternative), shares)
