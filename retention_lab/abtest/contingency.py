"""Whether the share of converted units differs between any number of arms, as one question."""

from collections.abc import Sequence

import numpy as np

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.tails import HypothesisTest, chi_squared_test
from retention_lab.arrays import Floats
from retention_lab.errors import LabError


def pearson_test(arms: Sequence[ArmCounts], *, correction: bool = False) -> HypothesisTest:
    """Pearson's chi-squared test; two-sided. correction: Yates's, for two arms.

    Raises LabError with fewer than two arms, or where nobody or everybody converted.
    Source: Pearson (1900), Philosophical Magazine 50(302), doi:10.1080/14786440009463897.

    >>> round(pearson_test([ArmCounts(10, 100), ArmCounts(20, 100)]).p_value, 4)
    0.0477
    """
    found, expected = _tables(arms, correction)
    return chi_squared_test(float(np.sum((found - expected) ** 2 / expected)), len(arms) - 1)


def g_test(arms: Sequence[ArmCounts], *, correction: bool = False) -> HypothesisTest:
    """Likelihood-ratio (G) test; two-sided. correction: Yates's, for two arms.

    Raises LabError as `pearson_test`.
    Source: Woolf (1957), Annals of Human Genetics 21(4), doi:10.1111/j.1469-1809.1972.tb00293.x.
    """
    found, expected = _tables(arms, correction)
    u = (found - expected) / expected
    logs = np.log1p(u, out=np.zeros_like(u), where=found > 0)  # an empty cell adds its expectation alone
    terms = expected * ((1 + u) * logs - u)  # found log(found / expected), less what sums to nothing
    return chi_squared_test(max(2 * float(terms.sum()), 0.0), len(arms) - 1)


def _tables(arms: Sequence[ArmCounts], correction: bool) -> tuple[Floats, Floats]:
    """(k, 2) successes and failures of each arm: found, and expected if all shares were the same."""
    if len(arms) < 2:
        raise LabError(f"{len(arms)} arms cannot be compared.", "Give control and at least one other arm.")
    found = np.array([[arm.successes, arm.failures] for arm in arms], dtype=np.float64)
    both = found.sum(axis=0)
    if 0 in both:
        raise LabError(
            f"{int(both[0])} of {int(both.sum())} units converted, so the arms cannot differ.",
            "Wait for units that behave differently, or look at another metric.",
        )
    expected = found.sum(axis=1, keepdims=True) * both / both.sum()
    if correction:
        if len(arms) > 2:
            raise LabError(
                f"Yates's correction is for two arms, not {len(arms)}.", "Leave the correction out."
            )
        gap = expected - found
        found = found + np.sign(gap) * np.minimum(0.5, np.abs(gap))
    return found, expected
