from dataclasses import dataclass

import numpy as np
import pytest

from retention_lab.uplift.boosting import constant_model
from retention_lab.uplift.learners.r_learner import fit_boosted_r
from retention_lab.uplift.learners.scaled_r import ScaledEffects, fit_scaled_r
from retention_lab.uplift.nuisances import prepare
from tests.uplift.populations import on_log_odds, population


@dataclass(frozen=True)
class FixedMeans:
    means: tuple[float, ...]

    def mean(self, values: np.ndarray) -> np.ndarray:
        return np.tile(self.means, (len(values), 1))


def model(*means: float, floor: float, binary: bool) -> ScaledEffects:
    models = (constant_model(2.0),) * (len(means) - 1)
    return ScaledEffects(FixedMeans(means), models, (0.5, 0.3, 0.2), floor, binary)  # type: ignore[arg-type]


def test_the_scale_of_a_share_is_its_variance() -> None:
    one = model(0.1, 0.2, 0.4, floor=0.01, binary=True)
    levels = np.array([(0.5 * 0.1 + 0.3 * 0.2) / 0.8, (0.5 * 0.1 + 0.2 * 0.4) / 0.7])
    np.testing.assert_allclose(one.effect(np.zeros((1, 1)))[0], 2 * levels * (1 - levels))


def test_the_scale_of_money_is_its_mean() -> None:
    one = model(10.0, 20.0, 40.0, floor=0.2, binary=False)
    np.testing.assert_allclose(one.effect(np.zeros((1, 1)))[0], [2 * 11 / 0.8, 2 * 13 / 0.7])


def test_nobody_is_out_of_all_reach() -> None:
    one = model(0.0, 0.0, 1.0, floor=0.01, binary=True)
    found = one.scale(np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [-0.5, 0.0, 0.0]]), 1)
    np.testing.assert_allclose(found, [0.01 * 0.99, 0.01, 0.01 * 0.99])


def test_effects_on_log_odds_are_found_better_than_without_the_scale() -> None:
    train, test = on_log_odds(20_000), on_log_odds(10_000, seed=2)
    task = prepare(train.sample).whole
    errors = [
        float(np.mean((fit(task).effect(test.sample.features) - test.effect) ** 2))
        for fit in (fit_scaled_r, fit_boosted_r)
    ]
    assert errors[0] < 0.8 * errors[1]


def test_outcomes_on_both_sides_of_nought_have_no_scale() -> None:
    found = population(2000)
    assert found.sample.outcome.min() < 0 < found.sample.outcome.mean()
    task = prepare(found.sample).whole
    scaled, plain = fit_scaled_r(task), fit_boosted_r(task)
    assert scaled.floor == 0
    features = found.sample.features
    np.testing.assert_allclose(scaled.effect(features), plain.effect(features), atol=1e-9)


def test_a_few_returns_do_not_take_the_scale_away() -> None:
    found = population(2000, binary=True).sample
    outcome = 10.0 * found.outcome
    outcome[::100] = -5.0
    assert fit_scaled_r(prepare(found.with_outcome(outcome)).whole).floor > 0


@pytest.mark.parametrize("binary", [False, True])
def test_a_model_is_its_files_bit_for_bit(binary: bool) -> None:
    sample = population(1000, binary=binary).sample
    one = fit_scaled_r(prepare(sample).whole)
    again = ScaledEffects.from_files(one.to_files())
    np.testing.assert_array_equal(again.effect(sample.features), one.effect(sample.features))
    assert (again.shares, again.floor, again.binary) == (one.shares, one.floor, one.binary)
