from itertools import permutations

import lightgbm as lgb
import numpy as np
import pytest

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.boosting import Boosted, BoostingParams, binned
from retention_lab.uplift.tree_shap import read_paths


def customers(rows: int = 1500, columns: int = 3) -> Features:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, columns))
    x[rng.random((rows, columns)) < 0.1] = np.nan
    level = rng.integers(0, 40, rows).astype(float)
    names = (*(f"x{i}" for i in range(columns)), "channel")
    levels = (*(None for _ in range(columns)), tuple(f"l{i}" for i in range(40)))
    return Features(np.column_stack([x, level]), FeatureSchema(names, levels))


def fitted(objective: str = "regression", leaves: int = 8, columns: int = 3) -> tuple[Boosted, Features]:
    features = customers(columns=columns)
    x = np.nan_to_num(features.values)
    score = x[:, 0] * (x[:, 1] > 0) + (x[:, -1] % 3 == 2) + x[:, :-1].sum(axis=1) ** 2 / columns
    target = score if objective == "regression" else (score > 0.8).astype(float)
    params = BoostingParams(rounds=20, leaves=leaves, min_rows_in_leaf=10)
    return binned(features, params).train(target, objective), features  # type: ignore[arg-type]


@pytest.mark.parametrize("objective", ["regression", "binary"])
@pytest.mark.parametrize("leaves", [2, 8, 48])
def test_values_are_those_of_the_library(objective: str, leaves: int) -> None:
    model, features = fitted(objective, leaves, columns=12)
    theirs = lgb.Booster(model_str=model.text).predict(features.values, pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(model.contributions(features.values), theirs, atol=1e-12)


def test_a_path_of_more_features_than_a_table_holds_is_worked_out_row_by_row() -> None:
    model, _ = fitted(leaves=48, columns=12)
    assert np.diff(read_paths(model.text).first_slot).max() > 8  # which the test above has compared


def test_missing_levels_and_levels_never_seen_go_where_predictions_go() -> None:
    model, features = fitted()
    odd = features.values[:4].copy()
    odd[:, 3] = [np.nan, -1.0, 39.0, 1000.0]
    np.testing.assert_allclose(model.contributions(odd).sum(axis=1), model.predict(odd), atol=1e-12)


def test_with_a_known_feature_the_rest_is_explained_as_a_function_of_the_others() -> None:
    model, features = fitted()
    known = features.values.copy()
    known[:, 0] = 0.7
    found = model.contributions(features.values, {0: 0.7})
    np.testing.assert_allclose(found.sum(axis=1), model.predict(known), atol=1e-12)
    np.testing.assert_array_equal(found[:, 0], 0.0)
    assert np.ptp(found[:, -1]) == 0.0


def test_values_are_the_average_over_all_orders_in_which_features_become_known() -> None:
    text = _one_tree()
    found = Boosted(text).contributions(np.array([[1.0, 1.0]]))[0]
    # half of the customers have x0 above 0; of those, a quarter have x1 above 0 and get 8
    value = {(): 1.0, (0,): 2.0, (1,): 4.0, (0, 1): 8.0}
    expected = np.zeros(2)
    for order in permutations(range(2)):
        for i, j in enumerate(order):
            expected[j] += (value[tuple(sorted(order[: i + 1]))] - value[tuple(sorted(order[:i]))]) / 2
    np.testing.assert_allclose(found, [*expected, 1.0])


def _one_tree() -> str:
    return (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\n\n"
        "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=0 0\ndecision_type=2 2\n"
        "left_child=-1 -2\nright_child=1 -3\nleaf_value=0 0 8\nleaf_count=40 30 10\ninternal_count=80 40\n"
        "is_linear=0\nshrinkage=1\n\n\nend of trees\n"
    )
