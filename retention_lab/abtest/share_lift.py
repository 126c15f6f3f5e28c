"""Shares of units compared by intervals of their own, which hold where few units, or nearly all, did it."""

from math import inf, log10
from typing import Literal

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.exact_interval import exact_difference
from retention_lab.abtest.lift import Lift, Rule
from retention_lab.abtest.proportions import newcombe_difference, score_difference

How = Literal["newcombe", "score", "exact"]
_METHODS = {"newcombe": newcombe_difference, "score": score_difference, "exact": exact_difference}


def share_lift(control: ArmValue, treated: ArmValue, rule: Rule, how: How) -> Lift:
    """Treated share less control's, by Newcombe's interval, the score test, or the exact distribution.

    Raises LabError where the exact distribution has too many units.
    """
    counts = [ArmCounts(round(arm.value * arm.n), arm.n) for arm in (control, treated)]
    found = _METHODS[how](*counts, confidence=rule.confidence, alternative=rule.alternative)
    p_value = 1.0 if found.p_value is None else found.p_value
    low = -inf if rule.alternative == "less" else found.low
    high = inf if rule.alternative == "greater" else found.high
    return Lift(found.value, found.se, low, high, p_value, log10(p_value) if p_value > 0 else -inf, inf)
