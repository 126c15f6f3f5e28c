import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError

from retention_lab.errors import LabError
from retention_lab.uplift import UpliftClassifier, UpliftRegressor, UpliftSample, fit, gamma_on, qini
from retention_lab.uplift.boosting import BoostingParams
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import observed_propensity
from tests.uplift.populations import partly_feasible, population


def fitted(rows: int = 800, **params: object) -> UpliftRegressor:
    sample = population(rows).sample
    return UpliftRegressor(**params).fit(sample.features.values, sample.outcome, treatment=sample.arm)


def test_it_gives_what_the_functions_give() -> None:
    sample = population(800).sample
    plain = UpliftSample(sample.features, sample.arm, sample.outcome, observed_propensity(sample.arm, 3))
    wanted = fit("s", plain, seed=3).effect(sample.features)
    np.testing.assert_array_equal(fitted(learner="s", seed=3).predict(sample.features.values), wanted)


def test_known_chances_are_used() -> None:
    found = partly_feasible(2000).sample
    x = found.features.values
    one = UpliftRegressor("constant").fit(x, found.outcome, treatment=found.arm, propensity=found.propensity)
    np.testing.assert_array_equal(one.predict(x), fit("constant", found).effect(x))
    assert one.propensities_ is None


def test_an_observational_assignment_is_estimated_and_corrects_for_the_choice() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(8000, 2))
    arm = (rng.random(8000) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(int)  # the eager got the offer
    outcome = 2 * x[:, 0] + arm + rng.normal(size=8000)
    naive = outcome[arm == 1].mean() - outcome[arm == 0].mean()
    one = UpliftRegressor("constant", assignment="observational").fit(x, outcome, treatment=arm)
    assert naive > 2.5
    assert one.predict(x[:1])[0] == pytest.approx(
        1.0, abs=0.25
    )  # 4 standard errors, and shrunken trees' bias
    assert one.propensities_ is not None


def test_one_offer_gives_one_number_per_customer() -> None:
    sample = population(800).sample
    rows = sample.arm < 2
    one = UpliftRegressor().fit(
        sample.features.values[rows], sample.outcome[rows], treatment=sample.arm[rows]
    )
    assert one.predict(sample.features.values).shape == (800,)
    assert one.outcome_means(sample.features.values).shape == (800, 2)


def test_it_is_cloned_with_its_settings() -> None:
    settings = {
        "learner": "constant",
        "folds": 3,
        "seed": 5,
        "assignment": "observational",
        "boosting": BoostingParams(leaves=4),
    }
    assert clone(UpliftRegressor(**settings)).get_params() == settings
    assert clone(UpliftClassifier(**settings)).get_params() == settings


def test_the_boosting_of_the_outcome_models_can_be_set() -> None:
    x = population(800).sample.features.values
    coarse = fitted(learner="t", boosting=BoostingParams(rounds=5)).predict(x)
    assert np.std(coarse) < 0.5 * np.std(fitted(learner="t").predict(x))


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
    np.testing.assert_array_equal(one.predict(pa.Table.from_pandas(frame)), effect)
    assert one.feature_names_in_.tolist() == ["region", "x"]
    with pytest.raises(LabError, match="'region' held categories"):
        one.predict(np.zeros((3, 2)))


def test_columns_that_came_without_names_are_taken_by_their_position() -> None:
    x = population(800).sample.features.values
    one = fitted()
    np.testing.assert_array_equal(one.predict(pd.DataFrame(x)), one.predict(x))
    with pytest.warns(UserWarning, match="without feature names"):
        named = one.predict(pd.DataFrame(x, columns=list("abcd")))
    np.testing.assert_array_equal(named, one.predict(x))


def test_score_is_the_mean_qini_of_the_offers_on_rows_that_the_model_has_not_seen() -> None:
    train, other = population(4000, seed=1).sample, population(4000, seed=2).sample
    one = UpliftRegressor("t").fit(
        train.features.values, train.outcome, treatment=train.arm, propensity=train.propensity
    )
    x = other.features.values
    gamma = gamma_on(other, prepare(train).outcomes)
    wanted = [qini(gamma[:, k] - gamma[:, 0], one.predict(x)[:, k - 1]).value for k in (1, 2)]
    found = one.score(x, other.outcome, treatment=other.arm, propensity=other.propensity)
    assert found == pytest.approx(np.mean(wanted), abs=1e-12)
    assert found > 0.1


def test_rows_that_could_not_get_an_offer_do_not_judge_it() -> None:
    train, other = partly_feasible(4000, seed=1).sample, partly_feasible(4000, seed=2).sample
    one = UpliftRegressor("t").fit(
        train.features.values, train.outcome, treatment=train.arm, propensity=train.propensity
    )
    held_out = one.held_out(
        other.features.values, other.outcome, treatment=other.arm, propensity=other.propensity
    )
    assert other.propensity is not None
    np.testing.assert_array_equal(held_out.feasible, other.propensity[:, 1:] > 0)
    with pytest.raises(LabError, match="fitted with known propensities"):
        one.score(other.features.values, other.outcome, treatment=other.arm)


def test_an_observational_estimator_weighs_other_rows_by_its_own_propensities() -> None:
    other = population(800, seed=2).sample
    one = fitted(assignment="observational")
    held_out = one.held_out(other.features.values, other.outcome, treatment=other.arm)
    bare = UpliftSample(other.features, other.arm, other.outcome)
    np.testing.assert_array_equal(held_out.gamma, gamma_on(bare, one.outcomes_, one.propensities_))


@pytest.mark.parametrize("labels", [(0, 1), (False, True), ("gone", "kept"), (-1.0, 1.0)])
def test_a_classifier_reads_two_classes_of_any_type(labels: tuple[object, object]) -> None:
    sample = population(1500, binary=True).sample
    x, y = sample.features.values, sample.outcome.astype(int)
    one = UpliftClassifier("t").fit(x, np.array(labels)[y], treatment=sample.arm)
    numbers = UpliftRegressor("t").fit(x, y, treatment=sample.arm)
    np.testing.assert_array_equal(one.predict(x), numbers.predict(x))
    assert one.classes_.tolist() == list(labels)
    assert one.score(x, np.array(labels)[y], treatment=sample.arm) == numbers.score(
        x, y, treatment=sample.arm
    )


def test_a_classifiers_probabilities_differ_by_the_s_learners_effect() -> None:
    sample = population(4000, binary=True).sample
    x = sample.features.values
    one = UpliftClassifier("s").fit(x, sample.outcome, treatment=sample.arm)
    chance = one.outcome_probabilities(x)
    assert chance.min() > 0
    assert chance.max() < 1
    np.testing.assert_allclose(chance[:, 1:] - chance[:, :1], one.predict(x), atol=1e-12)
    assert np.mean(np.abs(chance - population(4000, binary=True).mean)) < 0.1


def test_scikit_learn_knows_which_is_which() -> None:
    assert is_regressor(UpliftRegressor())
    assert is_classifier(UpliftClassifier())


def test_a_classifier_refuses_what_is_not_two_classes() -> None:
    sample = population(300).sample
    x, arm = sample.features.values, sample.arm
    for y, words in (
        (np.arange(300) % 3, "multiclass"),
        (np.ones(300), "one class"),
        (sample.outcome, "continuous"),
    ):
        with pytest.raises(LabError, match=words):
            UpliftClassifier().fit(x, y, treatment=arm)
    one = UpliftClassifier().fit(x, np.where(arm > 0, "kept", "gone"), treatment=arm)
    with pytest.raises(LabError, match="row 3 first") as error:
        one.score(x[:3], ["kept", "gone", "secret"], treatment=[0, 1, 2])
    assert "secret" not in str(error.value)


def test_mistakes_are_refused_in_words_that_scikit_learn_knows_too() -> None:
    sample = population(300).sample
    x, y, arm = sample.features.values, sample.outcome, sample.arm
    cases = [
        ((x, y, None), {}, {}, "enable_metadata_routing"),
        ((x, y, arm), {"learner": "tt"}, {}, "Did you mean"),
        ((x, y, arm), {"assignment": "random"}, {}, "randomised"),
        ((x, y, arm), {"folds": 1}, {}, "two folds"),
        ((x, y, arm), {}, {"propensity": np.full(300, 0.5)}, "column_stack"),
        ((x, y[:200], arm), {}, {}, "inconsistent"),
        ((x, y, arm[:200]), {}, {}, "200 arms and 300 rows"),
        ((x, np.where(arm == 1, np.nan, y), arm), {}, {}, "NaN"),
        ((x, np.where(arm == 1, "yes", "no"), arm), {}, {}, "UpliftClassifier"),
        ((np.where(x > 2, np.inf, x), y, arm), {}, {}, "infinity"),
        ((x, y, np.zeros(300, dtype=int)), {}, {}, "in one arm"),
    ]
    for (features, outcome, treatment), params, others, words in cases:
        with pytest.raises(LabError, match=words) as error:
            UpliftRegressor(**params).fit(features, outcome, treatment=treatment, **others)
        assert isinstance(error.value, ValueError)
        assert error.value.next_step


def test_another_number_of_features_is_refused() -> None:
    with pytest.raises(LabError, match="3 features, but UpliftRegressor is expecting 4"):
        fitted().predict(population(800).sample.features.values[:, :3])


def test_a_cell_is_never_shown() -> None:
    x = np.array([["secret", "1"], ["2", "3"]], dtype=object)
    with pytest.raises(LabError, match="text where numbers are needed") as error:
        UpliftRegressor().fit(x, [0.0, 1.0], treatment=[0, 1])
    assert "secret" not in str(error.value)


def test_before_fitting_there_is_no_effect() -> None:
    with pytest.raises(NotFittedError):
        UpliftRegressor().predict(np.zeros((2, 2)))
