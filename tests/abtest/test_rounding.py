import numpy as np
import pytest

from retention_lab.abtest.rounding import rounded_counts
from retention_lab.errors import LabError


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.5, 0.3, 0.2], [1 / 3] * 3, [0.05, 0.15, 0.2, 0.25, 0.35]])
def test_every_stratum_and_every_total_is_less_than_one_unit_from_the_plan(shares: list[float]) -> None:
    sizes = np.random.default_rng(1).integers(0, 12, 2_000)
    found = rounded_counts(sizes, shares, "s")
    plan = sizes[:, None] * np.array(shares)
    np.testing.assert_array_equal(found.sum(axis=1), sizes)
    assert np.abs(found - plan).max() < 1
    assert np.abs(found.sum(axis=0) - plan.sum(axis=0)).max() < 1
    assert found.min() >= 0


def test_single_units_are_dealt_out_as_one_group_would_be() -> None:
    found = rounded_counts(np.ones(1_001, dtype=np.int64), [0.5, 0.3, 0.2], "s").sum(axis=0)
    np.testing.assert_allclose(found, [500.5, 300.3, 200.2], atol=0.9999)


def test_numbers_that_are_whole_stay() -> None:
    found = rounded_counts(np.array([10, 20, 0]), [0.5, 0.3, 0.2], "s")
    np.testing.assert_array_equal(found, [[5, 3, 2], [10, 6, 4], [0, 0, 0]])


def test_expected_numbers_are_exactly_the_plan() -> None:
    sizes, shares, seeds = np.array([1, 2, 3, 4, 7, 11]), [0.45, 0.35, 0.2], 4_000
    total = np.zeros((6, 3))
    for seed in range(seeds):
        total += rounded_counts(sizes, shares, str(seed))
    plan = sizes[:, None] * np.array(shares)
    part = plan % 1
    z = (total - seeds * plan) / np.sqrt(seeds * part * (1 - part) + 1e-9)
    assert np.abs(z).max() < 4.0  # the largest of 18 normal deviates exceeds 4 once in 900 such tests


def test_ten_million_units_in_one_stratum_are_counted_without_rounding() -> None:
    found = rounded_counts(np.array([10_000_001, 1]), [0.7, 0.3], "s")
    assert found.sum() == 10_000_002
    assert abs(found[0, 1] - 3_000_000.3) < 1


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(LabError, match=r"sum to 0\.9"):
        rounded_counts(np.array([3]), [0.5, 0.4], "s")
