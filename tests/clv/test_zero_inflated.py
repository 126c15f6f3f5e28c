import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.clv.zero_inflated import ZeroInflated, fit_zero_inflated, gradients, zero_inflated_loss
from retention_lab.errors import LabError


def spenders(n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """(n, 2) features, (n,) values, (n,) true expectations."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 2))
    chance = 1 / (1 + np.exp(1 - features[:, 0]))
    mean, spread = 2 + 0.5 * features[:, 1], 0.8
    value = np.where(rng.random(n) < chance, np.exp(rng.normal(mean, spread)), 0.0)
    return features, value, chance * np.exp(mean + spread**2 / 2)


def test_slopes_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(1)
    scores, value = rng.normal(size=(50, 3)), np.where(rng.random(50) < 0.5, rng.gamma(2.0, 3.0, 50), 0.0)
    slope, curve = gradients(scores, value)
    for k in range(3):
        move = np.zeros(3)
        move[k] = 1e-6
        ahead, behind = (zero_inflated_loss(scores + side * move, value) for side in (1, -1))
        np.testing.assert_allclose(slope[:, k], (ahead - behind) / 2e-6, atol=1e-6)
    assert (curve > 0).all()


def test_expectations_are_found() -> None:
    features, value, _ = spenders(20_000, 1)
    fresh, _, true = spenders(5_000, 2)
    found = fit_zero_inflated(features, value)
    forecast = found.expected_value(fresh)
    assert forecast.mean() == pytest.approx(true.mean(), rel=0.06)
    assert np.corrcoef(forecast, true)[0, 1] > 0.9
    again = ZeroInflated.from_files(found.to_files())
    np.testing.assert_array_equal(again.expected_value(fresh), forecast)


@pytest.mark.parametrize("value", [[1.0, -1.0, 0.0], [1.0, np.nan, 0.0], [0.0, 0.0, 0.0], [1.0] * 30])
def test_values_that_tell_nothing_are_refused(value: list[float]) -> None:
    with pytest.raises(LabError):
        fit_zero_inflated(np.zeros((len(value), 1)), np.array(value))
