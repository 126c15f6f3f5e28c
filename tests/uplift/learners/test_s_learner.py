import numpy as np
import pytest

from retention_lab.uplift import fit
from retention_lab.uplift.learners.s_learner import SLearner, fit_s_learner
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import population


def with_outcome(outcome: np.ndarray, rows: int = 2000) -> UpliftSample:
    sample = population(rows).sample
    return UpliftSample(sample.features, sample.arm, outcome, sample.propensity)


def test_where_the_arm_says_nothing_no_effect_is_invented() -> None:
    x = population(2000).sample.features.values
    model = fit("s", with_outcome(np.round(x[:, 2])))
    assert np.abs(model.effect(x)).mean() < 0.02


def test_a_constant_effect_is_found_for_each_offer() -> None:
    sample = population(2000).sample
    x = sample.features.values
    effect = fit("s", with_outcome(x[:, 2] + np.array([0.0, 1.0, -2.0])[sample.arm])).effect(x)
    # one model for all is regularised: a tenth of the smaller effect is allowed
    np.testing.assert_allclose(effect.mean(axis=0), [1.0, -2.0], atol=0.1)


def test_effects_are_shrunk_towards_zero_rather_than_away() -> None:
    found = population(3000)
    effect = fit("s", found.sample).effect(found.sample.features)
    for k in range(2):
        slope = np.polyfit(found.effect[:, k], effect[:, k], 1)[0]
        assert 0.2 < slope < 1.1


def test_one_model_speaks_about_all_arms() -> None:
    task = prepare(population(800).sample)
    model = fit_s_learner(task.whole)
    files = model.to_files()
    assert set(files) == {"arms.json", *(f"{fold}/model.txt" for fold in range(task.fold_count))}
    again = SLearner.from_files(files)
    assert sorted(again.outcomes.places) == [0, 1, 2]
    assert again.effect(task.sample.features).shape == (800, 2)


@pytest.mark.parametrize("rows", [1, 7])
def test_each_customers_effect_is_the_same_alone_and_among_others(rows: int) -> None:
    sample = population(800).sample
    model = fit("s", sample)
    values = sample.features.values
    np.testing.assert_array_equal(model.effect(values)[:rows], model.effect(values[:rows]))
