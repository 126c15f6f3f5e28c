import numpy as np
import pytest

from retention_lab.uplift.boosting import constant_model
from retention_lab.uplift.learners.effect_models import EffectModels
from retention_lab.uplift.learners.t_learner import fit_t_learner
from retention_lab.uplift.learners.x_learner import XLearner, fit_x_learner
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import Population, knowing, partly_feasible, population


def few_treated(rows: int, seed: int = 1, share: float = 0.03) -> Population:
    """A simple effect beside an outcome that is not simple; hardly anybody got the offer."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    base = 2 * np.sin(2 * x[:, 0]) + x[:, 1] ** 2
    mean = np.column_stack([base, base + (x[:, 2] > 0)])
    arm = (rng.random(rows) < share).astype(int)
    outcome = mean[np.arange(rows), arm] + rng.normal(size=rows)
    propensity = np.tile([1 - share, share], (rows, 1))
    return Population(UpliftSample(x, arm, outcome, propensity), mean[:, 1:] - mean[:, :1], mean)


def test_each_side_counts_by_the_share_of_the_other() -> None:
    def side(*values: float) -> EffectModels:
        return EffectModels(tuple(constant_model(value) for value in values))

    model = XLearner(side(1.0, 10.0), side(2.0, 20.0), (0.1, 0.5))
    np.testing.assert_allclose(model.effect(np.zeros((2, 1))), [[0.9 + 0.2, 5 + 10]] * 2)
    np.testing.assert_allclose(model.contributions(np.zeros((2, 1))).sum(axis=2), [[1.1, 15.0]] * 2)


def test_a_small_arm_is_served_by_the_model_of_the_large_one() -> None:
    train, test = few_treated(10_000), few_treated(5000, seed=2)
    task = prepare(train.sample).whole
    errors = [
        float(np.mean((fit(task).effect(test.sample.features) - test.effect) ** 2))
        for fit in (fit_x_learner, fit_t_learner)
    ]
    assert errors[0] < 0.7 * errors[1]


def test_shares_are_of_those_who_could_have_got_either() -> None:
    found = partly_feasible(4000)
    model = fit_x_learner(prepare(found.sample).whole)
    arm, able = found.sample.arm, found.sample.features.values[:, 3] <= 0
    wanted = [np.sum(arm == 1) / np.sum(arm < 2), np.sum(arm == 2) / np.sum((arm != 1) & able)]
    assert model.offer_share == pytest.approx(tuple(wanted))


def test_where_nothing_is_noise_both_sides_say_the_effect() -> None:
    found = population(4000)
    arm = found.sample.arm
    exact = found.sample.with_outcome(found.mean[np.arange(4000), arm])
    model = fit_x_learner(knowing(Population(exact, found.effect, found.mean)))
    for side in (model.treated, model.control):
        effect = side.effect(found.sample.features)
        # 60 steps of .1 leave some of the way to go, and the outcome's far tails are drawn in
        assert np.sqrt(np.mean((effect - found.effect) ** 2, axis=0)).max() < 0.1


def test_a_model_is_its_files_bit_for_bit() -> None:
    sample = population(1000).sample
    model = fit_x_learner(prepare(sample).whole)
    again = XLearner.from_files(model.to_files())
    assert again.offer_share == model.offer_share
    np.testing.assert_array_equal(again.effect(sample.features), model.effect(sample.features))
    parts = model.contributions(sample.features).sum(axis=2)
    np.testing.assert_allclose(parts, model.effect(sample.features), atol=1e-9)
