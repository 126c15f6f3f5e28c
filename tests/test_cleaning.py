import numpy as np
import pytest

from retention_lab.cleaning import Cleaning, CleaningRule, fit_cleaning
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from tests.customers.shoppers import shoppers

NAN = np.nan
SCHEMA = FeatureSchema(("x", "y", "c"), (None, None, ("a", "b")))
ROWS = np.array([[1.0, 10, 0], [1, NAN, 1], [4, 30, 1], [NAN, 20, NAN], [6, 60, 1]])


@pytest.mark.parametrize(
    ("missing", "x", "y"), [("mean", 3.0, 30.0), ("median", 2.5, 25.0), ("mode", 1.0, 10.0)]
)
def test_a_gap_takes_the_typical_value(missing: str, x: float, y: float) -> None:
    features = Features(ROWS, SCHEMA)
    found, kept = fit_cleaning(features, CleaningRule(missing)).apply(features)  # type: ignore[arg-type]
    assert kept.all()
    assert (found.values[3, 0], found.values[1, 1]) == (x, y)
    assert found.values[3, 2] == 1  # the commonest level
    known = np.isfinite(ROWS)
    np.testing.assert_array_equal(found.values[known], ROWS[known])


def test_drop_leaves_out_whoever_has_a_gap() -> None:
    features = Features(ROWS, SCHEMA)
    found, kept = fit_cleaning(features, CleaningRule("drop")).apply(features)
    assert kept.tolist() == [True, False, True, False, True]
    assert np.isfinite(found.values).all()
    nobody = Features(np.full((2, 3), NAN), SCHEMA)
    with pytest.raises(LabError, match="all are left out"):
        fit_cleaning(features, CleaningRule("drop")).apply(nobody)


def test_a_required_feature_drops_whatever_the_rule_fills() -> None:
    features = Features(ROWS, SCHEMA)
    _, kept = fit_cleaning(features, CleaningRule("median", required=("x",))).apply(features)
    assert kept.tolist() == [True, True, True, False, True]


def test_a_model_finds_a_gap_that_the_other_features_tell() -> None:
    features, _ = shoppers(400, seed=2)
    values = features.values.copy()
    values[:, 2] = 20 * values[:, 1] + 3 + 50 * values[:, 3]
    truth = values[:40, 2].copy()
    values[:40, 2] = NAN
    holes = Features(values, features.schema)
    model, _ = fit_cleaning(holes, CleaningRule("model")).apply(holes)
    median, _ = fit_cleaning(holes, CleaningRule("median")).apply(holes)
    off = np.abs(model.values[:40, 2] - truth)
    assert off.max() < 0.05 * np.std(truth)  # ridge shrinks a little
    assert off.mean() < 0.1 * np.abs(median.values[:40, 2] - truth).mean()


def test_a_cap_brings_outliers_back_and_leaves_the_rest() -> None:
    values = np.arange(101.0)[:, None]
    values[100] = 1e6
    found, _ = fit_cleaning(numeric_features(values), CleaningRule(cap=0.95)).apply(numeric_features(values))
    assert found.values.max() == pytest.approx(95)
    assert found.values.min() == pytest.approx(5)
    np.testing.assert_array_equal(found.values[10:90], values[10:90])


def test_a_new_customer_far_outside_is_as_extreme_as_the_most_extreme_known() -> None:
    cleaning = fit_cleaning(numeric_features(np.array([[1.0], [9.0]])), CleaningRule())
    assert cleaning.apply(numeric_features(np.array([[1e9]])))[0].values[0, 0] == 9


@pytest.mark.parametrize("missing", ["drop", "model"])
def test_it_is_read_back_as_it_was_written(missing: str) -> None:
    features = Features(ROWS, SCHEMA)
    cleaning = fit_cleaning(features, CleaningRule(missing, 0.9, ("x",)))  # type: ignore[arg-type]
    again = Cleaning.from_json(cleaning.as_json(), SCHEMA)
    assert again.rule == cleaning.rule
    np.testing.assert_array_equal(again.apply(features)[0].values, cleaning.apply(features)[0].values)


def test_a_feature_without_any_value_is_refused_by_name() -> None:
    with pytest.raises(LabError, match="'x1' has no value"):
        fit_cleaning(numeric_features(np.array([[1.0, NAN], [2.0, NAN]])), CleaningRule())
    with pytest.raises(LabError, match="'x0' has infinite"):
        fit_cleaning(numeric_features(np.array([[np.inf], [2.0]])), CleaningRule())
