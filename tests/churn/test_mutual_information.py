import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from retention_lab.churn.mutual_information import feature_information
from retention_lab.churn.sample import ChurnSample
from retention_lab.features import Features, FeatureSchema
from tests.churn.populations import population


def test_what_matters_ranks_above_noise_and_curves_are_seen() -> None:
    found = feature_information(population(4000).sample)
    assert {one.feature for one in found[:3]} == {"spend", "swing", "plan"}
    assert found[-1].feature == "noise"
    assert found[0].p_value < 1e-6
    assert found[-1].p_value > 0.01


def test_categories_give_what_scikit_learn_gives_less_the_bias() -> None:
    rng = np.random.default_rng(1)
    code = rng.integers(0, 3, 500)
    left = (rng.random(500) < 0.2 + 0.2 * code).astype(float)
    features = Features(code[:, None].astype(float), FeatureSchema(("plan",), (("a", "b", "c"),)))
    (one,) = feature_information(ChurnSample(features, left))
    assert one.nats == pytest.approx(mutual_info_score(code, left) - 2 / 1000)


def test_being_missing_is_information() -> None:
    rng = np.random.default_rng(1)
    left = (rng.random(1000) < 0.5).astype(float)
    values = rng.normal(size=(1000, 1))
    values[left == 1] = np.where(rng.random((int(left.sum()), 1)) < 0.5, np.nan, values[left == 1])
    (one,) = feature_information(ChurnSample(Features(values, FeatureSchema(("x",), (None,))), left))
    assert one.nats > 0.1


def test_useless_features_are_called_so_as_often_as_promised() -> None:
    rng = np.random.default_rng(9)
    left = (rng.random(2000) < 0.3).astype(float)
    schema = FeatureSchema(tuple(f"x{i}" for i in range(300)), (None,) * 300)
    found = feature_information(ChurnSample(Features(rng.normal(size=(2000, 300)), schema), left))
    rejected = np.mean([one.p_value < 0.05 for one in found])
    assert abs(rejected - 0.05) < 0.042  # 3.3 binomial standard errors
