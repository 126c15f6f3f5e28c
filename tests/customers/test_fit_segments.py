import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from retention_lab.cleaning import CleaningRule
from retention_lab.customers.fit_segments import SegmentRule, fit_rfm_segments, fit_segments
from retention_lab.customers.rfm import CELLS, COLUMNS
from retention_lab.customers.segmentation import read_segments
from retention_lab.customers.space import SpaceRule
from retention_lab.customers.stability import STABLE
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from tests.customers.shoppers import numbers_only, shoppers

FOUR = SegmentRule(groups=(4,), resamples=4)


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_planted_groups_are_found_and_found_again(method: str) -> None:
    features, planted = shoppers(300, seed=1)
    found = fit_segments(numbers_only(features), SegmentRule(method, (3, 4, 5, 6), resamples=5))
    assert found.chosen.groups == 4
    assert adjusted_rand_score(planted, found.labels) > 0.99
    assert found.chosen.stability.value > 0.99
    assert (np.diff(np.bincount(found.labels)) <= 0).all()  # the largest first


def test_noise_without_groups_is_not_called_stable() -> None:
    noise = numeric_features(np.random.default_rng(3).standard_normal((300, 6)))
    found = fit_segments(noise, SegmentRule(groups=(5,), resamples=5))
    assert found.chosen.stability.value < STABLE


def test_the_same_seed_gives_the_same_bytes() -> None:
    features, _ = shoppers(200, seed=2)
    first, second = (fit_segments(features, FOUR).model.to_files() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("method", ["kmeans", "ward"])
@pytest.mark.parametrize("missing", ["median", "model"])
def test_new_customers_are_assigned_by_what_is_read_back(method: str, missing: str) -> None:
    features = numbers_only(shoppers(200, seed=2)[0])
    rule = SegmentRule(method, (4,), CleaningRule(missing, 0.99), SpaceRule("log"), resamples=2)  # type: ignore[arg-type]
    model = fit_segments(features, rule).model
    new, planted = shoppers(100, seed=8)
    new = numbers_only(new)
    again = read_segments(model.to_files())
    assert again.names == model.names
    assert (again.assign(new) == model.assign(new)).all()
    assert adjusted_rand_score(planted, again.assign(new)) > 0.95


def test_a_customer_who_is_dropped_belongs_to_no_segment() -> None:
    features, _ = shoppers(200, seed=2)
    values = features.values.copy()
    values[7, 0] = np.nan
    rule = SegmentRule(groups=(4,), cleaning=CleaningRule("drop"), resamples=2)
    found = fit_segments(Features(values, features.schema), rule)
    assert found.labels[7] == -1
    assert np.isnan(found.points[7]).all()
    assert (np.delete(found.labels, 7) >= 0).all()


def test_segments_are_named_by_what_sets_them_apart() -> None:
    features, planted = shoppers(300, seed=1)
    found = fit_segments(numbers_only(features), FOUR)
    best = np.bincount(found.labels[planted == 0]).argmax()  # those who spend most and order most
    assert "high spend" in found.model.names[best]
    assert "high orders" in found.model.names[best]
    assert len(set(found.model.names)) == 4


def test_rfm_segments_are_the_cells_of_the_grid() -> None:
    rng = np.random.default_rng(6)
    orders = rng.geometric(0.3, 400).astype(float)
    orders[:20] = 0
    days = np.where(orders > 0, rng.uniform(0, 300, 400), np.nan)
    schema = FeatureSchema(COLUMNS, (None,) * 3)
    features = Features(np.column_stack([days, orders, orders * 20]), schema)
    found = fit_rfm_segments(features, resamples=5)
    assert found.model.names == CELLS
    assert (found.labels[:20] == -1).all()
    assert (found.labels[20:] >= 0).all()
    assert 0.5 < found.chosen.stability.value <= 1
    assert (read_segments(found.model.to_files()).assign(features) == found.labels).all()


def test_more_groups_than_kinds_of_customers_are_refused() -> None:
    features = numeric_features(np.repeat([[0.0, 1.0], [1.0, 0.0]], 10, axis=0))
    with pytest.raises(LabError, match="2 different points"):
        fit_segments(features, FOUR)
    with pytest.raises(LabError, match="3 customers cannot form 4"):
        fit_segments(numeric_features(np.eye(3)), FOUR)


def test_of_very_many_customers_some_stand_for_all() -> None:
    features = numbers_only(shoppers(20_500, seed=4)[0])
    found = fit_segments(features, SegmentRule(groups=(4,), resamples=2))
    assert found.chosen.stability.value > 0.99
    assert (found.labels >= 0).all()
