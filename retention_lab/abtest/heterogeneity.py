"""Whether an arm's effect differs between the levels of a segment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from retention_lab.abtest.metrics import Metric, Quantile
from retention_lab.abtest.specification import Specification
from retention_lab.abtest.summary import Summary
from retention_lab.abtest.units import Selection, compare_units
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """statistic: chi-squared with `freedom` degrees where all levels have one effect; p_value: of that; None
    where fewer than two levels have an effect, and then `reason` says why."""

    metric: str
    arm: str
    segment: str
    statistic: float | None
    freedom: int
    p_value: float | None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """By name; a reason only where there is one."""
        names = ("metric", "arm", "segment", "statistic", "freedom", "p_value")
        found = {name: getattr(self, name) for name in names}
        return found if self.reason is None else {**found, "reason": self.reason}


def heterogeneity(summary: Summary, spec: Specification) -> Iterator[Heterogeneity]:
    """For each segment, metric and arm: Cochran's test of equal effects, each level with variances of its
    own.

    Source: Cochran (1954), Biometrics 10(1), doi:10.2307/3001666.
    """
    for column in summary.segments:
        for metric in spec.metrics:
            if isinstance(metric, Quantile):
                continue
            for arm in range(1, len(summary.arms)):
                yield _of(summary, spec, metric, arm, column)


def _of(summary: Summary, spec: Specification, metric: Metric, arm: int, column: str) -> Heterogeneity:
    effects, errors = [], []
    for level in summary.segments[column].levels:
        try:
            found, _ = compare_units(
                summary, metric, Selection(arm, segment=(column, level)), spec.analysis.adjustment
            )
        except LabError:
            continue  # a level with too few units says nothing about the others
        control, treated = found.arms
        if control.error + treated.error > 0:
            effects.append(treated.above(control))
            errors.append(control.error + treated.error)
    name = summary.arms[arm]
    if len(effects) < 2:
        reason = "Fewer than two levels have units that vary in both arms."
        return Heterogeneity(metric.name, name, column, None, 0, None, reason)
    weight = 1 / np.array(errors)
    apart = np.array(effects) - np.average(effects, weights=weight)
    statistic, freedom = float(weight @ apart**2), len(effects) - 1
    return Heterogeneity(metric.name, name, column, statistic, freedom, float(chdtrc(freedom, statistic)))
