import math
from dataclasses import replace

import numpy as np
import pytest

from retention_lab.uplift.boosting import BoostingParams, shallow
from retention_lab.uplift.nuisances import Prepared, prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import effect_loss, fit_candidate
from retention_lab.uplift.tuning import SETTINGS, Clock, Tuned, effect_losses, outcome_losses, tune
from tests.uplift.populations import population

COARSE = BoostingParams(rounds=3, leaves=2, learning_rate=0.02)  # moves by 6 % of what there is to see


class Ticking:
    """A clock on which every look takes a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1.0
        return self.seconds


@pytest.fixture(scope="module")
def coarse() -> tuple[Prepared, Tuned]:
    """A default that is clearly wrong, and what the search finds instead."""
    task = prepare(population(3300).sample, folds=2, params=COARSE, effect_params=shallow(COARSE))
    return task, tune(task)


@pytest.mark.slow
def test_a_clearly_wrong_default_is_replaced_and_its_losses_fall(coarse: tuple[Prepared, Tuned]) -> None:
    task, found = coarse
    better = task.with_settings(found.params, found.effect_params)
    # 1 is noise that no model foretells: of the rest, a third is found more
    assert outcome_losses(better).mean() - 1 < 2 / 3 * (outcome_losses(task).mean() - 1)
    assert effect_losses(better).mean() < effect_losses(task).mean()
    assert fit_candidate("stack", better).loss < fit_candidate("stack", task).loss


@pytest.mark.slow
def test_effects_come_nearer_to_the_truth(coarse: tuple[Prepared, Tuned]) -> None:
    task, found = coarse
    new = population(4000, seed=9)
    errors = [
        np.mean((fit_candidate("t", one).model.effect(new.sample.features) - new.effect) ** 2)
        for one in (task, task.with_settings(found.params, found.effect_params))
    ]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.slow
def test_the_rungs_grow_in_rows_and_shrink_in_settings(coarse: tuple[Prepared, Tuned]) -> None:
    found = coarse[1]
    assert found.finished
    for tuned in ("outcomes", "effects"):
        rungs = [rung for rung in found.rungs if rung.tuned == tuned]
        assert [rung.tried for rung in rungs] == [SETTINGS, SETTINGS // 3][: len(rungs)]
        assert [rung.rows for rung in rungs] == [1100, 3300]
        assert all(rung.best_loss <= rung.default_loss for rung in rungs)
    assert found.as_json()["rungs"][0]["best"]["rounds"] == found.rungs[0].best.rounds


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_rows() -> None:
    found = population(1500).sample
    turned = np.random.default_rng(5).permutation(1500)
    one, again = (
        tune(prepare(s, folds=2, params=COARSE), effects=False) for s in (found, found.rows(turned))
    )
    assert one.params == again.params
    assert one.effect_params == shallow(COARSE)
    for rung, other in zip(one.rungs, again.rungs, strict=True):
        assert rung.best == other.best
        assert rung.best_loss == pytest.approx(other.best_loss, rel=1e-9)


def test_the_search_stops_in_time() -> None:
    task = prepare(population(1500).sample, folds=2)
    ticking = Ticking()
    found = tune(task, clock=Clock(ticking, 40.0), effects=False)
    assert not found.finished
    assert ticking.seconds < 60.0  # a setting takes two or three looks, and the last may end a bit late
    assert 0 < sum(rung.tried for rung in found.rungs) < SETTINGS


def test_without_time_the_default_stays() -> None:
    task = prepare(population(900).sample, folds=2)
    found = tune(task, clock=Clock(lambda: 5.0, 5.0))
    assert (found.params, found.effect_params, found.rungs) == (task.params, task.effect_params, ())
    assert not found.finished


def test_noise_does_not_replace_the_default_by_luck_alone() -> None:
    """Where no setting foretells anything, those that say least are best: the default does not, and goes."""
    rng = np.random.default_rng(2)
    x, arm = rng.normal(size=(1500, 3)), rng.integers(0, 2, 1500)
    task = prepare(UpliftSample(x, arm, rng.normal(size=1500), np.full((1500, 2), 0.5)), folds=2)
    found = tune(task, effects=False)
    travel = [p.rounds * p.learning_rate for p in (task.params, found.params)]
    assert travel[1] < travel[0]


def test_the_loss_of_effects_is_the_one_that_candidates_are_picked_by() -> None:
    for sample in (population(900).sample, replace_propensity(population(900).sample)):
        task = prepare(sample, folds=2)
        terms = effect_losses(task)
        candidates = fit_candidate("constant", task)
        assert terms.shape == (900,)
        assert math.isfinite(terms.mean())
        assert terms.mean() < 1.1 * effect_loss(task.whole, candidates.effect)


def replace_propensity(sample: UpliftSample) -> UpliftSample:
    return UpliftSample(sample.features, sample.arm, sample.outcome)


def test_other_settings_leave_estimated_propensities_and_folds_as_they_are() -> None:
    task = prepare(replace_propensity(population(900).sample), folds=2)
    other = task.with_settings(replace(task.params, rounds=5), task.effect_params)
    np.testing.assert_array_equal(other.nuisances.propensity, task.nuisances.propensity)
    np.testing.assert_array_equal(other.fold, task.fold)
    assert np.abs(other.nuisances.mean - task.nuisances.mean).max() > 0
