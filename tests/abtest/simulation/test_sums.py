import numpy as np

from retention_lab.abtest.moments import moments_of
from retention_lab.abtest.simulation.sums import Layout, added
from tests.abtest.simulation.scalars import REPLICATIONS, added_up, numbers


def test_sums_of_columns_are_the_moments_of_the_units_with_missing_numbers_left_out() -> None:
    rows = numbers(1)
    rows[:, 3, 0] = np.nan  # an outcome: the unit is left out
    rows[:, 5, 2] = np.nan  # a covariate: the centre takes its place
    centre = np.array([1.0, 2.0, 0.5, 3.0])
    found = added_up(rows, Layout(4, 2, powers=True), centre)
    for k in range(REPLICATIONS):
        wanted = moments_of(rows[k], np.zeros(60, dtype=np.int64), 1, 2, centre).sums_over(np.array([True]))
        one = found.at(k)
        assert one.count == wanted.count == 59
        for name in ("total", "product", "third", "fourth", "mean", "covariance"):
            np.testing.assert_allclose(getattr(one, name), getattr(wanted, name), rtol=1e-12)
        np.testing.assert_allclose(found.covariance[k], wanted.covariance, rtol=1e-12)
        np.testing.assert_allclose([part[k] for part in found.shape or ()], wanted.shape, rtol=1e-11)


def test_zeros_and_ones_need_no_powers() -> None:
    rows = (numbers(2)[:, :, :1] > 1).astype(float)
    short = added_up(rows, Layout(1, 1, powers=True, share=True), np.zeros(1))
    long = added_up(rows, Layout(1, 1, powers=True), np.zeros(1))
    np.testing.assert_array_equal(short.covariance, long.covariance)
    np.testing.assert_array_equal(short.shape, long.shape)


def test_groups_add_up_to_the_whole() -> None:
    rows, layout, centre = numbers(3), Layout(4, 2, powers=False), np.zeros(4)
    parts = [added_up(rows[:, :20], layout, centre), added_up(rows[:, 20:], layout, centre)]
    np.testing.assert_allclose(
        added(parts).covariance, added_up(rows, layout, centre).covariance, rtol=1e-9, atol=1e-12
    )
