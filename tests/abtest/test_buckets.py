import numpy as np
import pytest

from retention_lab.abtest.buckets import bucket_ranges, choose_arms, range_probabilities
from retention_lab.abtest.hashes import BUCKETS, HashVersion
from retention_lab.errors import LabError


def test_raising_the_coverage_moves_no_unit_from_arm_to_arm() -> None:
    bucket = np.arange(10_000) / 10_000
    some, more = (choose_arms(bucket, bucket_ranges([0.5, 0.3, 0.2], part)) for part in (0.2, 0.7))
    np.testing.assert_array_equal(more[some >= 0], some[some >= 0])
    assert abs((more >= 0).sum() - 7_000) <= 3  # a sum of floats may reach one bucket further in each arm


@pytest.mark.parametrize("shares", [[0.1] * 10, [0.4, 0.3, 0.2, 0.1], [1 / 3] * 3, [0.7, 0.1, 0.2]])
def test_at_full_coverage_even_the_last_bucket_has_an_arm(shares: list[float]) -> None:
    last = np.array([1 - 2.0**-53, 0.0])
    np.testing.assert_array_equal(choose_arms(last, bucket_ranges(shares)), [len(shares) - 1, 0])


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("shares", "coverage"), [([0.5, 0.5], 1.0), ([1 / 3] * 3, 1.0), ([0.07, 0.93], 0.37), ([0.29, 0.71], 1.0)]
)
def test_probabilities_are_the_shares_of_buckets_that_get_each_arm(
    version: HashVersion, shares: list[float], coverage: float
) -> None:
    ranges = bucket_ranges(shares, coverage)
    every = choose_arms(np.arange(BUCKETS[version]) / BUCKETS[version], ranges)
    counted = np.bincount(every[every >= 0], minlength=len(shares)) / BUCKETS[version]
    np.testing.assert_array_equal(range_probabilities(ranges, version), counted)


def test_probabilities_of_fine_buckets_are_the_shares_and_sum_to_one() -> None:
    found = range_probabilities(bucket_ranges([1 / 3, 2 / 3]), 3)
    np.testing.assert_allclose(found, [1 / 3, 2 / 3], rtol=1e-15)
    assert range_probabilities(bucket_ranges([0.1] * 10), 3).sum() == 1


def test_an_arm_without_a_bucket_is_refused() -> None:
    shares = [0.99998, 0.00002]
    with pytest.raises(LabError, match="Arm 1 gets none of the 10,000 buckets"):
        range_probabilities(bucket_ranges(shares, 0.5), 2)
    assert range_probabilities(bucket_ranges(shares, 0.5), 3)[1] == pytest.approx(1e-5, rel=1e-9)


def test_the_first_of_overlapping_ranges_wins() -> None:
    found = choose_arms(np.array([0.1, 0.3, 0.8]), ((0.0, 0.5), (0.2, 0.7)))
    np.testing.assert_array_equal(found, [0, 0, -1])


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(LabError, match=r"sum to 0\.9"):
        bucket_ranges([0.5, 0.4])
    with pytest.raises(LabError, match=r"The coverage is 1\.2"):
        bucket_ranges([0.5, 0.5], 1.2)
