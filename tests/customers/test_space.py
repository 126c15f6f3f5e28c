import numpy as np
import pytest

from retention_lab.cleaning import indicators
from retention_lab.customers.space import Space, SpaceRule, fit_space
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features
from tests.customers.shoppers import shoppers


def test_units_do_not_matter_on_the_standard_scale() -> None:
    features, _ = shoppers(200, seed=1)
    other = Features(features.values * [1000, 1, 0.01, 1], features.schema)
    one, two = (fit_space(x, SpaceRule()).points(x) for x in (features, other))
    np.testing.assert_allclose(one, two, atol=1e-9)


def test_a_category_counts_as_much_as_one_number() -> None:
    rng = np.random.default_rng(4)
    schema = FeatureSchema(("x", "c"), (None, tuple("abcdefgh")))
    features = Features(np.column_stack([rng.standard_normal(500), rng.integers(0, 8, 500)]), schema)
    scaled = fit_space(features, SpaceRule("standard", None)).scaled(features)
    variance = scaled.var(axis=0)
    np.testing.assert_allclose([variance[0], variance[1:].sum()], [1, 1])


def test_turning_to_all_axes_keeps_every_distance() -> None:
    features, _ = shoppers(60, seed=3)
    flat = fit_space(features, SpaceRule("standard", None)).points(features)
    turned = fit_space(features, SpaceRule("standard", 1.0)).points(features)
    apart = [np.linalg.norm(x[:, None] - x[None, :], axis=2) for x in (flat, turned)]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-9)


def test_fewer_axes_hold_the_share_of_the_variance_that_was_asked_for() -> None:
    rng = np.random.default_rng(5)
    common = rng.standard_normal((300, 1))
    features = numeric_features(common + 0.3 * rng.standard_normal((300, 6)))
    space = fit_space(features, SpaceRule("standard", 0.8))
    assert space.points(features).shape[1] < 6
    assert space.points(features).var(axis=0).sum() >= 0.8 * space.scaled(features).var(axis=0).sum()


def test_the_log_scale_keeps_signs_and_draws_large_sums_in() -> None:
    features = numeric_features(np.array([[-np.e + 1], [0.0], [np.e - 1]]))
    points = fit_space(features, SpaceRule("log", None)).points(features)
    np.testing.assert_allclose(points[:, 0], np.array([-1, 0, 1]) / np.sqrt(2 / 3), atol=1e-12)


def test_without_a_scale_units_stay() -> None:
    features, _ = shoppers(50, seed=3)
    points = fit_space(features, SpaceRule("none", None)).points(features)
    own = indicators(features.values, features.schema)
    np.testing.assert_allclose(points, own - own.mean(axis=0))


def test_it_is_read_back_as_it_was_written() -> None:
    features, _ = shoppers(50, seed=3)
    space = fit_space(features, SpaceRule("log", 0.9))
    again = Space.from_json(space.as_json(), features.schema)
    np.testing.assert_array_equal(again.points(features), space.points(features))


def test_customers_who_are_all_alike_are_refused() -> None:
    with pytest.raises(LabError, match="cannot be told apart"):
        fit_space(numeric_features(np.ones((5, 2))), SpaceRule())
