import pickle
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from retention_lab import churn
from retention_lab.churn import ChurnClassifier
from retention_lab.churn.selection import Candidates
from retention_lab.errors import LabError
from retention_lab.split import stratified_folds
from tests.churn.populations import population

CHECKS = parametrize_with_checks([ChurnClassifier(), ChurnClassifier("tree", folds=2)])
# the one about arrays of other libraries runs only where scipy was told of them before it was imported
ASKED = [pair for pair in CHECKS.args[1] if "array_api" not in repr(pair[1])]


def numbers(rows: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    sample = population(rows, seed).sample
    return sample.features.values[:, [0, 1, 3]], sample.left


def table(rows: int = 400, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    sample = population(rows, seed).sample
    frame = pd.DataFrame(sample.features.values, columns=list(sample.features.schema.names))
    return frame.assign(plan=np.array(list("abcd"))[frame["plan"].astype(int)]), sample.left


@pytest.mark.slow  # many fits
@pytest.mark.parametrize(("estimator", "check"), ASKED, ids=CHECKS.kwargs["ids"])
def test_scikit_learns_own_checks_all_pass(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_gives_what_the_functions_give() -> None:
    x, left = numbers()
    one = ChurnClassifier("logistic", folds=3, seed=5).fit(x, left)
    wanted = churn.fit("logistic", churn.sample(x, left), seed=5, folds=3).probability(x)
    np.testing.assert_array_equal(one.predict_proba(x)[:, 1], wanted)


def test_it_knows_who_leaves_on_rows_that_it_has_not_seen() -> None:
    (x, left), (other, truth) = table(1500), table(1500, seed=2)
    one = ChurnClassifier().fit(x, left)
    risk = population(1500, seed=2).risk
    assert np.abs(one.predict_proba(other)[:, 1] - risk).mean() < 0.06
    assert one.score(other, truth) > np.mean(truth == (risk > 0.5)) - 0.03
    assert one.feature_names_in_.tolist() == ["spend", "swing", "plan", "noise"]


def test_text_is_a_category_in_any_library() -> None:
    frame, left = table()
    one = ChurnClassifier().fit(frame, left)
    found = one.predict_proba(frame)
    np.testing.assert_array_equal(one.predict_proba(pa.Table.from_pandas(frame)), found)
    np.testing.assert_array_equal(
        one.predict_proba(frame.assign(plan=frame["plan"].astype("category"))), found
    )
    with pytest.raises(LabError, match="'plan' held categories"):
        one.predict(np.zeros((3, 4)))


@pytest.mark.parametrize("labels", [(0, 1), (False, True), ("gone", "kept"), (-1.0, 1.0)])
def test_two_classes_may_be_of_any_type(labels: tuple[object, object]) -> None:
    x, left = numbers()
    one = ChurnClassifier(folds=2).fit(x, np.array(labels)[left.astype(int)])
    assert one.classes_.tolist() == list(labels)
    likely = one.predict_proba(x)[:, 1] > 0.5
    np.testing.assert_array_equal(one.predict(x), np.array(labels)[likely.astype(int)])


def test_customers_stay_in_one_fold() -> None:
    x, left = numbers()
    customer = np.repeat(np.arange(200), 2)
    one = ChurnClassifier(folds=3).fit(x, left, groups=customer)
    sample = churn.sample(x, left, customer)
    fold = stratified_folds(left, 3, 7, customer)
    np.testing.assert_array_equal(one.probability_, Candidates(sample, fold).fit("logistic").probability)
    assert not np.array_equal(one.probability_, ChurnClassifier(folds=3).fit(x, left).probability_)


def test_a_hazard_model_is_told_its_clock() -> None:
    frame, left = table()
    frame = frame.assign(tenure=np.arange(400) % 24)
    by_name = ChurnClassifier("hazard", folds=2, duration="tenure").fit(frame, left)
    by_place = ChurnClassifier("hazard", folds=2, duration=4).fit(frame, left)
    np.testing.assert_array_equal(by_name.predict_proba(frame), by_place.predict_proba(frame))
    assert by_name.model_.model.clock == 4
    with pytest.raises(LabError, match="which column says"):
        ChurnClassifier("hazard").fit(frame, left)
    for wrong in ("tenur", 5, -1):
        with pytest.raises(LabError, match="There is no column"):
            ChurnClassifier("hazard", duration=wrong).fit(frame, left)


def test_a_grid_search_finds_the_learner_that_knows_more() -> None:
    x, left = numbers(900)
    grid = {"learner": ["logistic", "tree"]}
    search = GridSearchCV(
        ChurnClassifier(folds=2), grid, scoring="neg_log_loss", cv=3, error_score="raise"
    ).fit(x, left)
    assert search.best_params_ == {"learner": "logistic"}
    assert search.cv_results_["mean_test_score"].max() > -np.log(2)


def test_it_stands_at_the_end_of_a_pipeline() -> None:
    x, left = numbers()
    pipeline = make_pipeline(SimpleImputer(), ChurnClassifier(folds=2))
    found = cross_val_score(pipeline, x, left, scoring="roc_auc", cv=3, error_score="raise")
    assert found.min() > 0.6


def test_routing_hands_the_customers_over() -> None:
    x, left = numbers()
    seen: list[int] = []

    class Watched(ChurnClassifier):
        def fit(self, X, y, *, groups=None):  # type: ignore[no-untyped-def]
            seen.append(len(np.unique(groups)))
            return super().fit(X, y, groups=groups)

    with config_context(enable_metadata_routing=True):
        cross_validate(
            Watched(folds=2),
            x,
            left,
            params={"groups": np.repeat(np.arange(100), 4)},
            cv=GroupKFold(2),
            error_score="raise",
        )
    assert seen == [50, 50]


def test_it_is_cloned_with_its_settings_and_travels_to_another_process() -> None:
    settings = {
        "learner": "hazard",
        "folds": 3,
        "seed": 5,
        "resampling": "over",
        "tune": True,
        "duration": "tenure",
        "step": 2.0,
    }
    assert clone(ChurnClassifier(**settings)).get_params() == settings
    assert is_classifier(ChurnClassifier())
    x, left = numbers()
    one = ChurnClassifier(folds=2).fit(x, left)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(one)).predict_proba(x), one.predict_proba(x))


def test_resampling_happens_inside_folds_and_calibration_takes_it_back() -> None:
    x, left = numbers(900)
    one = ChurnClassifier(folds=3, resampling="under").fit(x, left)
    assert one.predict_proba(x)[:, 1].mean() == pytest.approx(left.mean(), abs=0.03)


def test_mistakes_are_refused_in_words_that_scikit_learn_knows_too() -> None:
    x, left = numbers()
    cases = [
        ((x, left), {"learner": "logistics"}, {}, "Did you mean"),
        ((x, left), {"folds": 1}, {}, "two folds"),
        ((x, left), {"folds": 300}, {}, "too few for 300 folds"),
        ((x, np.arange(400) % 3), {}, {}, "multiclass"),
        ((x, np.ones(400)), {}, {}, "one class"),
        ((x, left[:300]), {}, {}, "inconsistent"),
        ((x, left), {}, {"groups": np.arange(300)}, "customers of shape"),
        ((np.where(x > 2, np.inf, x), left), {}, {}, "infinity"),
    ]
    for rows, params, others, words in cases:
        with pytest.raises(LabError, match=words) as error:
            ChurnClassifier(**params).fit(*rows, **others)
        assert isinstance(error.value, ValueError)
        assert error.value.next_step


def test_before_fitting_there_is_no_probability() -> None:
    with pytest.raises(NotFittedError):
        ChurnClassifier().predict(np.zeros((2, 2)))
