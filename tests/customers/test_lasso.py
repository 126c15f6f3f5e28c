import numpy as np
import pytest

from retention_lab.customers.lasso import choose_features
from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema, numeric_features


def test_the_features_that_made_the_target_are_kept_and_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((400, 12))
    target = 3 * values[:, 2] - 2 * values[:, 7] + rng.standard_normal(400)
    found = choose_features(numeric_features(values), target, seed=1)
    assert found.names == ("x2", "x7")
    assert found.weights[0] > 0 > found.weights[1]


def test_a_category_is_kept_whole_and_a_yes_or_no_is_a_target() -> None:
    rng = np.random.default_rng(2)
    level, noise = rng.integers(0, 3, 600), rng.standard_normal(600)
    features = Features(
        np.column_stack([noise, level]), FeatureSchema(("noise", "region"), (None, ("a", "b", "c")))
    )
    target = (rng.random(600) < np.where(level == 1, 0.8, 0.1)).astype(float)
    assert choose_features(features, target, seed=1).names == ("region",)


def test_a_target_that_no_feature_tells_is_refused() -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(LabError, match="No feature tells"):
        choose_features(numeric_features(rng.standard_normal((300, 5))), rng.standard_normal(300), seed=1)


@pytest.mark.parametrize(
    ("target", "message"),
    [(np.append(np.arange(99.0), np.nan), "1 customers have no value"), (np.ones(100), "the same")],
)
def test_a_target_that_cannot_be_used_is_refused(target: np.ndarray, message: str) -> None:
    with pytest.raises(LabError, match=message):
        choose_features(numeric_features(np.ones((100, 1))), target, seed=1)


def test_too_few_customers_are_refused() -> None:
    with pytest.raises(LabError, match="too few"):
        choose_features(numeric_features(np.ones((49, 1))), np.arange(49.0), seed=1)
