"""One look of an always-valid test: when looks may begin, and what a look says."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from retention_lab.abtest.sequential.planned_mixture import PlannedMixture
from retention_lab.abtest.sides import ends
from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

# The guarantee over all looks is one of large samples. With fewer units, an estimated variance and a skewed
# outcome cross the boundary more often than it says.
FEWEST_UNITS = 100


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """estimate: interval and p-value that hold at every look; log10_p: of p-values however small."""

    estimate: Estimate
    log10_p: float


def looks_begun(arm_units: Ints | Floats) -> Bools:
    """(..., arms) units so far -> (...) whether every arm has enough of them for a look."""
    return np.asarray(np.min(arm_units, axis=-1) >= FEWEST_UNITS, dtype=np.bool_)


def always_valid(
    value: float, se: float, arm_units: Sequence[int], mixture: PlannedMixture, *, confidence: float = 0.95
) -> AlwaysValid:
    """What a look says of an effect: an interval and a p-value that may be acted on whenever one likes.

    arm_units: units so far of each arm of the comparison. The p-value is below 1 - `confidence` exactly where
    the interval leaves 0 out.

    Raises LabError where an arm has fewer than 100 units, or none of them vary.

    >>> from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
    >>> look = always_valid(0.04, 0.01, (4_000, 4_000), tuned_mixture(20_000))
    >>> f"{look.estimate.low:.4f} to {look.estimate.high:.4f}, p = {look.estimate.p_value:.4f}"
    '0.0107 to 0.0693, p = 0.0023'
    """
    if not looks_begun(np.asarray(arm_units)):
        raise LabError(
            f"The smallest arm has {min(arm_units)} units so far, and looks begin at {FEWEST_UNITS}.",
            "Wait until every arm has that many.",
        )
    if not 0 < se < float("inf"):
        raise LabError(
            f"The standard error of the effect is {se:g}, so nothing can be said of it.",
            "Wait until the outcome varies in every arm.",
        )
    units = np.asarray(float(sum(arm_units)))
    half = float(mixture.critical_value(units, 1 - confidence)) * se
    log_p = min(0.0, -float(mixture.log_evidence(np.asarray(value / se), units)))
    low, high = ends(mixture.alternative, value, half)
    return AlwaysValid(Estimate(value, se, low, high, float(np.exp(log_p))), log_p / log(10))
