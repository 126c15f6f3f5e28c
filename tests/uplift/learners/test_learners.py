"""What every learner must do, asked of each one that is registered."""

import numpy as np
import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.uplift import fit
from retention_lab.uplift.learners import LEARNERS, learner
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import population

EVERY = pytest.mark.parametrize("name", list(LEARNERS))


@EVERY
@pytest.mark.parametrize("binary", [False, True])
def test_average_effects_come_out_right(name: str, binary: bool) -> None:
    found = population(6000, binary=binary)
    effect = fit(name, found.sample).effect(found.sample.features)
    assert effect.shape == (6000, 2)
    # a shared model shrinks: a third of the effect's own size is allowed beside the noise of 6,000 rows
    np.testing.assert_allclose(effect.mean(axis=0), found.effect.mean(axis=0), atol=0.12)


@EVERY
def test_a_model_survives_its_files_bit_for_bit(name: str) -> None:
    found = population(800)
    model = fit(name, found.sample)
    files = model.to_files()
    again = learner(name).from_files(files)
    np.testing.assert_array_equal(again.effect(found.sample.features), model.effect(found.sample.features))
    assert again.to_files() == files


@EVERY
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    sample = population(800).sample
    assert fit(name, sample, seed=3).to_files() == fit(name, sample, seed=3).to_files()


@EVERY
def test_a_plain_matrix_is_as_good_as_features(name: str) -> None:
    sample = population(800).sample
    model = fit(name, sample)
    np.testing.assert_array_equal(model.effect(sample.features.values), model.effect(sample.features))


@EVERY
def test_effects_follow_the_outcome_into_another_unit(name: str) -> None:
    sample = population(800).sample
    cents = UpliftSample(sample.features, sample.arm, 128 * sample.outcome, sample.propensity)
    plain, scaled = fit(name, sample).effect(sample.features), fit(name, cents).effect(sample.features)
    np.testing.assert_allclose(scaled, 128 * plain, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in LEARNERS if name != "constant"])
def test_who_responds_is_found(name: str) -> None:
    train, test = population(6000, seed=1), population(3000, seed=2)
    effect = fit(name, train.sample).effect(test.sample.features)
    for k in range(2):
        assert np.corrcoef(effect[:, k], test.effect[:, k])[0, 1] > 0.7


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 't'"):
        learner("tt")
