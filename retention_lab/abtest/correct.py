"""P-values of a test's comparisons, corrected for how many there are."""

from collections.abc import Sequence
from math import log

import numpy as np
from scipy.special import ndtri_exp

from retention_lab.abtest.comparison import Comparison
from retention_lab.abtest.dunnett import dunnett
from retention_lab.abtest.multiplicity import adjusted_p_values
from retention_lab.abtest.sides import Alternative
from retention_lab.abtest.specification import Specification

COUNTED = ("primary", "secondary")
_LEAST = -9.0  # standard errors on the wrong side, beyond which a p-value is 1 to the last digit


def corrected(comparisons: Sequence[Comparison], spec: Specification) -> list[Comparison]:
    """Adjusted p-values of primary and secondary metrics together; a guardrail is judged by its own, and a
    diagnostic decides nothing."""
    level = 1 - spec.analysis.confidence
    counted = [one for one in comparisons if one.role in COUNTED]
    adjusted = iter(_adjusted(counted, spec))
    found = []
    for one in comparisons:
        if one.role in COUNTED:
            found.append(one.judged(next(adjusted), level))
        else:
            found.append(one.judged(_p(one), level) if one.role == "guardrail" else one)
    return found


def _adjusted(counted: Sequence[Comparison], spec: Specification) -> Sequence[float | None]:
    method = spec.analysis.correction
    if method == "dunnett":
        return _many_to_one(counted, spec.analysis.alternative)
    p_values = [_p(one) for one in counted]
    return p_values if method == "none" else adjusted_p_values(p_values, method)


def _many_to_one(counted: Sequence[Comparison], alternative: Alternative) -> list[float | None]:
    """Arms of one metric and level by Dunnett's joint test, for they share their control; the families of
    several metrics and levels by Bonferroni's bound.

    Each p-value is taken to the normal scale, where it was made: so corrections for skewness, covariates and
    few units stay in it. A comparison that does not say what control brings to its error counts as
    independent of the others, which finds less than a shared control would allow.
    """
    families: dict[tuple[str, str | None], list[int]] = {}
    for i, one in enumerate(counted):
        if one.lift is not None:
            families.setdefault((one.metric, one.level), []).append(i)
    found: list[float | None] = [None] * len(counted)
    for members in families.values():
        z = np.array([_strength(counted[i], alternative) for i in members])
        loading = np.array([counted[i].control_loading or 0.0 for i in members])
        joint = dunnett(z, np.ones_like(z), loading, alternative=alternative)
        for i, log10_p in zip(members, joint.log10_p, strict=True):
            found[i] = min(1.0, float(10.0**log10_p) * len(families))
    return found


def _strength(one: Comparison, alternative: Alternative) -> float:
    """The effect in standard errors, on the scale where its p-value is a normal one."""
    assert one.lift is not None
    log_p = min(one.lift.log10_p * log(10), 0.0)
    if alternative == "two_sided":
        return float(-ndtri_exp(log_p - log(2)))
    return max(float(-ndtri_exp(log_p)), _LEAST) * (1.0 if alternative == "greater" else -1.0)


def _p(one: Comparison) -> float | None:
    return None if one.lift is None else one.lift.p_value
