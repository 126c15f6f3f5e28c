"""Effects as shares of the baseline, refused where the baseline carries no share."""

from math import sqrt

from retention_lab.abtest.design.outcome import Outcome
from retention_lab.errors import LabError

# Below it, a hundred million units could not tell the baseline from 0.
_NEAR_ZERO = 1e-4  # standard deviations of one unit


def absolute_effect(outcome: Outcome, relative: float) -> float:
    """An effect in the metric's unit from one as a share of the baseline: 0.05 for 5 % up.

    Raises LabError when the baseline is not above 0, or too near 0 against the metric's spread.
    """
    if not _has_shares(outcome):
        raise LabError(
            f"A relative effect was asked for, but the baseline is {outcome.baseline:g}, below 0 or too near "
            f"it against a standard deviation of {sqrt(outcome.variances(0.0)[0]):g}.",
            "Give the effect in the metric's own unit.",
        )
    return relative * outcome.baseline


def relative_effect(outcome: Outcome, effect: float) -> float | None:
    """An effect as a share of the baseline; None where the baseline is below 0 or too near it."""
    return effect / outcome.baseline if _has_shares(outcome) else None


def _has_shares(outcome: Outcome) -> bool:
    return outcome.baseline > _NEAR_ZERO * sqrt(outcome.variances(0.0)[0])
