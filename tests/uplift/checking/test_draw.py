import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.checking.draw import arms_check, overlap_check, sample_ratio_check

ARMS = ("none", "coupon")


def test_there_is_nothing_to_compare_without_a_plan() -> None:
    assert sample_ratio_check(np.array([0, 1]), ARMS, None)["passed"] is None


def test_a_broken_split_is_hard_and_a_doubtful_one_soft() -> None:
    plan = {"none": 0.5, "coupon": 0.5}
    broken = sample_ratio_check(np.repeat([0, 1], [5300, 4700]), ARMS, plan)
    doubtful = sample_ratio_check(np.repeat([0, 1], [5140, 4860]), ARMS, plan)
    fine = sample_ratio_check(np.repeat([0, 1], [5020, 4980]), ARMS, plan)
    assert (broken["passed"], broken["severity"]) == (False, "hard")
    assert (doubtful["passed"], doubtful["severity"]) == (False, "soft")
    assert (fine["passed"], fine["severity"]) == (True, "hard")


def test_clean_splits_fail_hard_as_rarely_as_alpha_says() -> None:
    rng = np.random.default_rng(1)
    plan = {"none": 0.5, "coupon": 0.5}
    found = [sample_ratio_check(rng.integers(0, 2, 1000), ARMS, plan) for _ in range(1000)]
    failed = sum(c["passed"] is False and c["severity"] == "hard" for c in found)
    assert failed <= 5  # one is expected; more than five come once in 1,700 times


@pytest.mark.parametrize("plan", [{"none": 0.5}, {"none": 0.5, "coupon": 0.6}, {"none": 0.5, "kupon": 0.5}])
def test_a_plan_must_name_every_arm_and_sum_to_one(plan: dict[str, float]) -> None:
    with pytest.raises(LabError, match="planned shares"):
        sample_ratio_check(np.array([0, 1]), ARMS, plan)


def test_shares_that_sum_to_one_but_for_rounding_are_compared() -> None:
    thirds = dict.fromkeys(("a", "b", "c"), 0.3333333)
    assert sample_ratio_check(np.arange(300) % 3, ("a", "b", "c"), thirds)["passed"]


def test_an_arm_without_rows_is_named() -> None:
    found = arms_check(np.array([0, 0, 2]), ("none", "coupon", "letter"))
    assert (found["severity"], found["passed"], found["value"]) == ("hard", False, 0)
    assert found["detail"].startswith("No row is in coupon,")
    assert arms_check(np.array([0, 1, 1]), ARMS)["passed"]


def test_thin_overlap_is_counted_and_infeasible_arms_are_not() -> None:
    thin = overlap_check(np.array([[0.995, 0.005], [0.5, 0.5]]))
    assert (thin["passed"], thin["value"]) == (False, 0.005)
    assert thin["detail"].startswith("1 of 2 rows")
    assert overlap_check(np.array([[1.0, 0.0], [0.5, 0.5]]))["passed"]
    assert overlap_check(None)["passed"] is None
