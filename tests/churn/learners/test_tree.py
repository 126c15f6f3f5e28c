import numpy as np
import pytest

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
