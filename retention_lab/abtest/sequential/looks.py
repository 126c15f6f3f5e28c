"""One look of an always-valid test: when looks may begin, and what a look says."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from retention_lab.abtest.sequential.planned_mixture import PlannedMixture
from retention_lab.abtest.sequential.skewed import DifferenceShape
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
    value: float,
    se: float,
    arm_units: Sequence[int],
    mixture: PlannedMixture,
    *,
    confidence: float = 0.95,
    shape: DifferenceShape | None = None,
) -> AlwaysValid:
    """What a look says of an effect: an interval and a p-value that may be acted on whenever one likes.

    arm_units: units so far of each arm of the comparison. shape: of the difference, where skewed outcomes are
    compared in arms of unequal size; None takes it as normal. The p-value is below 1 - `confidence` exactly
    where the interval leaves 0 out.

    Raises LabError where an arm has fewer than 100 units, or none of them vary.

    >>> from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
    >>> look = always_valid(0.04, 0.01, (4_000, 4_000), tuned_mixture(20_000))
    >>> f"{look.estimate.low:.4f} to {look.estimate.high:.4f}, p = {look.estimate.p_value:.4f}"
    '0.0111 to 0.0689, p = 0.0026'
    """
    _check(se, arm_units)
    units = np.asarray(float(sum(arm_units)))
    z = np.asarray(value / se)
    above = mixture.critical_value(units, 1 - confidence)
    below = -above
    if shape is not None:
        z = shape.on_normal_scale(z)
        above, below = shape.in_standard_errors(above), shape.in_standard_errors(below)
    log_p = min(0.0, -float(mixture.log_evidence(z, units)))
    low, _ = ends(mixture.alternative, value, float(above) * se)
    _, high = ends(mixture.alternative, value, -float(below) * se)
    return AlwaysValid(Estimate(value, se, low, high, float(np.exp(log_p))), log_p / log(10))


def _check(se: float, arm_units: Sequence[int]) -> None:
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
