import numpy as np
import pytest

from retention_lab.features import numeric_features
from retention_lab.uplift.boosting import Boosted, BoostingParams, binned, constant_model
from retention_lab.uplift.learners.effect_models import EffectModels


def fitted() -> tuple[EffectModels, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 3))
    x[::8, 1] = np.nan
    bins = binned(numeric_features(x), BoostingParams(rounds=20, min_rows_in_leaf=10))
    targets = (x[:, 0], np.where(np.isnan(x[:, 1]), 2.0, x[:, 1]))
    return EffectModels(tuple(bins.train(y, "regression") for y in targets)), x


def test_each_offer_has_a_column_of_its_own() -> None:
    model, x = fitted()
    found = model.effect(x)
    for k, one in enumerate(model.models):
        np.testing.assert_array_equal(found[:, k], one.predict(x))
    np.testing.assert_array_equal(model.effect(numeric_features(x)), found)


def test_parts_of_the_effects_sum_to_them() -> None:
    model, x = fitted()
    parts = model.contributions(x)
    assert parts.shape == (600, 2, 4)
    np.testing.assert_allclose(parts.sum(axis=2), model.effect(x), atol=1e-9)
    assert np.abs(parts[:, 0, 0]).mean() > 10 * np.abs(parts[:, 0, 2]).mean()


@pytest.mark.parametrize("offers", [1, 11])
def test_offers_keep_their_places_through_files(offers: int) -> None:
    model = EffectModels(tuple(constant_model(float(k)) for k in range(offers)))  # effect_10 before effect_2
    again = EffectModels.from_files(dict(sorted(model.to_files().items())))
    np.testing.assert_array_equal(again.effect(np.zeros((1, 2)))[0], np.arange(offers))


def test_a_model_is_its_files_bit_for_bit() -> None:
    model, x = fitted()
    again = EffectModels.from_files(model.to_files())
    np.testing.assert_array_equal(again.effect(x), model.effect(x))
    assert all(isinstance(one, Boosted) for one in again.models)
