"""What many tests say of one metric in one arm: at the end, and over looks on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.abtest.arm import Form
from retention_lab.abtest.compare import rule_of
from retention_lab.abtest.lift import Rule
from retention_lab.abtest.looks import UNPLANNED, looking
from retention_lab.abtest.sequential.group_sequential import GroupSequential
from retention_lab.abtest.sequential.looks import FEWEST_UNITS
from retention_lab.abtest.sequential.planned_mixture import tuned_mixture
from retention_lab.abtest.sides import toward
from retention_lab.abtest.simulation.lifts import (
    ManyLifts,
    as_shares,
    many_lifts,
    newcombe_ends,
    score_rejected,
)
from retention_lab.abtest.simulation.sums import ManySums
from retention_lab.abtest.simulation.values import ManyCompared, compare_many, compare_strata
from retention_lab.abtest.skewed import symmetric
from retention_lab.abtest.specification import Specification
from retention_lab.arrays import Bools, Floats

METHODS = ("always_valid", "group_sequential", "fixed")  # `fixed`: each look as if it were the only one


@dataclass(frozen=True, slots=True)
class Verdicts:
    """(replications,) each. known: whether there is an interval at the end; rejected: of no effect, at the
    end; covered: whether its interval holds the truth; by_looks: of no effect at any look, by method."""

    known: Bools
    rejected: Bools
    covered: Bools
    by_looks: Mapping[str, Bools]


@dataclass(frozen=True, slots=True)
class Judge:
    """How verdicts are reached. share: whether the metric is a mean of zeros and ones, unadjusted; arm: the
    one beside control; group: (looks,) critical values of the group-sequential test."""

    spec: Specification
    form: Form
    share: bool
    arm: str
    group: Floats

    def verdicts(self, control: Sequence[ManySums], treated: Sequence[ManySums], truth: float) -> Verdicts:
        """Of (looks, replications) sums up to each look, in every stratum. truth: the effect they have."""
        found, rule = self.compared(control, treated), rule_of(self.spec)
        last = found.at(-1)
        own = self.spec.analysis.proportion if self.share and len(control) == 1 else "wald"
        known = last.known
        if own == "score":
            rejected, missed = (score_rejected(last, rule, null) for null in (0.0, truth))
        elif own == "newcombe":
            low, high = newcombe_ends(last, rule)
            rejected, missed = ((null < low) | (high < null) for null in (0.0, truth))
        else:
            at_end = self._lifts(last)
            known = at_end.known
            rejected, missed = (at_end.rejected(rule, null) for null in (0.0, truth))
        return Verdicts(known, rejected & known, known & ~missed, self._by_looks(found, rule))

    def _lifts(self, found: ManyCompared) -> ManyLifts:
        return many_lifts(found, rule_of(self.spec), corrected=self.spec.analysis.skewness == "corrected")

    def compared(self, control: Sequence[ManySums], treated: Sequence[ManySums]) -> ManyCompared:
        """The arms' values in every replication, at each look."""
        adjustment = self.spec.analysis.adjustment
        if len(control) > 1:
            return compare_strata(control, treated, self.form, adjustment)
        found = compare_many(control[0], treated[0], self.form, adjustment)
        return as_shares(found) if self.share else found

    def _by_looks(self, found: ManyCompared, rule: Rule) -> dict[str, Bools]:
        lifts = self._lifts(found)
        begun = lifts.known & (np.minimum(found.control.n, found.treated.n) >= FEWEST_UNITS)
        strength = toward(rule.alternative, symmetric(lifts.value / lifts.se, lifts.skew))
        crossed = {
            "always_valid": strength > self._always_valid(found),
            "group_sequential": strength > self.group[:, None],
            "fixed": lifts.rejected(rule),
        }
        return {method: np.any(crossed[method] & begun, axis=0) for method in METHODS}

    def _always_valid(self, found: ManyCompared) -> Floats:
        """(looks, replications) critical values, by the units so far."""
        alpha = 1 - self.spec.analysis.confidence
        planned = looking(self.spec, self.arm).planned or UNPLANNED
        mixture = tuned_mixture(planned, alpha, alternative=self.spec.analysis.alternative)
        units, place = np.unique(np.maximum(found.control.n + found.treated.n, 1), return_inverse=True)
        return mixture.critical_value(units, alpha)[place].reshape(found.control.n.shape)


def group_critical_values(spec: Specification, looks: int) -> Floats:
    """(looks,) of a group-sequential test with equally many units between looks."""
    information = np.arange(1, looks + 1) / looks
    alpha, alternative = 1 - spec.analysis.confidence, spec.analysis.alternative
    return GroupSequential(information, alpha, alternative).critical_values()
