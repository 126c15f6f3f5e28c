"""The arrays predict what the fitted library object does."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from retention_lab.churn.learners.forest import ForestParams, fit_forest
from retention_lab.churn.learners.logistic import LogisticParams, fit_logistic
from retention_lab.churn.learners.svm import SvmParams, fit_svm
from retention_lab.churn.preparation import Preparing, prepare
from tests.churn.populations import population

SAMPLE = population(900).sample


def test_a_forest_is_the_librarys() -> None:
    params = ForestParams(trees=25)
    columns = prepare(SAMPLE.features, params.preparing).columns(SAMPLE.features.values)
    theirs = RandomForestClassifier(25, min_samples_leaf=10, random_state=3).fit(columns, SAMPLE.left)
    ours = fit_forest(SAMPLE, 3, params)
    np.testing.assert_allclose(
        ours.probability(SAMPLE.features), theirs.predict_proba(columns)[:, 1], rtol=0, atol=1e-12
    )


def test_logistic_regression_is_the_librarys() -> None:
    params = LogisticParams(0.5, Preparing())
    columns = prepare(SAMPLE.features, params.preparing).columns(SAMPLE.features.values)
    centred = columns - columns.mean(axis=0)
    theirs = LogisticRegression(C=0.5, max_iter=2000, tol=1e-8).fit(centred, SAMPLE.left)
    np.testing.assert_allclose(
        fit_logistic(SAMPLE, 7, params).probability(SAMPLE.features),
        theirs.predict_proba(centred)[:, 1],
        rtol=0,
        atol=1e-12,
    )


def test_a_kernel_machine_with_every_row_as_landmark_is_the_exact_kernels() -> None:
    small = SAMPLE.rows(np.arange(200))
    params = SvmParams(components=200, width=0.1, preparing=Preparing())
    model = fit_svm(small, 7, params)
    columns = prepare(small.features, params.preparing).columns(small.features.values)
    kernel = np.exp(-0.1 * ((columns[:, None] - columns) ** 2).sum(axis=2))
    values, vectors = np.linalg.eigh(kernel)
    root = vectors * np.sqrt(np.maximum(values, 0))
    theirs = LinearSVC(C=params.strength, dual=False, max_iter=5000, random_state=7).fit(root, small.left)
    margin = theirs.decision_function(root)
    assert model.probability(small.features) == pytest.approx(1 / (1 + np.exp(-margin)), abs=1e-4)
