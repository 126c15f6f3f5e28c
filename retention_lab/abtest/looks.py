"""What a look at a test may say: once at the planned end, whenever one likes, or at planned looks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log
from typing import Literal

import numpy as np

from retention_lab.abtest.lift import Lift, Rule
from retention_lab.abtest.sequential.group_sequential import group_sequential
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
from retention_lab.abtest.skewed import skewed_ends, symmetric
from retention_lab.abtest.specification import Specification
from retention_lab.errors import LabError

Timing = Literal["always_valid", "fixed", "group_sequential"]
UNPLANNED = (
    10_000  # units of a comparison for which an always-valid interval is shortest where none is planned
)


@dataclass(frozen=True, slots=True)
class Looking:
    """How looks are paid for. planned: units of the comparison at the planned end; None where none is
    planned."""

    timing: Timing
    planned: float | None

    def ruled(self, rule: Rule, units: Sequence[float]) -> Rule:
        """The rule of the last look. units: of the comparison, at each look so far.

        Raises LabError where looks have not begun, or a planned end is needed and missing.
        """
        if self.timing == "fixed":
            return rule
        alpha, here = 1 - rule.confidence, np.asarray(float(units[-1]))
        if self.timing == "always_valid":
            mixture = tuned_mixture(self._end, alpha, alternative=rule.alternative)
            return replace(rule, reach=float(mixture.critical_value(here, alpha)))
        test = group_sequential(
            np.array(units, dtype=np.float64), self._planned, alpha=alpha, alternative=rule.alternative
        )
        return replace(rule, reach=float(test.critical_values()[-1]))

    def log10_p(self, z: float, rule: Rule, units: Sequence[float]) -> float:
        """Of an effect of z standard errors at the last look, valid although there were others."""
        alpha = 1 - rule.confidence
        if self.timing == "always_valid":
            mixture = tuned_mixture(self._end, alpha, alternative=rule.alternative)
            evidence = float(mixture.log_evidence(np.asarray(z), np.asarray(float(units[-1]))))
            return min(0.0, -evidence) / log(10)
        test = group_sequential(
            np.array(units, dtype=np.float64), self._planned, alpha=alpha, alternative=rule.alternative
        )
        return test.log_p_value(z) / log(10)

    def seen(self, lift: Lift, rule: Rule, units: Sequence[float], skew: float = 0.0) -> Lift:
        """A lift with the interval and p-value of the last look. rule: as `ruled` made it; skew: of the
        difference, which boundaries made for normal effects do not know."""
        if self.timing == "fixed":
            return lift
        log10_p = self.log10_p(float(symmetric(lift.value / lift.se, skew)), rule, units)
        low, high = skewed_ends(lift.value, lift.se, rule.quantile(inf), skew, rule)
        return replace(lift, low=low, high=high, p_value=exp(log10_p * log(10)), log10_p=log10_p, freedom=inf)

    @property
    def _end(self) -> float:
        return UNPLANNED if self.planned is None else self.planned

    @property
    def _planned(self) -> float:
        if self.planned is None:
            raise LabError(
                "Looks are planned, but not how many units the test ends with.",
                "Set `plan.n_per_arm`, or take `sequential: always_valid`.",
                key="plan.n_per_arm",
            )
        return self.planned


def looking(spec: Specification, arm: str) -> Looking:
    """How looks at one arm beside control are paid for. `plan.n_per_arm` is of the smallest arm."""
    n, shares = spec.plan.n_per_arm, spec.planned_shares
    if n is None:
        return Looking(spec.analysis.sequential, None)
    if shares is None or spec.control is None:
        return Looking(spec.analysis.sequential, 2 * n)
    return Looking(spec.analysis.sequential, n * (shares[spec.control] + shares[arm]) / min(shares.values()))


def require_begun(timing: Timing, n_control: int, n_arm: int) -> None:
    """Raises LabError where a test that is looked at while it runs has too few units for large-sample
    claims."""
    smallest = min(n_control, n_arm)
    if timing != "fixed" and smallest < FEWEST_UNITS:
        raise LabError(
            f"The smaller arm has {smallest} units so far, and looks begin at {FEWEST_UNITS}.",
            "Wait until every arm has that many, or take `sequential: fixed` for a finished test.",
            key="analysis.sequential",
        )
