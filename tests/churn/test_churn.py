"""What users of the package call."""

import numpy as np
import pytest

from retention_lab import churn
from tests.churn.populations import population


def test_a_model_is_fitted_calibrated_and_judged_in_three_calls() -> None:
    train, fresh = population(800), population(2000, seed=2)
    model = churn.fit("logistic", churn.sample(train.sample.features, train.sample.left), folds=3)
    probability = model.probability(fresh.sample.features)
    found = churn.evaluate(fresh.sample.left, probability, churn.Campaign(200.0, 1.0, 10.0, 0.3)).estimates
    assert found["auc"].low > 0.7
    assert found["profit"].low > 0
    assert np.abs(probability - fresh.risk).mean() < 0.08


def test_a_plain_matrix_will_do() -> None:
    sample = churn.sample(np.array([[1.0], [2.0]]), np.array([0, 1]))
    assert sample.features.schema.names == ("x0",)
    assert pytest.approx([0.0, 1.0]) == sample.left
