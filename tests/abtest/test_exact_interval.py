import numpy as np
import pytest
from scipy import stats

from retention_lab.abtest.arm_counts import ArmCounts
from retention_lab.abtest.exact_interval import exact_difference, exact_difference_test
from retention_lab.abtest.exact_tests import barnard_test
from retention_lab.abtest.proportions import score_difference
from retention_lab.errors import LabError


def test_of_one_kind_of_outcome_the_limit_is_clopper_and_pearsons() -> None:
    found = exact_difference(ArmCounts(0, 10), ArmCounts(0, 10))
    limit = 1 - 0.025 ** (1 / 10)  # of one arm without successes; the worst other arm has none either
    assert (found.low, found.high) == pytest.approx((-limit, limit), abs=2e-5)  # 1e-6 is left out


def test_against_no_difference_it_is_barnards_test() -> None:
    for arms in ((ArmCounts(3, 10), ArmCounts(7, 10)), (ArmCounts(1, 9), ArmCounts(4, 6))):
        greater = exact_difference_test(*arms, alternative="greater").p_value
        assert greater == pytest.approx(barnard_test(*arms, alternative="greater").p_value + 1e-6, rel=1e-5)


def test_the_interval_and_the_test_say_the_same() -> None:
    arms = ArmCounts(68, 105), ArmCounts(72, 95)
    found = exact_difference(*arms)
    inside, outside = (
        exact_difference_test(*arms, alternative="greater", null=found.low + step).p_value
        for step in (1e-6, -1e-6)
    )
    assert outside < 0.025 < inside
    assert exact_difference(*arms, confidence=1 - found.p_value * 0.98).low < 0  # type: ignore[operator]
    assert exact_difference(*arms, confidence=1 - found.p_value * 1.02).low > 0  # type: ignore[operator]


def test_swapped_arms_and_swapped_outcomes_turn_the_interval_round() -> None:
    one, two = ArmCounts(3, 17), ArmCounts(9, 14)
    failed = [ArmCounts(arm.failures, arm.units) for arm in (one, two)]
    found = exact_difference(one, two)
    for other in (exact_difference(two, one), exact_difference(*failed)):
        assert (found.low, found.high) == pytest.approx((-other.high, -other.low), abs=1e-6)
        assert found.p_value == pytest.approx(other.p_value, rel=1e-6)


def test_large_arms_have_the_score_interval() -> None:
    arms = ArmCounts(672, 1034), ArmCounts(666, 966)
    exact, score = exact_difference(*arms), score_difference(*arms)
    assert (exact.low, exact.high) == pytest.approx((score.low, score.high), abs=5e-4)
    assert exact.high - exact.low > score.high - score.low


def test_one_sided_limits_are_those_of_a_wider_interval() -> None:
    arms = ArmCounts(3, 17), ArmCounts(9, 14)
    both = exact_difference(*arms, confidence=0.9)
    greater, less = (exact_difference(*arms, alternative=side) for side in ("greater", "less"))  # type: ignore[arg-type]
    assert (greater.low, greater.high) == pytest.approx((both.low, 1.0))
    assert (less.low, less.high) == pytest.approx((-1.0, both.high))


def test_the_smallest_arms_are_answered() -> None:
    found = exact_difference(ArmCounts(0, 1), ArmCounts(1, 1))
    assert found.low < 0 < found.value == found.high == 1
    apart = exact_difference(ArmCounts(0, 10), ArmCounts(10, 10))
    assert 0.6 < apart.low < apart.high == 1
    assert exact_difference(ArmCounts(10, 10), ArmCounts(0, 10)).low == -1


def test_what_is_too_large_or_too_sure_is_refused() -> None:
    with pytest.raises(LabError, match="at most 6000"):
        exact_difference(ArmCounts(1, 4000), ArmCounts(2, 4000))
    with pytest.raises(LabError, match=r"at most 0\.9998"):
        exact_difference(ArmCounts(1, 40), ArmCounts(2, 40), confidence=0.99999)
    with pytest.raises(LabError, match="difference of 1"):
        exact_difference_test(ArmCounts(1, 40), ArmCounts(2, 40), null=1.0)


@pytest.mark.slow
def test_it_covers_in_every_sample() -> None:
    n0, n1 = 7, 9
    ends = {
        (x0, x1): exact_difference(ArmCounts(x0, n0), ArmCounts(x1, n1), confidence=0.9)
        for x0 in range(n0 + 1)
        for x1 in range(n1 + 1)
    }
    for one in np.linspace(0.02, 0.98, 25):
        for two in np.linspace(0.02, 0.98, 25):
            chance = sum(
                stats.binom.pmf(x0, n0, one) * stats.binom.pmf(x1, n1, two)
                for (x0, x1), found in ends.items()
                if found.low <= two - one <= found.high
            )
            assert chance >= 0.9
