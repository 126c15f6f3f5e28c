import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.svm import SVR

from retention_lab.demand.lag_regressors import RegressionTrees, fit_forest, fit_svm, read_regressor

RNG = np.random.default_rng(1)
X = RNG.normal(size=(400, 5))
Y = X[:, 0] * X[:, 1] + 0.1 * RNG.normal(size=400)
NAMES = tuple("abcde")


def test_a_forest_as_arrays_says_what_scikit_learn_says() -> None:
    found = fit_forest(X, Y, NAMES, 3)
    theirs = RandomForestRegressor(100, max_features=1 / 3, min_samples_leaf=5, random_state=3).fit(X, Y)
    np.testing.assert_allclose(found.predict(X), theirs.predict(X), rtol=1e-12, atol=1e-12)


def test_a_machine_as_arrays_says_what_scikit_learn_says() -> None:
    found = fit_svm(X, Y, NAMES, 3)
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = SVR(C=Y.std(), epsilon=0.1 * Y.std(), gamma=0.2).fit(scaled, Y)
    np.testing.assert_allclose(found.predict(X), theirs.predict(scaled), atol=1e-9)


def test_trees_are_read_back_to_the_bit() -> None:
    found = fit_forest(X, Y, NAMES, 3)
    again = read_regressor(found.to_files())
    assert isinstance(again, RegressionTrees)
    np.testing.assert_array_equal(again.predict(X), found.predict(X))
