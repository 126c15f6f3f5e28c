import numpy as np
import pytest

from retention_lab.abtest.design.entry import all_at_once, first_entries, returning_entry, steady_entry
from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError


def expected_entries(pool: float, shape: float, mean_rate: float, inflow: float, days: int) -> Floats:
    """First entries a day of a pool whose visiting rates are gamma distributed, and of newcomers."""
    edge = np.arange(days + 1)
    return np.diff(pool * (1 - (1 + edge * mean_rate / shape) ** -shape)) + inflow


def simulated_entries(days: int, seed: int) -> Ints:
    """The same from customers who come: 20,000 regulars, most of them rarely, and 20 newcomers a day."""
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(-2.5, 1.2, 20_000)  # not the model's gamma, on purpose
    first = rng.geometric(-np.expm1(-rate)) - 1
    return np.bincount(first[first < days], minlength=days) + rng.poisson(20, days)


def test_a_returning_customer_counts_once_on_the_first_day() -> None:
    unit = np.array(["b", "a", "a", "c", "b", "a"])
    day = np.array([3, 1, 0, 3, 1, 4])
    np.testing.assert_array_equal(first_entries(unit, day, 5), [1, 1, 0, 1, 0])


def test_new_units_make_a_line() -> None:
    curve = steady_entry(np.array([90, 110, 100, 100, 80, 120, 100]))
    np.testing.assert_allclose(curve.units_by(np.array([0, 1, 10, 100])), [0, 100, 1_000, 10_000])


def test_inside_the_history_the_curve_is_what_was_counted() -> None:
    entries = simulated_entries(28, 1)
    curve = returning_entry(entries)
    np.testing.assert_allclose(curve.units_by(np.arange(29)), np.concatenate([[0], np.cumsum(entries)]))


def test_the_curve_neither_falls_nor_jumps_where_the_history_ends() -> None:
    entries = simulated_entries(35, 2)
    by_day = returning_entry(entries[:28]).units_by(np.arange(1, 113))
    assert np.all(np.diff(by_day) >= 0)
    assert np.diff(by_day)[27] == pytest.approx(entries[21:].mean(), rel=0.1)


@pytest.mark.parametrize(
    ("shape", "mean_rate", "inflow"), [(0.6, 0.1, 20.0), (2.0, 0.05, 0.0), (1.0, 0.3, 30.0)]
)
def test_a_pool_that_fits_the_model_is_continued(shape: float, mean_rate: float, inflow: float) -> None:
    entries = expected_entries(20_000, shape, mean_rate, inflow, 112)
    curve = returning_entry(entries[:28])
    truth = np.cumsum(entries)[[55, 83, 111]]
    np.testing.assert_allclose(curve.units_by(np.array([56, 84, 112])), truth, rtol=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_simulated_customers_are_forecast_where_a_line_promises_far_too_many(seed: int) -> None:
    entries = simulated_entries(84, seed)
    curve = returning_entry(entries[:28])
    truth = np.cumsum(entries)[[55, 83]]
    # One history of 28 days: within 5 % at twice its length, 10 % at three times.
    error = curve.units_by(np.array([56, 84])) / truth - 1
    assert np.all(np.abs(error) < [0.05, 0.10])
    line = entries[:7].mean() * 56
    assert line > 2 * truth[0]


def test_weekends_do_not_pass_for_a_curve_that_flattens() -> None:
    week = np.array([110, 110, 110, 110, 130, 70, 60])
    curve = returning_entry(np.tile(week, 4))
    assert curve.units_by(np.array([112]))[0] == pytest.approx(16 * week.sum(), rel=0.02)


def test_a_curve_speaks_of_four_histories_at_most() -> None:
    curve = returning_entry(simulated_entries(14, 3))
    assert curve.last_day == 56
    with pytest.raises(LabError, match="speaks of 56 days"):
        curve.units_by(np.array([57]))


def test_histories_that_cannot_say_anything_are_refused() -> None:
    for build, days in ((steady_entry, 7), (returning_entry, 14)):
        with pytest.raises(LabError, match=f"Give at least {days}"):
            build(np.full(days - 1, 100))
        with pytest.raises(LabError, match="Nobody entered"):
            build(np.zeros(14, dtype=np.int64))
        with pytest.raises(LabError, match="Day 3"):
            build(np.array([5, 5, -1] + 14 * [50]))
    with pytest.raises(LabError, match="Only 98 units"):
        returning_entry(np.full(14, 7))
    with pytest.raises(LabError, match="Visit 2 lies on day 7"):
        first_entries(np.array([1, 2]), np.array([0, 7]), 7)


def test_a_list_enters_on_its_first_day_and_nobody_later() -> None:
    curve = all_at_once(250)
    np.testing.assert_allclose(curve.units_by(np.array([0, 1, 2, 365])), [0, 250, 250, 250])
    with pytest.raises(LabError, match="Nobody is there to enter"):
        all_at_once(0)
