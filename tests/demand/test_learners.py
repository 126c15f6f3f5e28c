from dataclasses import replace

import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.demand.learners import LEARNERS, fit_learner, read_learner
from retention_lab.demand.panel import Panel
from retention_lab.errors import ConfigurationError, LabError
from tests.demand.panels import noisy_with_campaigns, panel_with, seasonal

SEASON, HORIZON = 13, 4
SEASONAL = ("seasonal_naive", "holt_winters", "autoregression", "tree", "forest", "lightgbm")
ORIGINS = np.array([60, 66, 78])


def forecasts(name: str, panel: Panel, origins: np.ndarray = ORIGINS) -> Floats:
    return fit_learner(name, panel.before(60), SEASON, HORIZON).forecast(panel, origins, HORIZON)


NOISY = panel_with(seasonal(4, noise=0.1))


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_is_read_back_to_the_bit(name: str) -> None:
    model = fit_learner(name, NOISY, SEASON, HORIZON)
    again = read_learner(name, model.to_files())
    one, other = (each.forecast(NOISY, ORIGINS, HORIZON) for each in (model, again))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (4, 3, HORIZON)
    assert np.isfinite(one).all()


@pytest.mark.parametrize("name", LEARNERS)
def test_nothing_from_the_origin_on_is_read(name: str) -> None:
    changed = NOISY.values.copy()
    changed[:, 66:] = 1e6
    found = forecasts(name, replace(NOISY, values=changed))
    np.testing.assert_array_equal(found[:, :2], forecasts(name, NOISY)[:, :2])


@pytest.mark.parametrize("name", LEARNERS)
def test_another_unit_gives_the_same_forecasts_in_that_unit(name: str) -> None:
    # a power of two: trees split at the same places to the bit
    found = forecasts(name, replace(NOISY, values=NOISY.values * 1024))
    np.testing.assert_allclose(found, forecasts(name, NOISY) * 1024, rtol=1e-6)


@pytest.mark.parametrize("name", LEARNERS)
def test_other_dates_give_the_same_forecasts(name: str) -> None:
    np.testing.assert_array_equal(forecasts(name, replace(NOISY, first=1_234)), forecasts(name, NOISY))


@pytest.mark.parametrize("name", SEASONAL)
def test_a_season_without_noise_is_repeated(name: str) -> None:
    truth = seasonal(4, 82)
    found = forecasts(name, panel_with(truth[:, :78]))[:, 2]
    # trees know it to a step of theirs, the others to the bit or nearly
    near = {"seasonal_naive": 1e-9, "holt_winters": 1e-6, "autoregression": 1e-3}.get(name, 9.0)
    np.testing.assert_allclose(found, truth[:, 78:82], atol=near)


def test_a_trend_is_followed_by_a_damped_trend_and_not_by_a_level() -> None:
    line = panel_with(np.tile(10.0 + 2.0 * np.arange(82), (2, 1)))
    ahead = line.values[:, 78:82]
    panel = replace(line, values=line.values[:, :78])
    trend, level = (np.abs(forecasts(name, panel)[:, 2] - ahead).mean() for name in ("holt_winters", "naive"))
    assert trend < 1.0
    assert level == pytest.approx(5.0)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_series_of_zeros_is_forecast_as_zero(name: str) -> None:
    values = np.vstack([seasonal(3, noise=0.1), np.zeros(78)])
    np.testing.assert_array_equal(forecasts(name, panel_with(values))[3], 0.0)


@pytest.mark.parametrize("name", LEARNERS)
def test_returns_may_outweigh_sales(name: str) -> None:
    values = seasonal(3, noise=0.1) - 150.0
    assert np.isfinite(forecasts(name, panel_with(values))).all()


@pytest.mark.parametrize("name", LEARNERS)
def test_a_series_that_has_not_begun_is_not_forecast_and_one_that_is_new_is(name: str) -> None:
    values = seasonal(4, noise=0.1)
    values[3, :64] = np.nan
    found = forecasts(name, panel_with(values))
    assert np.isnan(found[3, 0]).all()
    assert np.isfinite(found[3, 1:]).all()
    assert 20 < found[3, 2].mean() < 180


@pytest.mark.parametrize("name", ["autoregression", "lightgbm", "tree", "forest", "svm"])
def test_a_campaign_that_is_planned_lifts_the_forecast_by_what_it_lifted_before(name: str) -> None:
    values, calendar = noisy_with_campaigns()
    calendar[:, 110:] = 1.0
    panel = panel_with(values, calendar)
    model = fit_learner(name, panel, 1, 4)
    assert model.knows_campaigns
    origin = np.array([110])
    lift = model.forecast(panel, origin, 4) - model.forecast(panel.without_campaign(), origin, 4)
    assert lift.mean() == pytest.approx(40.0, abs=12.0)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_calendar_on_which_nothing_runs_changes_nothing(name: str) -> None:
    idle = replace(NOISY, campaign=np.zeros((4, 90)))
    np.testing.assert_array_equal(forecasts(name, idle), forecasts(name, NOISY))
    assert not fit_learner(name, idle, SEASON, HORIZON).knows_campaigns


def test_an_unknown_model_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'smoothing'"):
        fit_learner("smothing", NOISY, SEASON, HORIZON)


def test_too_short_a_past_is_refused_by_lags() -> None:
    with pytest.raises(LabError, match="too few to learn from lags"):
        fit_learner("lightgbm", NOISY.before(9), SEASON, HORIZON)
