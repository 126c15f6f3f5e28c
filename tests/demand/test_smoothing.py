import numpy as np
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from retention_lab.demand.smoothing import Settings, Smoothing, fit_holt_winters, fit_smoothing
from tests.demand.panels import panel_with, seasonal

ORIGIN = np.array([52])


def settings(level: float, trend: float, damping: float, weight: float, *, season: bool) -> Settings:
    """The same for one series and for those not seen."""
    values = (level, trend, damping)
    return Settings(*(np.full(2, value) for value in values), np.full(2, season), np.full(2, weight))


def test_states_and_forecasts_are_those_of_statsmodels() -> None:
    y, m = seasonal(1, 52, noise=0.05)[0], 13
    # theirs begin from the mean and shape of the first season, as ours do when it is complete
    start = y[:m].mean()
    known = {"initial_level": start, "initial_trend": 0.0, "initial_seasonal": y[:m] - start}
    model = ExponentialSmoothing(
        y[m:], trend="add", damped_trend=True, seasonal="add", seasonal_periods=m,
        initialization_method="known", **known,
    )  # fmt: skip
    weights = {"smoothing_level": 0.3, "smoothing_trend": 0.2, "smoothing_seasonal": 0.15}
    theirs = model.fit(**weights, damping_trend=0.9, optimized=False)
    ours = Smoothing(("s0",), settings(0.3, 0.2, 0.9, 0.15, season=True), m)
    found = ours.forecast(panel_with(y[None]), ORIGIN, 25)[0, 0]
    same = np.arange(25) != 12  # theirs leaves the season of the very last value as it was before
    np.testing.assert_allclose(found[same], np.asarray(theirs.forecast(25))[same], rtol=1e-9)


def test_a_level_is_the_weighted_mean_of_the_past() -> None:
    ours = Smoothing(("s0",), settings(0.5, 0.0, 0.0, 0.0, season=False), 1)
    found = ours.forecast(panel_with(np.array([[8.0, 4.0, 2.0]])), np.array([1, 3]), 2)
    np.testing.assert_allclose(found[0], [[8.0, 8.0], [4.0, 4.0]])


def test_steady_series_get_small_weights_and_wandering_ones_large() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(20, 150))
    steady = fit_smoothing(panel_with(100 + noise)).settings.level[:-1]
    wandering = fit_smoothing(panel_with(100 + np.cumsum(noise, axis=1))).settings.level[:-1]
    assert np.median(steady) <= 0.1
    assert np.median(wandering) >= 0.8


@pytest.mark.parametrize(("length", "season"), [(78, True), (18, False)])
def test_a_season_is_learned_only_where_one_and_a_half_were_seen(length: int, season: bool) -> None:
    found = fit_holt_winters(panel_with(seasonal(2, length)), 13)
    assert found.settings.seasonal[:-1].all() == season
