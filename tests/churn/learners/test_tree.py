import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from retention_lab.churn.learners.tree import TreeParams, fit_tree, pruning_path
from tests.churn.populations import population

SAMPLE = population(1200).sample


def test_a_higher_penalty_leaves_fewer_leaves() -> None:
    leaves = [fit_tree(SAMPLE, 7, TreeParams(pruning=penalty)).leaves for penalty in (0.0, 0.002, 0.01, 1.0)]
    assert leaves == sorted(leaves, reverse=True)
    assert leaves[-1] == 1


def test_the_penalty_is_within_one_error_of_the_least_loss_and_cuts_the_tree() -> None:
    path = pruning_path(SAMPLE)
    assert (np.diff(path.penalty) > 0).all()
    at_best = path.log_loss[path.penalty == path.best][0]
    assert at_best < path.log_loss[0]
    assert at_best == pytest.approx(path.log_loss.min(), abs=0.03)
    assert fit_tree(SAMPLE).leaves < fit_tree(SAMPLE, 7, TreeParams(pruning=0.0)).leaves / 2


def test_the_path_is_that_of_trees_grown_afresh_for_every_penalty() -> None:
    path, left = pruning_path(SAMPLE, 3), SAMPLE.left
    again = np.empty((len(path.penalty), len(left)))
    prepared = fit_tree(SAMPLE, 3).prepared
    columns = prepared.columns(SAMPLE.features.values)
    for train, test in StratifiedKFold(3, shuffle=True, random_state=3).split(columns, left):
        for i, penalty in enumerate(path.penalty):
            tree = DecisionTreeClassifier(ccp_alpha=penalty, min_samples_leaf=20, random_state=3)
            share = tree.fit(columns[train], left[train]).predict_proba(columns[test])[:, 1].clip(1e-3, 0.999)
            again[i, test] = -np.where(left[test] == 1, np.log(share), np.log1p(-share))
    np.testing.assert_allclose(path.log_loss, again.mean(axis=1), rtol=1e-12)
