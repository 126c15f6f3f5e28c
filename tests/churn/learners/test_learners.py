"""What every learner promises."""

import numpy as np
import pytest

from retention_lab.churn.learners import LEARNERS, contributions, learner
from retention_lab.churn.learners.blend import Blend
from retention_lab.churn.learners.boosted import BoostedModel, fit_boosted
from retention_lab.churn.learners.linear import LinearModel
from retention_lab.churn.learners.logistic import fit_logistic
from retention_lab.churn.learners.svm import SvmParams, fit_svm, read_svm
from retention_lab.churn.sample import ChurnSample
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.measures import auc_terms
from tests.churn.populations import population

KNOWN = population(800)
SAMPLE = KNOWN.sample
FRESH = population(1500, seed=2)


@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_saved_predicts_the_same(name: str) -> None:
    model = LEARNERS[name].fit(SAMPLE, 7)
    files = model.to_files()
    assert all(isinstance(data, bytes) for data in files.values())
    assert {file.rsplit(".")[-1] for file in files} <= {"json", "npz", "txt"}
    again = LEARNERS[name].from_files(files)
    strange = FRESH.sample.features.values.copy()
    strange[:20], strange[20:40] = np.nan, 1e6
    for values in (SAMPLE.features.values, strange):
        np.testing.assert_allclose(again.probability(values), model.probability(values), rtol=0, atol=1e-12)
        assert np.isfinite(again.probability(values)).all()


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_sample_and_seed_give_the_same_files(name: str) -> None:
    one, two = (LEARNERS[name].fit(SAMPLE.rows(np.arange(300)), 3) for _ in range(2))
    np.testing.assert_array_equal(one.probability(SAMPLE.features), two.probability(SAMPLE.features))


@pytest.mark.parametrize("name", LEARNERS)
def test_new_customers_are_ranked_nearly_as_well_as_the_truth_ranks_them(name: str) -> None:
    found = auc_terms(FRESH.sample.left, LEARNERS[name].fit(SAMPLE, 7).probability(FRESH.sample.features))
    best = auc_terms(FRESH.sample.left, FRESH.risk)
    assert found.mean() > best.mean() - (0.12 if name == "tree" else 0.06)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_sample_in_which_everybody_left_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="nobody to compare"):
        LEARNERS[name].fit(ChurnSample(SAMPLE.features, np.ones(len(SAMPLE))), 7)


@pytest.mark.parametrize("name", ["logistic", "lightgbm", "tree", "forest"])
def test_parts_sum_to_the_log_odds(name: str) -> None:
    model = LEARNERS[name].fit(SAMPLE, 7)
    odds = contributions(model, SAMPLE.features).sum(axis=1)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), model.probability(SAMPLE.features), atol=1e-9)


def test_parts_of_a_blend_sum_to_its_log_odds() -> None:
    smooth, trees = fit_logistic(SAMPLE), fit_boosted(SAMPLE)
    assert isinstance(smooth, LinearModel)
    assert isinstance(trees, BoostedModel)
    model = Blend(smooth, trees, 0.3)
    odds = model.contributions(SAMPLE.features).sum(axis=1)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), model.probability(SAMPLE.features), atol=1e-6)
    assert Blend.from_files(model.to_files()).weight == 0.3


def test_a_model_without_parts_says_what_to_explain_instead() -> None:
    with pytest.raises(LabError, match="Explain"):
        contributions(LEARNERS["svm"].fit(SAMPLE, 7), SAMPLE.features)


def test_a_linear_machine_is_saved_as_one() -> None:
    model = fit_svm(SAMPLE, 7, SvmParams(kernel="linear"))
    assert isinstance(read_svm(model.to_files()), LinearModel)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'logistic'"):
        learner("logistik")
