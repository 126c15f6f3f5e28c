import json

import numpy as np
import pytest

from retention_lab.churn.preparation import Imputation, Prepared, Preparing, Scaling, b_splines, prepare
from retention_lab.features import Features, FeatureSchema, numeric_features
from retention_lab.nested_files import json_bytes
from tests.churn.populations import population


@pytest.mark.parametrize(("impute", "wanted"), [("median", 2.0), ("mean", 3.0), ("mode", 1.0), ("zero", 0.0)])
def test_a_missing_number_becomes_what_was_asked_for(impute: Imputation, wanted: float) -> None:
    known = numeric_features(np.array([[1.0], [1.0], [2.0], [3.0], [8.0]]))
    prepared = prepare(known, Preparing(impute=impute, scale="none"))
    assert prepared.columns(np.array([[np.nan]]))[0, 0] == wanted


@pytest.mark.parametrize(
    ("scale", "wanted"), [("standard", 5 / 8), ("minmax", 0.5), ("robust", 1.0), ("none", 10.0)]
)
def test_numbers_are_scaled_as_asked_for(scale: Scaling, wanted: float) -> None:
    values = np.array([[0.0], [0.0], [5.0], [5.0], [5.0], [10.0], [20.0]])
    found = prepare(numeric_features(values), Preparing(scale=scale)).columns(np.array([[10.0]]))[0, 0]
    if scale == "standard":
        wanted = (10.0 - values.mean()) / values.std()
    if scale == "robust":
        q1, q2, q3 = np.quantile(values, [0.25, 0.5, 0.75])
        wanted = (10 - q2) / (q3 - q1)
    assert found == pytest.approx(wanted)


def test_outliers_are_held_at_the_quantile_of_the_training_rows() -> None:
    values = np.arange(101.0)[:, None]
    prepared = prepare(numeric_features(values), Preparing(cap=0.05, scale="none"))
    assert prepared.columns(np.array([[-9.0], [50.0], [1e9]]))[:, 0].tolist() == [5.0, 50.0, 95.0]


def test_levels_become_columns_and_an_unknown_one_none_of_them() -> None:
    schema = FeatureSchema(("plan",), (("a", "b"),))
    prepared = prepare(Features(np.array([[0.0], [1.0]]), schema), Preparing())
    assert prepared.columns(np.array([[1.0], [np.nan]])).tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_levels_stay_codes_where_that_was_asked_for() -> None:
    schema = FeatureSchema(("plan",), (("a", "b", "c"),))
    prepared = prepare(Features(np.array([[0.0], [2.0], [2.0]]), schema), Preparing(categories="ordinal"))
    assert prepared.columns(np.array([[1.0], [np.nan]])).tolist() == [[1.0], [2.0]]


def test_being_missing_is_a_column_where_it_is_not_rare() -> None:
    values = np.array([[1.0], [2.0], [np.nan]])
    assert prepare(numeric_features(values), Preparing()).flags == (0,)
    assert prepare(numeric_features(values), Preparing(flag_missing=False)).flags == ()


def test_a_column_that_does_not_vary_is_left_out() -> None:
    assert prepare(numeric_features(np.ones((4, 1))), Preparing()).sources == []


def test_splines_sum_to_one_and_agree_with_scipys() -> None:
    from scipy.interpolate import BSpline

    knots = (0.0, 1.0, 1.5, 4.0)
    x = np.linspace(0, 3.999, 60)
    edges = np.array([0.0] * 3 + list(knots) + [4.0] * 3)
    np.testing.assert_allclose(b_splines(x, knots), BSpline.design_matrix(x, edges, 3).toarray(), atol=1e-12)
    beyond = b_splines(np.array([-5.0, 0.0, 4.0, 9.0]), knots)
    np.testing.assert_array_equal(beyond[0], beyond[1])
    np.testing.assert_array_equal(beyond[2], beyond[3])


@pytest.mark.parametrize("how", [Preparing(), Preparing(knots=5, cap=0.01), Preparing(categories="ordinal")])
def test_what_is_written_prepares_bit_for_bit_the_same(how: Preparing) -> None:
    features = population(300).sample.features
    prepared = prepare(features, how)
    again = Prepared.from_json(json.loads(json_bytes(prepared.as_json())))
    assert again == prepared
    columns = prepared.columns(features.values)
    assert columns.shape[1] == len(prepared.sources)
    assert np.isfinite(columns).all()
