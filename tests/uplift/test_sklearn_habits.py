"""What scikit-learn's users do with an estimator works: its own checks, searches, pipelines, routing."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn import config_context
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import _num_samples

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.uplift import UpliftClassifier, UpliftRegressor, gamma_on
from retention_lab.uplift.evaluate import evaluate
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.scorers import OFFER_METRICS, SCORERS, MetricScorer, judge, uplift_scorer
from retention_lab.uplift.worth import Worth
from tests.uplift.populations import partly_feasible, population

pytestmark = pytest.mark.slow  # many fits


def every_second(X: Any) -> np.ndarray:
    return np.arange(_num_samples(X)) % 2


class EverySecond:
    # scikit-learn's checks know no treatment: every second row gets the offer where none is passed, and
    # everything else is the estimator's own
    def fit(self, X, y, *, treatment=None, propensity=None, groups=None):  # type: ignore[no-untyped-def]
        arm = every_second(X) if treatment is None else treatment
        return super().fit(X, y, treatment=arm, propensity=propensity, groups=groups)

    def score(self, X, y, *, treatment=None, propensity=None, sample_weight=None):  # type: ignore[no-untyped-def]
        arm = every_second(X) if treatment is None else treatment
        return super().score(X, y, treatment=arm, propensity=propensity, sample_weight=sample_weight)


class HalfTreatedRegressor(EverySecond, UpliftRegressor):
    pass


class HalfTreatedClassifier(EverySecond, UpliftClassifier):
    pass


CHECKS = parametrize_with_checks(
    [
        HalfTreatedRegressor("s"),
        HalfTreatedRegressor("t"),
        HalfTreatedClassifier("s"),
        HalfTreatedClassifier("t"),
    ]
)
# the one about arrays of other libraries runs only where scipy was told of them before it was imported
ASKED = [pair for pair in CHECKS.args[1] if "array_api" not in repr(pair[1])]


@pytest.mark.parametrize(("estimator", "check"), ASKED, ids=CHECKS.kwargs["ids"])
def test_scikit_learns_own_checks_all_pass(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("estimator", [UpliftRegressor(), UpliftClassifier()])
def test_without_a_treatment_the_only_thing_wrong_is_that_there_is_none(estimator: Any) -> None:
    results = check_estimator(estimator, on_fail=None)
    assert sum(one["status"] == "passed" for one in results) >= 15
    for one in results:
        if one["status"] == "failed":
            error = one["exception"]
            causes = [str(error), str(error.__cause__), str(error.__context__)]
            assert any("No treatment came" in text for text in causes) or "InputError" in causes[0], causes


@pytest.fixture
def routing() -> Iterator[None]:
    with config_context(enable_metadata_routing=True):
        yield


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    sample = population(1500, seed=4).sample
    return {
        "X": sample.features.values,
        "y": sample.outcome,
        "treatment": sample.arm,
        "propensity": sample.propensity,
    }


@pytest.mark.usefixtures("routing")
def test_cross_validation_judges_each_fold_with_every_metric(rows: dict[str, Any]) -> None:
    x, y, t = rows["X"], rows["y"], rows["treatment"]
    folds = KFold(3, shuffle=True, random_state=1)
    found = cross_validate(
        UpliftRegressor("t"), x, y, params={"treatment": t}, scoring=SCORERS, cv=folds, error_score="raise"
    )
    train, test = next(iter(folds.split(x)))
    by_hand = UpliftRegressor("t").fit(x[train], y[train], treatment=t[train])
    held_out = by_hand.held_out(x[test], y[test], treatment=t[test])
    for name in SCORERS:
        assert found[f"test_{name}"][0] == judge(name, held_out)
        assert np.isfinite(found[f"test_{name}"]).all()
    assert found["test_qini"].min() > 0


@pytest.mark.usefixtures("routing")
def test_score_itself_is_the_default_scorer(rows: dict[str, Any]) -> None:
    params = {"treatment": rows["treatment"], "propensity": rows["propensity"]}
    default = cross_val_score(UpliftRegressor(), rows["X"], rows["y"], params=params, cv=3)
    by_name = cross_val_score(
        UpliftRegressor(), rows["X"], rows["y"], params=params, cv=3, scoring=SCORERS["qini"]
    )
    np.testing.assert_array_equal(default, by_name)


@pytest.mark.usefixtures("routing")
def test_a_grid_search_finds_the_learner_that_ranks(rows: dict[str, Any]) -> None:
    search = GridSearchCV(
        UpliftRegressor(),
        {"learner": ["constant", "t"]},
        scoring=SCORERS["neg_doubly_robust_loss"],
        cv=3,
        error_score="raise",
    ).fit(rows["X"], rows["y"], treatment=rows["treatment"], propensity=rows["propensity"])
    assert search.best_params_ == {"learner": "t"}
    qini = SCORERS["qini"](
        search, rows["X"], rows["y"], treatment=rows["treatment"], propensity=rows["propensity"]
    )
    assert qini == search.best_estimator_.score(
        rows["X"], rows["y"], treatment=rows["treatment"], propensity=rows["propensity"]
    )


@pytest.mark.usefixtures("routing")
def test_candidates_that_differ_in_the_learner_are_judged_on_identical_scores(rows: dict[str, Any]) -> None:
    first, second = (
        UpliftRegressor(name).fit(rows["X"], rows["y"], treatment=rows["treatment"]) for name in ("s", "t")
    )
    other = population(500, seed=9).sample
    asked = {"treatment": other.arm}
    a = first.held_out(other.features.values, other.outcome, **asked)
    b = second.held_out(other.features.values, other.outcome, **asked)
    np.testing.assert_array_equal(a.gamma, b.gamma)
    assert not np.array_equal(a.effect, b.effect)


@pytest.mark.usefixtures("routing")
def test_customers_stay_together_where_groups_are_routed(rows: dict[str, Any]) -> None:
    customer = np.repeat(np.arange(len(rows["y"]) // 3), 3)
    seen: list[np.ndarray] = []

    class Watched(UpliftRegressor):
        def fit(self, X, y, *, treatment=None, propensity=None, groups=None):  # type: ignore[no-untyped-def]
            seen.append(groups)
            return super().fit(X, y, treatment=treatment, propensity=propensity, groups=groups)

    cross_validate(
        Watched("t"),
        rows["X"],
        rows["y"],
        params={"treatment": rows["treatment"], "groups": customer},
        cv=GroupKFold(3),
        error_score="raise",
    )
    assert [np.unique(one, return_counts=True)[1].tolist() for one in seen] == [
        [3] * len(np.unique(one)) for one in seen
    ]
    assert len(seen) == 3


@pytest.mark.usefixtures("routing")
def test_requests_can_be_renamed_and_withdrawn(rows: dict[str, Any]) -> None:
    one = UpliftRegressor().set_fit_request(treatment="sent").set_score_request(treatment="sent")
    found = cross_val_score(one, rows["X"], rows["y"], params={"sent": rows["treatment"]}, cv=3)
    plain = cross_val_score(
        UpliftRegressor(), rows["X"], rows["y"], params={"treatment": rows["treatment"]}, cv=3
    )
    np.testing.assert_array_equal(found, plain)
    scorer = SCORERS["qini"].set_score_request(treatment="sent", propensity=False)
    assert get_routing_for_object(scorer).score.requests == {"treatment": "sent", "propensity": False}
    assert get_routing_for_object(SCORERS["qini"]).score.requests == {"treatment": True, "propensity": True}
    renamed = cross_val_score(
        one, rows["X"], rows["y"], params={"sent": rows["treatment"]}, cv=3, scoring=scorer
    )
    np.testing.assert_array_equal(renamed, plain)
    with pytest.raises(TypeError, match="Did you mean 'treatment'"):
        SCORERS["qini"].set_score_request(treatments=True)


@pytest.mark.usefixtures("routing")
def test_a_pipeline_hands_the_treatment_to_its_last_step(rows: dict[str, Any]) -> None:
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), UpliftRegressor("s"))
    x = rows["X"].copy()
    x[::7, 2] = np.nan
    params = {"treatment": rows["treatment"], "propensity": rows["propensity"]}
    pipeline.fit(x, rows["y"], **params)
    transformed = pipeline[:-1].transform(x)
    alone = UpliftRegressor("s").fit(transformed, rows["y"], **params)
    np.testing.assert_array_equal(pipeline.predict(x), alone.predict(transformed))
    assert np.isfinite(cross_val_score(pipeline, x, rows["y"], params=params, cv=3)).all()
    assert pipeline.score(x, rows["y"], **params) == alone.score(transformed, rows["y"], **params)
    for name, scorer in SCORERS.items():
        by_pipeline = scorer(pipeline, x, rows["y"], **params)
        assert by_pipeline == scorer(alone, transformed, rows["y"], **params), name
    search = GridSearchCV(
        pipeline,
        {"upliftregressor__learner": ["s", "t"]},
        scoring=SCORERS["autoc"],
        cv=3,
        error_score="raise",
    ).fit(x, rows["y"], **params)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_without_routing_a_pipeline_takes_the_step_name(rows: dict[str, Any]) -> None:
    pipeline = Pipeline([("scale", StandardScaler()), ("uplift", UpliftRegressor())])
    pipeline.fit(rows["X"], rows["y"], uplift__treatment=rows["treatment"])
    assert pipeline.predict(rows["X"]).shape == (1500, 2)


def test_without_routing_cross_validation_says_what_to_switch_on(rows: dict[str, Any]) -> None:
    with pytest.raises(LabError, match="enable_metadata_routing"):
        cross_validate(
            UpliftRegressor(),
            rows["X"],
            rows["y"],
            params={"treatment": rows["treatment"]},
            scoring=SCORERS["qini"],
            error_score="raise",
        )


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("as_arrow", [False, True])
def test_tables_pass_through_cross_validation(as_arrow: bool) -> None:
    sample = population(900, binary=True).sample
    frame = pd.DataFrame(sample.features.values, columns=list("abcd"))
    frame["region"] = np.where(frame["a"] > 0, "north", "south")
    table = pa.Table.from_pandas(frame, preserve_index=False) if as_arrow else frame
    labels = np.where(sample.outcome == 1, "kept", "gone")
    found = cross_validate(
        UpliftClassifier("t"),
        table,
        labels,
        params={"treatment": sample.arm},
        scoring={"value": SCORERS["policy_value"]},
        cv=3,
        error_score="raise",
    )
    assert np.isfinite(found["test_value"]).all()


@pytest.mark.usefixtures("routing")
def test_a_column_transformer_may_come_first() -> None:
    sample = population(900).sample
    frame = pd.DataFrame(sample.features.values, columns=list("abcd"))
    frame["region"] = pd.Categorical(np.where(frame["a"] > 0, "north", "south"))
    first = make_column_transformer((OneHotEncoder(sparse_output=False), ["region"]), remainder="passthrough")
    pipeline = make_pipeline(first.set_output(transform="pandas"), UpliftRegressor())
    pipeline.fit(frame, sample.outcome, treatment=sample.arm)
    assert pipeline[-1].feature_names_in_.tolist()[0].startswith("onehotencoder__region")
    assert pipeline.predict(frame).shape == (900, 2)


@pytest.mark.usefixtures("routing")
def test_a_classifiers_folds_keep_the_share_of_the_event(rows: dict[str, Any]) -> None:
    y = np.zeros(900, dtype=int)
    y[:30] = 1  # sorted and rare: plain folds would leave two of the three without an event
    arm = np.arange(900) % 2
    found = cross_val_score(
        UpliftClassifier("constant"), rows["X"][:900], y, params={"treatment": arm}, cv=3, error_score="raise"
    )
    assert len(found) == 3


# rows of any number: the forest reads 0 and 1 only, and two parts need amounts above 0 beside zeros
@pytest.mark.parametrize("learner", sorted(LEARNERS.keys() - {"causalml.uplift_forest", "two_part"}))
def test_a_fitted_estimator_travels_to_another_process(learner: str, rows: dict[str, Any]) -> None:
    # scikit-learn's n_jobs pickles; files of models are written in open formats (`to_files`)
    one = UpliftRegressor(learner, folds=2).fit(rows["X"], rows["y"], treatment=rows["treatment"])
    again = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(again.predict(rows["X"]), one.predict(rows["X"]))


def test_scorers_agree_with_the_labs_own_evidence() -> None:
    train, other = partly_feasible(3000, seed=1).sample, partly_feasible(3000, seed=2).sample
    one = UpliftRegressor("t").fit(
        train.features.values, train.outcome, treatment=train.arm, propensity=train.propensity
    )
    worth = Worth(2.0, (0.0, 0.1, 0.3))
    assert other.propensity is not None
    evidence = evaluate(
        gamma_on(other, one.outcomes_),
        one.predict(other.features.values),
        ("none", "a", "b"),
        worth,
        feasible=other.propensity[:, 1:] > 0,
    ).estimates

    def scored(metric: str, arm: int | None) -> float:
        return uplift_scorer(metric, arm, worth)(
            one, other.features.values, other.outcome, treatment=other.arm, propensity=other.propensity
        )

    for k, name in ((1, "a"), (2, "b")):
        for metric in ("qini", "autoc", "uplift_at_10", "uplift_at_20", "uplift_at_30"):
            assert scored(metric, k) == pytest.approx(evidence[f"{metric}.{name}"].value, abs=1e-12)
        slope = evidence[f"calibration_slope.{name}"].value
        assert scored("neg_calibration_error", k) == pytest.approx(-abs(slope - 1), abs=1e-12)
        assert scored("policy_gain", k) == pytest.approx(evidence[f"policy_gain.{name}"].value, abs=1e-12)
    assert scored("policy_value", None) == pytest.approx(evidence["policy_value"].value, abs=1e-12)
    assert scored("policy_gain", None) == pytest.approx(evidence["policy_gain.none"].value, abs=1e-12)
    assert scored("qini", None) == pytest.approx((scored("qini", 1) + scored("qini", 2)) / 2, abs=1e-12)


def test_the_true_effects_score_better_than_their_opposite_on_every_metric() -> None:
    found = population(4000)
    rows = {"X": found.sample.features.values, "y": found.sample.outcome, "treatment": found.sample.arm}
    one = UpliftRegressor("t").fit(**rows)
    for metric in SCORERS:
        better = judge(metric, _with_effect(one, rows, found.effect))
        worse = judge(metric, _with_effect(one, rows, -found.effect))
        assert better > worse, metric


def _with_effect(one: UpliftRegressor, rows: dict[str, Any], effect: np.ndarray) -> Any:
    held_out = one.held_out(**rows)
    return type(held_out)(held_out.gamma, effect, held_out.feasible)


def test_a_scorer_refuses_what_it_cannot_judge(rows: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'qini'"):
        uplift_scorer("quini")
    with pytest.raises(ConfigurationError, match="no arm of its own"):
        uplift_scorer("policy_value", 1)
    one = UpliftRegressor("constant").fit(rows["X"], rows["y"], treatment=rows["treatment"])
    for arm in (0, 3):
        with pytest.raises(LabError, match="knows 1 to 2"):
            uplift_scorer("qini", arm)(one, rows["X"], rows["y"], treatment=rows["treatment"])
    with pytest.raises(LabError, match="All predictions are equal"):
        SCORERS["neg_calibration_error"](one, rows["X"], rows["y"], treatment=rows["treatment"])
    with pytest.raises(LabError, match="Weights came"):
        one.score(rows["X"], rows["y"], treatment=rows["treatment"], sample_weight=np.ones(1500))
    with pytest.raises(LabError, match="LinearRegression"):
        SCORERS["qini"](LinearRegression(), rows["X"], rows["y"], treatment=rows["treatment"])


def test_every_metric_has_its_scorer() -> None:
    assert set(OFFER_METRICS) < set(SCORERS)
    assert all(isinstance(one, MetricScorer) and one.metric == name for name, one in SCORERS.items())
