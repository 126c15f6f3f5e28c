"""Guardrails: whether an arm is shown to be worse than control by no more than a margin."""

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from retention_lab.abtest.lift import Lift, Rule
from retention_lab.abtest.looks import Looking
from retention_lab.abtest.metrics import Metric
from retention_lab.abtest.skewed import symmetric
from retention_lab.abtest.tails import normal_test, student_test
from retention_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Margin:
    """width: in the metric's own unit, not negative; better: the good direction."""

    width: float
    better: Literal["higher", "lower"]


def margin_of(metric: Metric, control_mean: float) -> Margin | None:
    """The margin of a guardrail; a share is taken of control's mean as it was seen.

    Raises LabError where a share is asked of a control mean that is not above 0.
    """
    text = metric.worse_by_at_most
    if text is None:
        return None
    if not text.endswith("%"):
        return Margin(float(text), metric.better)
    if control_mean <= 0:
        raise LabError(
            f"The margin is a share of control's mean, which is {control_mean:.4g}.",
            "Give the margin in the metric's own unit.",
            key="worse_by_at_most",
        )
    return Margin(float(text[:-1]) / 100 * control_mean, metric.better)


def within_margin(
    lift: Lift, margin: Margin, looking: Looking, units: tuple[float, ...], skew: float = 0.0
) -> Lift:
    """The same effect with the one-sided p-value of non-inferiority; its interval stays as it is.

    skew: of the difference, in its standard errors.

    Source: Schumi and Wittes (2011), Trials 12:106, doi:10.1186/1745-6215-12-106.
    """
    higher = margin.better == "higher"
    z = float(symmetric((lift.value + (margin.width if higher else -margin.width)) / lift.se, skew))
    alternative: Literal["greater", "less"] = "greater" if higher else "less"
    if looking.timing != "fixed":
        log10_p = looking.log10_p(z, Rule(alternative=alternative), units)
        return replace(lift, p_value=float(10.0**log10_p), log10_p=log10_p)
    if lift.freedom == inf:
        found = normal_test(z, alternative)
    else:
        found = student_test(z, lift.freedom, alternative)
    return replace(lift, p_value=found.p_value, log10_p=found.log10_p)
