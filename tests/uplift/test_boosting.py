import lightgbm as lgb
import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from retention_lab.uplift.boosting import (
    Boosted,
    BoostingParams,
    Objective,
    binned,
    constant_model,
    objective_for,
    params_for,
)

PARAMS = BoostingParams(rounds=40, min_rows_in_leaf=10)


def data(rows: int = 2000) -> tuple[Features, np.ndarray]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 3))
    x[rng.random((rows, 3)) < 0.1] = np.nan
    return numeric_features(x), np.where(np.isnan(x[:, 0]), -1.0, x[:, 0]) + 0.1 * rng.normal(size=rows)


def test_what_is_saved_predicts_bit_for_bit_the_same() -> None:
    features, target = data()
    model = binned(features, PARAMS).train(target, "regression")
    again = Boosted(model.text)
    np.testing.assert_array_equal(model.predict(features.values), again.predict(features.values))
    assert again.text == model.text


def test_the_same_input_gives_the_same_model() -> None:
    features, target = data()
    one, two = (binned(features, PARAMS).train(target, "regression") for _ in range(2))
    assert one.text == two.text


def test_targets_and_rows_are_swapped_on_one_set_of_bins() -> None:
    features, target = data()
    bins = binned(features, PARAMS)
    rows = np.arange(0, 2000, 2)
    first = bins.train(target, "regression")
    part = bins.train(target[rows], "regression", rows=rows)
    negative = bins.train(-target, "regression")
    assert bins.train(target, "regression").text == first.text  # nothing of the others stayed behind
    assert part.text != first.text
    np.testing.assert_allclose(negative.predict(features.values), -first.predict(features.values), atol=1e-9)


def test_signal_in_numbers_missing_values_and_categories_is_learnt() -> None:
    features, target = data()
    prediction = binned(features, PARAMS).train(target, "regression").predict(features.values)
    assert np.corrcoef(prediction, target)[0, 1] > 0.95
    codes = np.random.default_rng(2).integers(0, 6, 2000).astype(float)
    category = Features(codes[:, None], FeatureSchema(("c",), (tuple("abcdef"),)))
    wanted = np.isin(codes, [1, 4]).astype(float)
    found = binned(category, PARAMS).train(wanted, "binary").predict(category.values)
    assert found[wanted == 1].min() > found[wanted == 0].max()


def test_a_target_that_does_not_vary_gives_that_constant() -> None:
    features, _ = data(50)
    model = binned(features, PARAMS).train(np.full(50, 0.1), "regression")
    assert set(model.predict(features.values)) == {0.1}
    assert set(Boosted(model.text).predict(features.values)) == {0.1}


def test_no_rows_are_refused() -> None:
    features, _ = data(50)
    with pytest.raises(LabError, match="No rows are left"):
        binned(features, PARAMS).train(np.empty(0), "regression", rows=np.empty(0, dtype=np.int64))


def test_only_zeros_and_ones_make_a_log_loss() -> None:
    assert objective_for(np.array([0.0, 1.0])) == "binary"
    assert objective_for(np.array([0.0, 1.0, 2.0])) == "regression"


@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass"])
def test_predictions_are_the_librarys_own(objective: Objective) -> None:
    features, target = data()
    codes = np.random.default_rng(2).integers(0, 9, 2000).astype(float)
    codes[::11] = np.nan
    values = np.column_stack([features.values, codes])
    known = Features(values, FeatureSchema(("a", "b", "c", "d"), (None, None, None, tuple("abcdefghi"))))
    wanted = target + np.where(np.isin(codes, [2, 5]), 1.0, 0.0)
    outcome = {"regression": wanted, "binary": (wanted > 0).astype(float)}.get(
        objective, np.digitize(wanted, [0, 1.0])
    )
    model = binned(known, PARAMS).train(
        outcome.astype(float), objective, classes=3 if objective == "multiclass" else 1
    )
    strange = values.copy()
    strange[:50, 3], strange[50:100] = np.arange(50) + 9, np.nan
    booster = lgb.Booster(model_str=model.text)
    for asked in (values, strange):
        # sums are equal to the last bit (see `test_trees`); the exponential of two libraries differs in it
        ulps = 0 if objective == "regression" else 4
        np.testing.assert_array_max_ulp(model.predict(asked), booster.predict(asked), maxulp=ulps)


def test_a_constant_model_answers_for_any_number_of_rows() -> None:
    model = constant_model(0.1 + 0.2)
    assert model.predict(np.zeros((0, 2))).shape == (0,)
    np.testing.assert_array_equal(Boosted(model.text).predict(np.zeros((3, 2))), np.full(3, 0.1 + 0.2))


def test_weights_are_as_good_as_repeated_rows() -> None:
    features, target = data(600)
    times = np.random.default_rng(3).integers(1, 4, 600)
    params = BoostingParams(rounds=20, min_rows_in_leaf=1, bins=255)
    weighed = binned(features, params).train(target, "regression", weight=times.astype(float))
    repeated = np.repeat(np.arange(600), times)
    again = binned(features, params).train(target[repeated], "regression", rows=repeated)
    np.testing.assert_allclose(weighed.predict(features.values), again.predict(features.values), atol=0.05)
    plain = binned(features, params).train(target, "regression")
    assert np.abs(plain.predict(features.values) - again.predict(features.values)).max() > 0.05


def test_fewer_rows_get_fewer_steps() -> None:
    assert params_for(49_999).rounds < params_for(50_000).rounds
    assert params_for(10, seed=3).seed == 3
