import numpy as np
import pytest

from retention_lab.demand.accuracy import absolute_share, period_mean, scaled_error, total_error
from retention_lab.demand.backtest import Rolled, roll, split_of
from retention_lab.demand.intervals import fit_spread
from retention_lab.demand.naive import Repeat, fit_moving_average
from retention_lab.demand.scale import error_scale, running_scale
from retention_lab.demand.totals import total_panel
from retention_lab.errors import LabError
from tests.demand.panels import panel_with, seasonal


def rolled(error: np.ndarray, horizon: int = 1, actual: float = 10.0) -> Rolled:
    """Forecasts of one series that are off by these errors (o, h)."""
    made = np.full((1, len(error), horizon), actual)
    return Rolled(made + error.reshape(1, -1, horizon), made, np.arange(len(error)))


def test_a_quarter_judges_and_the_quarter_before_it_chooses() -> None:
    found = split_of(160, 8, 52)
    assert (found.inner, found.cut, found.season) == (80, 120, 52)


def test_the_parts_shrink_until_a_season_is_seen() -> None:
    found = split_of(90, 8, 52)
    assert (found.inner, found.cut, found.season) == (52, 71, 52)


def test_a_season_that_nobody_has_seen_is_none() -> None:
    assert split_of(53, 8, 52).season == 1


def test_too_few_periods_are_refused_with_the_horizon_that_would_do() -> None:
    with pytest.raises(LabError, match="`horizon` to 6 or less"):
        split_of(40, 8, 52)


def test_every_target_lies_in_what_judges() -> None:
    panel = panel_with(seasonal(2, 60))
    found = roll(Repeat(13), panel, 40, 60, 4)
    assert found.origins.tolist() == list(range(40, 57))
    assert found.target.max() == 59
    np.testing.assert_allclose(found.forecast, found.actual)
    with pytest.raises(LabError, match="3 periods came later"):
        roll(Repeat(13), panel, 57, 60, 4)


def test_the_scale_is_the_mean_change_over_a_season_or_over_a_period() -> None:
    panel = panel_with(np.array([[1.0, 5.0, 2.0, 7.0], [np.nan, np.nan, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]]))
    np.testing.assert_array_equal(error_scale(panel, 2), [1.5, 1.0, np.nan])


def test_the_running_scale_reads_nothing_from_the_origin_on() -> None:
    panel = panel_with(np.array([[1.0, 3.0, 1e9]]))
    np.testing.assert_array_equal(running_scale(panel, np.array([2])), [[2.0]])


def test_measures_are_those_of_their_definitions() -> None:
    found = rolled(np.array([1.0, -3.0, 1.0, 1.0]))
    assert period_mean(scaled_error(found, np.array([2.0])), found).value == 0.75
    assert absolute_share(found).value == pytest.approx(0.15)
    assert total_error(found).value == pytest.approx(0.0)


def test_one_period_gives_no_interval() -> None:
    with pytest.raises(LabError, match="Fewer than two periods"):
        period_mean(np.ones((1, 1, 1)), rolled(np.ones(1)))


def test_sales_of_nothing_give_no_share() -> None:
    with pytest.raises(LabError, match="Nothing was sold"):
        absolute_share(rolled(np.ones(4), actual=0.0))


@pytest.mark.parametrize(("periods", "horizon"), [(24, 4), (40, 8)])
def test_the_mean_of_errors_that_overlap_is_covered(periods: int, horizon: int) -> None:
    runs, covered = 400, 0
    rng = np.random.default_rng(11)
    for _ in range(runs):
        shock = rng.normal(size=periods + horizon)
        # errors of a random walk: every step ahead adds one shock
        error = np.array([np.cumsum(shock[o : o + horizon]) for o in range(periods - horizon + 1)])
        found = period_mean(error[None], rolled(error, horizon))
        covered += found.low <= 0 <= found.high
    # at so few periods less than 95 % is expected, about 92 %; errors taken one by one would reach far less
    assert covered / runs >= 0.92 - 3.3 * np.sqrt(0.92 * 0.08 / runs)


def test_intervals_widen_with_the_step_and_stay_above_zero() -> None:
    rng = np.random.default_rng(3)
    panel = panel_with(np.abs(30 + np.cumsum(rng.normal(size=(5, 120)), axis=1)))
    found = roll(Repeat(1), panel, 60, 120, 6)
    spread = fit_spread(panel, found)
    assert (np.diff(spread.above) >= 0).all()
    forecast, low, high = spread.around(panel, np.array([120]), np.full((5, 1, 6), 1.0))
    assert (low >= 0).all()
    assert (low <= forecast).all()
    assert (forecast <= high).all()


def test_intervals_of_returns_may_lie_below_zero() -> None:
    panel = panel_with(seasonal(1, 80, noise=0.2) - 100)
    spread = fit_spread(panel, roll(Repeat(1), panel, 50, 80, 2))
    assert (spread.around(panel, np.array([80]), np.zeros((1, 1, 2)))[1] < 0).all()


def test_series_that_never_change_have_no_interval() -> None:
    panel = panel_with(np.zeros((1, 60)))
    with pytest.raises(LabError, match="No series changed"):
        fit_spread(panel, roll(Repeat(1), panel, 40, 60, 2))


def test_the_total_begins_with_the_first_series() -> None:
    panel = panel_with(np.array([[np.nan, 1.0, 2.0], [np.nan, np.nan, 5.0]]))
    np.testing.assert_array_equal(total_panel(panel).values, [[np.nan, 1.0, 7.0]])


def test_a_window_is_chosen_for_each_series() -> None:
    rng = np.random.default_rng(4)
    jumps = np.repeat(rng.normal(100, 30, size=30), 4)
    steady = 100 + 20 * rng.normal(size=120)
    found = fit_moving_average(panel_with(np.vstack([jumps, steady])), 1)
    assert found.window["s0"] < found.window["s1"]
