"""One metric in one arm beside control: what every table, page and run shows of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from retention_lab.abtest.bayes import Posterior
from retention_lab.abtest.lift import Lift
from retention_lab.abtest.relative import RelativeLift

# of the JSON, those keys that are fields of the same name, before and behind the numbers of the effect
_FIRST = ("metric", "type", "role", "arm", "control", "n_arm", "n_control", "missing_arm", "missing_control",
          "mean_arm", "mean_control")  # fmt: skip
_LAST = ("p_value_adjusted", "significant", "variance_reduction", "correlation", "method")


@dataclass(frozen=True, slots=True)
class Comparison:
    """metric, type, role: of the definition. n_arm, n_control: units with the metric; missing_arm,
    missing_control: units without it. mean_arm, mean_control: adjusted where there are covariates. lift: None
    where the question cannot be answered, and then `reason` says why; relative and relative_reason likewise.
    p_value_adjusted: over all metrics and arms that are corrected together. significant: by that p-value.
    variance_reduction: share of the effect's variance that the covariates took off; correlation: that it
    rests on. method: how the interval was made. segment, level: whose units, None for all. posterior: of the
    effect under a flat prior, for those who ask. control_loading: share of the effect's standard error that
    control brings, by which the arms' comparisons hang together; None where it is not known.
    """

    metric: str
    type: str
    role: str
    arm: str
    control: str
    n_arm: int
    n_control: int
    missing_arm: int
    missing_control: int
    mean_arm: float | None = None
    mean_control: float | None = None
    lift: Lift | None = None
    relative: RelativeLift | None = None
    p_value_adjusted: float | None = None
    significant: bool | None = None
    variance_reduction: float | None = None
    correlation: float | None = None
    method: str | None = None
    reason: str | None = None
    relative_reason: str | None = None
    segment: str | None = None
    level: str | None = None
    posterior: Posterior | None = None
    control_loading: float | None = None

    def judged(self, p_value_adjusted: float | None, level: float) -> "Comparison":
        """The same with its p-value corrected for the company it is in."""
        found = None if p_value_adjusted is None else p_value_adjusted <= level
        return replace(self, p_value_adjusted=p_value_adjusted, significant=found)

    def as_json(self) -> dict[str, Any]:
        """As in the JSON of `lab experiment analyze`; what cannot be computed is null, and `reason` says
        why."""
        of_lift = _of(self.lift)
        of_relative = _of(self.relative)
        found: dict[str, Any] = {name: getattr(self, name) for name in _FIRST}
        found |= {
            "effect": of_lift("value"),
            "se": of_lift("se"),
            "ci_low": of_lift("low"),
            "ci_high": of_lift("high"),
            "relative": of_relative("value"),
            "relative_ci_low": of_relative("low"),
            "relative_ci_high": of_relative("high"),
            "p_value": of_lift("p_value"),
            "log10_p": of_lift("log10_p"),
        }
        found |= {name: getattr(self, name) for name in _LAST}
        if self.segment is not None:
            found |= {"segment": self.segment, "level": self.level}
        if self.posterior is not None:
            found |= {
                "chance_to_win": self.posterior.chance_to_win,
                "loss_if_shipped": self.posterior.loss_if_shipped,
                "loss_if_kept": self.posterior.loss_if_kept,
            }
        if self.reason is not None:
            found["reason"] = self.reason
        if self.relative_reason is not None:
            found["relative_reason"] = self.relative_reason
        return found


def _of(value: Lift | RelativeLift | None) -> Callable[[str], float | None]:
    """Its numbers by name: None where there is none, or where a side is open."""

    def number(name: str) -> float | None:
        found = None if value is None else float(getattr(value, name))
        return found if found is not None and isfinite(found) else None

    return number
