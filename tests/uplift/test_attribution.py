import numpy as np
import pytest
from scipy.special import expit

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from retention_lab.uplift.attribution import (
    prediction_contributions,
    product_contributions,
    rescaled_contributions,
)
from retention_lab.uplift.boosting import Boosted, BoostingParams, binned, constant_model

PARAMS = BoostingParams(rounds=30, min_rows_in_leaf=20)


def draw(seed: int, rows: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, 5))


def customers(rows: int = 1500) -> Features:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 3))
    x[rng.random((rows, 3)) < 0.1] = np.nan
    level = rng.integers(0, 4, rows).astype(float)
    schema = FeatureSchema(("a", "b", "c", "channel"), (None, None, None, tuple("wxyz")))
    return Features(np.column_stack([x, level]), schema)


def fitted(objective: str) -> tuple[Boosted, Features]:
    features = customers()
    score = np.nan_to_num(features.values[:, 0]) + (features.values[:, 3] == 2)
    target = score if objective == "regression" else (score > 0.3).astype(float)
    return binned(features, PARAMS).train(target, objective), features  # type: ignore[arg-type]


def test_contributions_of_a_product_sum_to_the_product() -> None:
    a, b = draw(1), draw(2)
    np.testing.assert_allclose(product_contributions(a, b).sum(axis=1), a.sum(axis=1) * b.sum(axis=1))


def test_the_factors_of_a_product_change_places_freely() -> None:
    a, b = draw(1), draw(2)
    np.testing.assert_allclose(product_contributions(a, b), product_contributions(b, a))


def test_a_product_with_a_constant_scales_the_contributions() -> None:
    a, constant = draw(1), np.zeros((200, 5))
    constant[:, -1] = 3.0
    np.testing.assert_allclose(product_contributions(a, constant), 3.0 * a)


def test_features_of_one_factor_alone_explain_that_factor_as_exact_shapley_values_do() -> None:
    # f(x1) g(x2) with base values f0, g0: the two orders of adding x1 and x2 average to this
    f, g, f0, g0 = 2.5, -1.0, 0.5, 3.0
    found = product_contributions(np.array([[f - f0, 0.0, f0]]), np.array([[0.0, g - g0, g0]]))
    by_order = [((f - f0) * g0 + (f - f0) * g) / 2, ((g - g0) * f0 + (g - g0) * f) / 2, f0 * g0]
    np.testing.assert_allclose(found[0], by_order)


def test_contributions_of_different_rows_are_not_multiplied() -> None:
    with pytest.raises(LabError, match="cannot be multiplied"):
        product_contributions(draw(1, 3), draw(1, 4))


def test_rescaled_contributions_sum_to_the_linked_prediction() -> None:
    raw = draw(3)
    found = rescaled_contributions(raw, raw.sum(axis=1), expit)
    np.testing.assert_allclose(found.sum(axis=1), expit(raw.sum(axis=1)), atol=1e-12)
    np.testing.assert_allclose(found[:, -1], expit(raw[:, -1]))


def test_a_linear_link_multiplies_every_contribution() -> None:
    raw = draw(3)
    np.testing.assert_allclose(rescaled_contributions(raw, raw.sum(axis=1), lambda x: 2 * x), 2 * raw)


def test_contributions_that_cancel_are_rescaled_by_the_slope() -> None:
    raw = np.array([[1.0, -1.0, 0.3], [1.0, -1.0 + 1e-9, 0.3], [1.0, -1.0 + 1e-5, 0.3]])
    found = rescaled_contributions(raw, raw.sum(axis=1), expit)
    slope = expit(0.3) * (1 - expit(0.3))
    np.testing.assert_allclose(found[:, 0], slope, rtol=1e-5)  # no jump where the quotient takes over
    np.testing.assert_allclose(found.sum(axis=1), expit(raw.sum(axis=1)), atol=1e-12)


@pytest.mark.parametrize("objective", ["regression", "binary"])
def test_contributions_of_a_model_sum_to_its_prediction(objective: str) -> None:
    model, features = fitted(objective)
    found = prediction_contributions(model, features.values)
    assert found.shape == (1500, 5)
    np.testing.assert_allclose(found.sum(axis=1), model.predict(features.values), atol=1e-10)


def test_a_saved_model_is_explained_bit_for_bit_the_same() -> None:
    model, features = fitted("binary")
    again = prediction_contributions(Boosted(model.text), features.values)
    np.testing.assert_array_equal(again, prediction_contributions(model, features.values))


def test_log_loss_is_explained_in_log_odds() -> None:
    model, features = fitted("binary")
    assert model.predicts_probability
    score = model.contributions(features.values).sum(axis=1)
    np.testing.assert_allclose(expit(score), model.predict(features.values), atol=1e-12)


def test_features_that_the_target_does_not_depend_on_add_little() -> None:
    model, features = fitted("regression")
    strength = np.abs(model.contributions(features.values)).mean(axis=0)
    assert strength[[0, 3]].min() > 10 * strength[[1, 2]].max()


def test_a_constant_model_has_a_base_value_and_nothing_else() -> None:
    found = prediction_contributions(constant_model(0.2), np.zeros((3, 4)))
    np.testing.assert_array_equal(found, np.tile([0, 0, 0, 0, 0.2], (3, 1)))


def test_no_rows_have_no_contributions() -> None:
    model, _ = fitted("regression")
    assert prediction_contributions(model, np.empty((0, 4))).shape == (0, 5)


def test_a_model_of_several_classes_is_refused() -> None:
    x = np.random.default_rng(1).normal(size=(300, 2))
    target = np.digitize(x[:, 0], [-0.5, 0.5]).astype(float)
    model = binned(numeric_features(x), PARAMS).train(target, "multiclass", classes=3)
    for one in (model, Boosted("constant 0.2 0.8")):
        with pytest.raises(LabError, match="classes"):
            one.contributions(x)
