import numpy as np
import pytest

from retention_lab.uplift import fit
from retention_lab.uplift.learners import LEARNERS
from retention_lab.uplift.nuisances import prepare
from tests.uplift.populations import partly_feasible, population


def test_the_constant_is_the_mean_difference_of_the_scores() -> None:
    task = prepare(population(800).sample)
    model = LEARNERS["constant"].fit(task.whole)
    mean = task.gamma.mean(axis=0)
    np.testing.assert_allclose(model.effect(np.zeros((2, 4))), np.tile(mean[1:] - mean[0], (2, 1)))


def test_the_constant_speaks_of_those_who_could_get_the_offer() -> None:
    found = partly_feasible(8000)
    open_to = found.sample.features.values[:, 3] <= 0
    effect = fit("constant", found.sample).effect(np.zeros((1, 4)))[0]
    assert effect[1] == pytest.approx(found.effect[open_to, 1].mean(), abs=0.15)
