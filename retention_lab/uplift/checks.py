"""Trust checks before any fit: were the arms drawn as planned, and were the features there before?

A failed hard check refuses; a soft one is shown with every result. Each has its own file in `checking/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.checks import Check
from retention_lab.uplift.checking.bins import binned
from retention_lab.uplift.checking.draw import arms_check, overlap_check, sample_ratio_check
from retention_lab.uplift.checking.leak import leak_check
from retention_lab.uplift.checking.post_treatment import post_treatment_check
from retention_lab.uplift.checking.repeats import repeated_rows_check
from retention_lab.uplift.checking.time_leak import clock_check, later_dates_check
from retention_lab.uplift.checking.weights import balance_check, weights_check
from retention_lab.uplift.sample import UpliftSample

__all__ = ["Times", "checks", "estimated_checks", "overlap_check"]


@dataclass(frozen=True, slots=True)
class Times:
    """When n rows were assigned: (n,) datetime64 or numbers; None: nobody said.

    dates: features that are dates, (n,) datetime64 each, NaT where missing.
    """

    own: np.ndarray | None = None
    dates: Mapping[str, np.ndarray] = field(default_factory=dict)


def checks(
    sample: UpliftSample,
    arms: Sequence[str],
    planned_shares: Mapping[str, float] | None = None,
    *,
    alpha: float = 0.001,
    times: Times | None = None,
) -> list[Check]:
    """All checks of a sample that can be made before a model; those that cannot be asked say why.

    arms: names, control first; alpha: of the sample-ratio check, the only hard one that chance can fail.
    """
    features, known = binned(sample.features), times or Times()
    return [
        sample_ratio_check(sample.arm, arms, planned_shares, alpha=alpha),
        arms_check(sample.arm, arms),
        overlap_check(sample.propensity),
        weights_check(sample.arm, sample.propensity),
        leak_check(features, sample.outcome),
        post_treatment_check(features, sample.arm, sample.propensity),
        repeated_rows_check(sample.features, sample.arm, sample.propensity),
        clock_check(features, known.own),
        later_dates_check(known.dates, known.own),
    ]


def estimated_checks(sample: UpliftSample, propensity: Floats) -> list[Check]:
    """What could not be asked before (n, K + 1) propensities were estimated, and how well they fit."""
    return [
        overlap_check(propensity),
        weights_check(sample.arm, propensity),
        balance_check(sample.features, sample.arm, propensity),
    ]
