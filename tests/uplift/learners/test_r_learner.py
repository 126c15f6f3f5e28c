from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from retention_lab.uplift.boosting import BoostingParams
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.learners.r_learner import fit_boosted_r, fit_r_learner, shallow
from retention_lab.uplift.nuisances import Nuisances, Task, prepare
from retention_lab.uplift.trees import read_trees
from tests.uplift.populations import Population, confounded, knowing, population

Fit = Callable[[Task], EffectModels]
EITHER = pytest.mark.parametrize("fit", [fit_r_learner, fit_boosted_r])


def error(found: Population, effect: np.ndarray) -> float:
    """Root mean squared error over the spread of the true effects, the worst of the offers."""
    return float(np.max(np.sqrt(np.mean((effect - found.effect) ** 2, axis=0)) / found.effect.std(axis=0)))


@EITHER
def test_who_responds_is_found_where_chances_of_the_offer_differ(fit: Fit) -> None:
    found = confounded(20_000, known=True)
    effect = fit(prepare(found.sample).whole).effect(found.sample.features)
    assert error(found, effect) < 0.4
    # the difference of the arms' means is off by more: those who do well got the offer
    arm, outcome = found.sample.arm, found.sample.outcome
    assert outcome[arm == 1].mean() - outcome[arm == 0].mean() > 0.5
    assert abs(effect.mean() - found.effect.mean()) < 0.06  # 3 standard errors of 20,000 rows


@EITHER
def test_what_was_expected_of_customers_leaves_no_trace(fit: Fit) -> None:
    task = knowing(population(2000))
    known, extra = task.nuisances, 10 * np.sin(3 * task.sample.features.values[:, 3])
    nuisances = Nuisances(known.mean + extra[:, None], known.propensity, estimated=False)
    shifted = replace(task, target=task.target + extra, nuisances=nuisances)
    features = task.sample.features
    np.testing.assert_allclose(fit(shifted).effect(features), fit(task).effect(features), atol=1e-6)


@EITHER
def test_effects_of_nothing_but_noise_are_small(fit: Fit) -> None:
    found = population(4000, strength=0.0)
    effect = fit(knowing(found)).effect(found.sample.features)
    # 4,000 rows of noise 1 know a group of 400 to about .12: trees choose the luckiest of them
    assert effect.std(axis=0).max() < 0.3


def test_small_trees_find_less_in_noise_than_deep_ones() -> None:
    task = knowing(population(4000, strength=0.0))
    features = task.sample.features
    small, deep = (fit(task).effect(features).std(axis=0) for fit in (fit_boosted_r, fit_r_learner))
    assert np.all(small < deep)


def test_small_trees_have_four_leaves() -> None:
    for one in fit_boosted_r(knowing(population(2000))).models:
        assert np.diff(read_trees(one.text).first_leaf).max() == 4
    params = BoostingParams(rounds=100, threads=2, seed=3)
    assert (shallow(params).leaves, shallow(params).seed, shallow(params).threads) == (4, 3, 2)
