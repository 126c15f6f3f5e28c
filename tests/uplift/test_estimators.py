import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from retention_lab.errors import LabError
from retention_lab.uplift import UpliftRegressor, UpliftSample, fit
from retention_lab.uplift.sample import observed_propensity
from tests.uplift.populations import population


def test_it_gives_what_the_functions_give() -> None:
    sample = population(800).sample
    one = UpliftRegressor("s", seed=3).fit(sample.features.values, sample.outcome, treatment=sample.arm)
    plain = UpliftSample(sample.features, sample.arm, sample.outcome, observed_propensity(sample.arm, 3))
    wanted = fit("s", plain, seed=3).effect(sample.features)
    np.testing.assert_array_equal(one.predict(sample.features.values), wanted)


def test_one_offer_gives_one_number_per_customer() -> None:
    sample = population(800).sample
    rows = sample.arm < 2
    one = UpliftRegressor().fit(
        sample.features.values[rows], sample.outcome[rows], treatment=sample.arm[rows]
    )
    assert one.predict(sample.features.values).shape == (800,)


def test_it_is_cloned_with_its_settings() -> None:
    assert clone(UpliftRegressor("constant", seed=5)).get_params() == {
        "learner": "constant",
        "folds": None,
        "seed": 5,
    }


def test_pandas_text_and_categories_are_used_as_they_are() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"region": rng.choice(["north", "south"], 2000), "x": rng.normal(size=2000)})
    arm = rng.integers(0, 2, 2000)
    outcome = (frame["region"] == "south").to_numpy() * arm + 0.1 * rng.normal(size=2000)
    one = UpliftRegressor().fit(frame, outcome, treatment=arm)
    effect = one.predict(frame)
    south = (frame["region"] == "south").to_numpy()
    assert effect[south].mean() == pytest.approx(1.0, abs=0.1)
    assert effect[~south].mean() == pytest.approx(0.0, abs=0.1)
    as_category = frame.assign(region=frame["region"].astype("category"))
    np.testing.assert_array_equal(one.predict(as_category), effect)


def test_another_number_of_features_is_refused() -> None:
    sample = population(800).sample
    one = UpliftRegressor().fit(sample.features.values, sample.outcome, treatment=sample.arm)
    with pytest.raises(LabError, match="4 features, and 3 came"):
        one.predict(sample.features.values[:, :3])
