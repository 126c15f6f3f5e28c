import numpy as np
import pytest

from retention_lab.uplift.checking.bins import SMALLEST_BIN, binned, explained, level_bins, quantile_bins
from tests.uplift.checking.samples import clean


def test_numbers_fall_into_ten_bins_of_equal_size_and_gaps_into_one_of_their_own() -> None:
    column = np.random.default_rng(1).permutation(1100).astype(float)
    column[column >= 1000] = np.nan
    codes = quantile_bins(column)
    assert np.bincount(codes).tolist() == [100] * 11
    assert len(np.unique(codes[np.isnan(column)])) == 1
    known = ~np.isnan(column)
    assert [column[known & (codes == k)].max() for k in range(1, 11)] == [99.0 + 100 * k for k in range(10)]


def test_a_value_that_most_rows_have_does_not_hide_the_others() -> None:
    assert np.bincount(quantile_bins(np.repeat([0.0, 1.0, 2.0], [900, 60, 60]))).tolist() == [900, 120]
    assert np.bincount(quantile_bins(np.repeat([-2.0, 0.0, 3.0], [60, 900, 60]))).tolist() == [60, 900, 60]


@pytest.mark.parametrize("flags", [60, 300, 1500])
def test_a_rare_flag_is_seen(flags: int) -> None:
    flag = np.repeat([0.0, 1.0], [10_000 - flags, flags])
    np.testing.assert_array_equal(quantile_bins(flag), flag)
    np.testing.assert_array_equal(quantile_bins(-flag), 1 - flag)


def test_rare_levels_are_taken_together() -> None:
    column = np.repeat([0.0, 1.0, 2.0, np.nan], [100, SMALLEST_BIN - 1, 3, 80])
    assert np.bincount(level_bins(column)).tolist() == [80, 100, SMALLEST_BIN + 2]


def test_levels_that_are_too_few_together_join_the_smallest_other() -> None:
    column = np.repeat([0.0, 1.0, 2.0], [300, 200, 3])
    assert np.bincount(level_bins(column)).tolist() == [300, 203]
    assert np.bincount(level_bins(column[-3:])).tolist() == [3]


@pytest.mark.parametrize("column", [np.full(5, np.nan), np.ones(200), np.empty(0)])
def test_a_column_without_differences_is_one_bin(column: np.ndarray) -> None:
    assert set(quantile_bins(column)) <= {0}
    assert set(level_bins(column)) <= {0}


def test_bins_do_not_depend_on_the_order_of_rows() -> None:
    sample = clean(1)
    order = np.random.default_rng(2).permutation(len(sample))
    other = binned(sample.features.rows(order))
    for ours, theirs in zip(binned(sample.features).codes, other.codes, strict=True):
        np.testing.assert_array_equal(ours[order], theirs)


def test_what_bins_explain_is_a_share_that_chance_does_not_raise() -> None:
    rng = np.random.default_rng(1)
    bins = rng.integers(0, 30, 3000)
    assert explained(bins * 2.0 + 1e9, bins) == pytest.approx(1.0)
    noise = [explained(rng.normal(size=3000), rng.integers(0, 30, 3000)) for _ in range(200)]
    assert np.mean(noise) < 0.002  # uncorrected, 29 of 2,999 would be explained: .0097
    assert explained(np.ones(100), np.arange(100) % 2) == 0.0
