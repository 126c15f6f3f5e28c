import numpy as np
import pytest

from retention_lab.demand.autoregression import fit_autoregression
from tests.demand.panels import noisy_with_campaigns, panel_with


def walk(length: int, weight: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.zeros(length)
    for t in range(1, length):
        values[t] = weight * values[t - 1] + rng.normal()
    return values + 50.0


def test_the_weight_of_the_last_value_is_found() -> None:
    found = fit_autoregression(panel_with(walk(2_000, 0.7)[None]), 1)
    assert found.weight[0, 0] == pytest.approx(0.7, abs=0.06)  # 3.3 standard errors of sqrt((1 - .49) / 2000)


def test_the_forecast_is_the_recursion_of_its_own_weights() -> None:
    panel = panel_with(walk(200, 0.7)[None])
    found = fit_autoregression(panel, 1)
    path = list(panel.values[0])
    for _ in range(3):
        last = np.array([path[-lag] for lag in found.lags])
        path.append(float(found.constant[0] + last @ found.weight[0]))
    np.testing.assert_allclose(found.forecast(panel, np.array([200]), 3)[0, 0], path[-3:])


def test_a_campaigns_lift_is_found() -> None:
    values, calendar = noisy_with_campaigns(series=3, length=110)
    found = fit_autoregression(panel_with(values, calendar), 1)
    np.testing.assert_allclose(found.lift, 40.0, atol=6.0)


def test_a_series_that_would_grow_without_end_keeps_its_mean() -> None:
    growing = 1.2 ** np.arange(40.0)
    found = fit_autoregression(panel_with(growing[None]), 1)
    np.testing.assert_array_equal(found.weight, 0.0)
    assert found.constant[0] == pytest.approx(growing.mean())
