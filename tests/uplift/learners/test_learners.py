"""What every learner must do, asked of each one that is registered."""

from dataclasses import replace

import numpy as np
import pytest

from retention_lab.errors import ConfigurationError
from retention_lab.uplift import fit
from retention_lab.uplift.learners import LEARNERS, learner, read_model
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import fit_candidate
from tests.uplift.populations import population

BINARY_ONLY = ("causalml.uplift_forest", "two_part")  # the latter: no negative outcomes
ALL = ("stack", *LEARNERS)


def each(*names: str) -> pytest.MarkDecorator:
    """Asked of every learner; of causalml's, which take seconds, only when there is time."""
    slow = pytest.mark.slow
    found = [pytest.param(n, marks=slow if n.startswith("causalml.") else ()) for n in names]
    return pytest.mark.parametrize("name", found)


def sample_for(name: str, rows: int = 800) -> UpliftSample:
    return population(rows, binary=name in BINARY_ONLY).sample


@each(*(name for name in ALL if name not in BINARY_ONLY))
def test_average_effects_on_numbers_come_out_right(name: str) -> None:
    assert_right_on_average(name, binary=False)


@each(*ALL)
def test_average_effects_on_shares_come_out_right(name: str) -> None:
    assert_right_on_average(name, binary=True)


def assert_right_on_average(name: str, *, binary: bool) -> None:
    found = population(6000, binary=binary)
    effect = fit(name, found.sample).effect(found.sample.features)
    assert effect.shape == (6000, 2)
    # a shared model shrinks: a third of the effect's own size is allowed beside the noise of 6,000 rows
    np.testing.assert_allclose(effect.mean(axis=0), found.effect.mean(axis=0), atol=0.12)


@each(*ALL)
def test_a_model_survives_its_files_bit_for_bit(name: str) -> None:
    sample = sample_for(name)
    model = fit(name, sample)
    files = model.to_files()
    again = read_model(name, files)
    np.testing.assert_array_equal(again.effect(sample.features), model.effect(sample.features))
    assert again.to_files() == files


@each(*ALL)
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    sample = sample_for(name)
    assert fit(name, sample, seed=3).to_files() == fit(name, sample, seed=3).to_files()


@each(*ALL)
def test_a_plain_matrix_is_as_good_as_features(name: str) -> None:
    sample = sample_for(name)
    model = fit(name, sample)
    np.testing.assert_array_equal(model.effect(sample.features.values), model.effect(sample.features))


@each(*(name for name in ALL if name not in BINARY_ONLY))
def test_effects_follow_the_outcome_into_another_unit(name: str) -> None:
    task = prepare(population(800).sample)  # with other outcomes rows would fall into other folds
    cents = replace(task, sample=task.sample.with_outcome(128 * task.sample.outcome))
    x = task.sample.features
    plain, scaled = (fit_candidate(name, one).model.effect(x) for one in (task, cents))
    np.testing.assert_allclose(scaled, 128 * plain, rtol=1e-6, atol=1e-6)


@each(*(name for name in ALL if name != "constant"))
def test_who_responds_is_found(name: str) -> None:
    binary = name in BINARY_ONLY
    train, test = population(6000, seed=1, binary=binary), population(3000, seed=2, binary=binary)
    effect = fit(name, train.sample).effect(test.sample.features)
    for k in range(2):
        assert np.corrcoef(effect[:, k], test.effect[:, k])[0, 1] > 0.7


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 't'"):
        learner("tt")
