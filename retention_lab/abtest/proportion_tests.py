"""Tests of two shares by the normal distribution, and whether a share may be called no worse than another."""

from typing import Literal

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.proportions import Variance, corrected, difference_error
from retention_lab.abtest.score import difference_score, ratio_score
from retention_lab.abtest.tails import Alternative, HypothesisTest, normal_test
from retention_lab.errors import LabError

Better = Literal["higher", "lower"]


def z_test(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
    variance: Variance = "pooled",
    correction: bool = False,
) -> HypothesisTest:
    """Test that treated less control is `null`; the statistic is a normal deviate.

    variance, correction: as in `wald_difference`; pooled is the classical test of no difference.

    Raises LabError when that variance is 0: nobody, or everybody, converted.
    """
    step = (1 / control.units + 1 / treated.units) / 2 if correction else 0.0
    error = difference_error(control, treated, variance)
    difference = corrected(treated.share - control.share - null, step, alternative)
    return normal_test(difference / error, alternative)


def score_test(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> HypothesisTest:
    """Test that treated less control is `null` in (-1, 1), with the variance that the null implies.

    It also stands where nobody converted. Source: Miettinen and Nurminen (1985), doi:10.1002/sim.4780040211.
    """
    if not -1 < null < 1:
        raise LabError(
            f"A difference of {null:g} between shares cannot be tested.", "Give one inside -1 to 1."
        )
    return normal_test(difference_score(control, treated, null), alternative)


def agresti_caffo_test(
    control: ArmCounts,
    treated: ArmCounts,
    *,
    alternative: Alternative = "two_sided",
    null: float = 0.0,
) -> HypothesisTest:
    """`z_test` with separate variances after one more success and one more failure in each arm."""
    one, two = (ArmCounts(arm.successes + 1, arm.units + 2) for arm in (control, treated))
    return z_test(one, two, alternative=alternative, null=null, variance="separate")


def non_inferiority(
    control: ArmCounts, treated: ArmCounts, margin: float, *, better: Better = "higher"
) -> HypothesisTest:
    """One-sided score test; a small p-value shows that treated is worse by less than `margin`, a share.

    Raises LabError when the margin is not from 0 up to 1.
    Source: Farrington and Manning (1990), Statistics in Medicine 9(12), doi:10.1002/sim.4780091208.

    >>> guard = non_inferiority(ArmCounts(500, 10_000), ArmCounts(505, 10_000), 0.01)
    >>> guard.p_value < 0.05
    True
    """
    if not 0 <= margin < 1:
        raise LabError(f"The margin {margin:g} is not a share from 0 up to 1.", "Write 0.01 for one point.")
    if better == "higher":
        return score_test(control, treated, alternative="greater", null=-margin)
    return score_test(control, treated, alternative="less", null=margin)


def relative_non_inferiority(
    control: ArmCounts, treated: ArmCounts, margin: float, *, better: Better = "higher"
) -> HypothesisTest:
    """`non_inferiority` with the margin a part of control's share: 0.02 allows 2 per cent less of it.

    Raises LabError when the margin is not from 0 up to 1, or when nobody converted in control.
    Source: Koopman (1984), Biometrics 40(2), doi:10.2307/2531405.
    """
    if not 0 <= margin < 1:
        raise LabError(f"The margin {margin:g} is not a part from 0 up to 1.", "Write 0.02 for 2 per cent.")
    if not control.successes:
        raise LabError(
            f"None of the {control.units} units of control converted, so a part of it is 0.",
            "Give the margin as a share of units.",
        )
    if better == "higher":
        return normal_test(ratio_score(control, treated, 1 - margin), "greater")
    return normal_test(ratio_score(control, treated, 1 + margin), "less")
