"""Sums of trees are LightGBM's own, to the last bit."""

import warnings

import lightgbm as lgb
import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.boosting import BoostingParams, binned
from retention_lab.uplift.trees import MOST_LEAVES, read_trees

ROWS, LEVELS = 3000, 40


def customers(rows: int = ROWS, seed: int = 1) -> Features:
    """Numbers with gaps, without any, and of few values; levels of which some are rare, with gaps."""
    rng = np.random.default_rng(seed)
    x = np.column_stack(
        [
            rng.normal(size=rows),
            rng.normal(size=rows),
            rng.poisson(1, rows) - 1.0,
            np.minimum(rng.geometric(0.1, rows) - 1, LEVELS - 1).astype(float),
            rng.integers(0, 3, rows).astype(float),
        ]
    )
    x[rng.random(rows) < 0.15, 0] = np.nan
    x[rng.random(rows) < 0.1, 3] = np.nan
    levels = tuple(f"level {i}" for i in range(LEVELS))
    names = ("gaps", "whole", "few", "levels", "three")
    return Features(x, FeatureSchema(names, (None, None, None, levels, ("a", "b", "c"))))


def strangers() -> np.ndarray:
    """Customers of kinds that the models have not seen: gaps everywhere, new levels, numbers out of range."""
    x = customers(1000, seed=2).values
    x[:100] = np.nan
    x[100:200, 1:3] = np.nan
    x[200:300, 3] = np.arange(100) + LEVELS  # 40..139: beyond every set of levels
    x[300:320, 4] = 17.0
    x[320:340, 3] = -1.0
    x[340:360, :3] = np.inf
    x[360:380, :3] = -np.inf
    x[380:400, :3] = 0.0
    return x


def target(values: np.ndarray) -> np.ndarray:
    x = np.where(np.isnan(values), -0.7, values)
    found = x[:, 0] * (x[:, 1] > 0) + np.sin(x[:, 2]) + (x[:, 3] % 3) - (x[:, 4] == 1)
    return np.asarray(found + np.random.default_rng(3).normal(size=len(x)))


def lightgbms(text: str, values: np.ndarray) -> np.ndarray:
    found = lgb.Booster(model_str=text).predict(values, raw_score=True, num_threads=1)
    return np.asarray(found).reshape(len(values), -1)


@pytest.mark.parametrize("leaves", [2, 8, MOST_LEAVES])
@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass"])
def test_sums_are_those_of_the_library_bit_for_bit(leaves: int, objective: str) -> None:
    features = customers()
    wanted = target(features.values)
    outcome = {
        "regression": wanted,
        "binary": (wanted > 1).astype(float),
        "multiclass": np.digitize(wanted, [0, 1.5]).astype(float),
    }[objective]
    params = BoostingParams(rounds=30, leaves=leaves, min_rows_in_leaf=5, l2=0.5)
    classes = 3 if objective == "multiclass" else 1
    text = binned(features, params).train(outcome, objective, classes=classes).text  # type: ignore[arg-type]
    trees = read_trees(text)
    assert "cat_threshold=" in text  # or levels would go unasked
    for values in (features.values, strangers()):
        np.testing.assert_array_equal(trees.sums(values), lightgbms(text, values))


def test_a_row_gets_the_same_alone_and_among_others() -> None:
    features = customers()
    trees = read_trees(
        binned(features, BoostingParams(rounds=20)).train(target(features.values), "regression").text
    )
    every = trees.sums(features.values)
    for count in (0, 1, 127, 128, 129):  # blocks are of 128
        np.testing.assert_array_equal(trees.sums(features.values[:count]), every[:count])
    np.testing.assert_array_equal(trees.sums(np.asfortranarray(features.values)), every)
    np.testing.assert_array_equal(trees.sums(features.values[::-1])[::-1], every)


def test_trees_of_one_leaf_add_what_it_holds() -> None:
    x = np.random.default_rng(4).normal(size=(300, 2))
    data = lgb.Dataset(x, label=np.arange(300) % 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no more can be split is the point
        text = lgb.train(
            {"objective": "multiclass", "num_class": 3, "min_data_in_leaf": 200, "verbosity": -1}, data, 2
        ).model_to_string()
    assert "num_leaves=1\n" in text
    np.testing.assert_array_equal(read_trees(text).sums(x), lightgbms(text, x))


def test_missing_numbers_are_zeros_to_trees_that_have_seen_none() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2000, 1))
    for shift in (-1.0, 1.0):  # zero is on the right of all thresholds, and on the left
        y = (x[:, 0] > shift).astype(float) + 0.01 * rng.normal(size=2000)
        data = lgb.Dataset(x, label=y)
        text = lgb.train(
            {"objective": "regression", "num_leaves": 2, "verbosity": -1}, data, 5
        ).model_to_string()
        values = np.array([[np.nan], [0.0]])
        found = read_trees(text).sums(values)
        np.testing.assert_array_equal(found, lightgbms(text, values))
        assert found[0] == found[1]


def test_trees_of_more_leaves_than_bits_are_refused() -> None:
    x = np.random.default_rng(6).normal(size=(5000, 3))
    data = lgb.Dataset(x, label=x.sum(axis=1))
    text = lgb.train({"num_leaves": 100, "min_data_in_leaf": 2, "verbosity": -1}, data, 1).model_to_string()
    with pytest.raises(LabError, match="100 leaves, and 64 can be read"):
        read_trees(text)
