from copy import deepcopy

import numpy as np
import pytest
from sklearn.base import clone

from retention_lab.errors import LabError
from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.boosting import BoostingParams, binned
from retention_lab.uplift.learners.from_causalml.base_learner import BoostedRegressor
from tests.uplift.learners.from_causalml.populations import troubled


def test_it_is_our_boosting_with_categories() -> None:
    sample, params = troubled(800), BoostingParams(rounds=20)
    learner = BoostedRegressor(params=params, objective="regression", categorical=(3,))
    schema = FeatureSchema(("a", "b", "c", "d"), (None, None, None, ("x", "y", "z")))
    values = sample.features.values
    ours = binned(Features(values, schema), params).train(sample.outcome, "regression")
    np.testing.assert_array_equal(learner.fit(values, sample.outcome).predict(values), ours.predict(values))


def test_weights_count_rows() -> None:
    sample, params = troubled(800), BoostingParams(rounds=20)
    values, y = sample.features.values, sample.outcome
    learner = BoostedRegressor(params=params, objective="regression")
    weight = np.where(values[:, 3] == 1, 1.0, 1e-9)
    weighted = learner.fit(values, y, sample_weight=weight).predict(values)
    assert weighted.mean() == pytest.approx(y[values[:, 3] == 1].mean(), abs=0.1)
    assert learner.fit(values, y).predict(values).mean() == pytest.approx(y.mean(), abs=0.02)


def test_copies_are_unfitted_and_alike() -> None:
    learner = BoostedRegressor(params=BoostingParams(rounds=5), objective="binary", categorical=(1,))
    for copy in (clone(learner), deepcopy(learner)):
        assert copy.get_params() == learner.get_params()
        assert not hasattr(copy, "model_")


def test_no_rows_are_refused() -> None:
    learner = BoostedRegressor(params=BoostingParams(), objective="regression")
    with pytest.raises(LabError, match="No rows are left"):
        learner.fit(np.empty((0, 2)), np.empty(0))
