import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.features import numeric_features
from retention_lab.uplift.boosting import Boosted, BoostingParams, binned, constant_model
from retention_lab.uplift.outcomes import (
    FEWEST_EVENTS,
    ArmModels,
    OutcomeModels,
    TwoPart,
    averaged,
    event_model,
    fit_probabilities,
    with_arm,
)
from tests.uplift.populations import population


def constants(*values: float) -> OutcomeModels:
    return OutcomeModels(tuple(constant_model(value) for value in values), (0, 1))


def test_two_parts_multiply() -> None:
    model = TwoPart(constant_model(0.1), constant_model(30.0))
    np.testing.assert_allclose(model.predict(np.zeros((2, 1))), [3.0, 3.0])


def test_several_models_are_averaged() -> None:
    both = averaged((constants(1.0), constants(3.0), constants(5.0)))
    np.testing.assert_allclose(both.mean(np.zeros((2, 1))), [[3.0, 3.0]] * 2)
    assert len(both.models) == 3


def test_models_and_parts_keep_their_places_through_files() -> None:
    parts = (TwoPart(constant_model(0.5), constant_model(4.0)), *(constant_model(8.0 + i) for i in range(11)))
    models = OutcomeModels(parts, (0, 2, 1))
    again = OutcomeModels.from_files(dict(sorted(models.to_files().items())))  # 10 before 2
    assert again == models


def test_models_of_arms_keep_their_order_through_files() -> None:
    models = ArmModels(tuple(constant_model(float(k)) for k in range(12)))
    again = ArmModels.from_files(dict(sorted(models.to_files().items())))  # arm_10 before arm_2
    assert again == models
    np.testing.assert_allclose(again.mean(np.zeros((1, 1)))[0], np.arange(12.0))


def test_each_arm_is_asked_by_its_own_place() -> None:
    rng = np.random.default_rng(3)
    arm, x = rng.integers(0, 3, 3000), rng.normal(size=(3000, 1))
    places = np.array([0, 2, 1])
    known = numeric_features(with_arm(x, places[arm], 3))
    model = binned(known, BoostingParams(), arms=2).train(
        np.array([1.0, 5.0, 9.0])[arm], "regression", arm_too=True
    )
    mean = OutcomeModels((model,), (0, 2, 1)).mean(x[:1])
    np.testing.assert_allclose(mean[0], [1.0, 5.0, 9.0], atol=0.1)


def test_models_that_are_not_told_of_the_arm_never_ask_it() -> None:
    rng = np.random.default_rng(3)
    arm, x = rng.integers(0, 2, 3000), rng.normal(size=(3000, 2))
    bins = binned(numeric_features(with_arm(x, arm, 2)), BoostingParams(), arms=1)
    blind = bins.train(5.0 * arm + 0.1 * x[:, 0] + rng.normal(size=3000), "regression")
    with_it, without = (blind.predict(with_arm(x, np.full(3000, k), 2)) for k in (1, 0))
    np.testing.assert_array_equal(with_it, without)
    np.testing.assert_array_equal(blind.predict(x), without)


def test_fitted_models_survive_their_files_bit_for_bit() -> None:
    sample = population(2000, binary=True).sample
    models = fit_probabilities(sample.features, sample.arm, sample.outcome, 3)
    again = ArmModels.from_files(models.to_files())
    np.testing.assert_array_equal(again.mean(sample.features), models.mean(sample.features))


@pytest.mark.parametrize("turned", [False, True])
def test_few_events_say_how_many_and_not_who(turned: bool) -> None:
    features = numeric_features(np.random.default_rng(1).normal(size=(1000, 2)))
    bins, rows = binned(features, BoostingParams()), np.arange(1000)
    for events, told_apart in ((FEWEST_EVENTS - 1, False), (FEWEST_EVENTS, True)):
        event = np.zeros(1000)
        event[np.argsort(features.values[:, 0])[:events]] = 1.0
        if turned:
            event = 1.0 - event
        found = event_model(bins, event, rows, None).predict(features.values)
        assert (len(np.unique(found)) > 1) == told_apart
        assert found.mean() == pytest.approx(event.mean(), rel=0.1)


def test_shares_are_of_those_whom_rows_stand_for() -> None:
    features = numeric_features(np.zeros((100, 1)))
    event, weight = np.zeros(100), np.ones(100)
    event[:10], weight[:10] = 1.0, 10.0
    found = event_model(binned(features, BoostingParams()), event, np.arange(100), weight)
    assert found.predict(np.zeros((1, 1)))[0] == pytest.approx(100 / 190)


def test_weighted_rows_give_the_probability_of_those_that_they_stand_for() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40_000, 1))
    event = (rng.random(40_000) < np.where(x[:, 0] > 0, 0.3, 0.1)).astype(float)
    chance = np.where(event == 1, 1.0, 0.25)  # of those without the event, a quarter is kept
    kept = rng.random(40_000) < chance
    features = numeric_features(x[kept])
    bins = binned(features, BoostingParams(rounds=50))
    model = event_model(bins, event[kept], np.arange(int(kept.sum())), 1 / chance[kept])
    found = model.predict(np.array([[-1.0], [1.0]]))
    np.testing.assert_allclose(found, [0.1, 0.3], atol=0.02)  # 4 standard errors of some 10,000 rows each


def test_an_arm_without_rows_is_refused() -> None:
    features = numeric_features(np.zeros((4, 1)))
    with pytest.raises(LabError, match="no rows"):
        fit_probabilities(features, np.zeros(4, dtype=int), np.ones(4), 2)


def test_models_read_back_are_boosted_ones() -> None:
    again = OutcomeModels.from_files(constants(1.0, 2.0).to_files())
    assert all(isinstance(one, Boosted) for one in again.models)
