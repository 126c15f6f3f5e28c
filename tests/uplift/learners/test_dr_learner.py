from dataclasses import replace

import numpy as np
import pytest

from retention_lab.uplift.learners.dr_learner import fit_dr_learner, fit_transformed
from retention_lab.uplift.nuisances import Nuisances
from tests.uplift.populations import confounded, knowing, partly_feasible

ROWS = 20_000


def averages(mean: np.ndarray | None, propensity: np.ndarray | None) -> tuple[float, float]:
    """The learner's average effect, and the true one, where treatment follows who would do well anyway."""
    found = confounded(ROWS, known=True)
    effect = fit_dr_learner(knowing(found, mean, propensity)).effect(found.sample.features)
    return float(effect.mean()), float(found.effect.mean())


# what 20,000 rows of noise 1 and unequal chances know of the average: about .02
RIGHT = 0.08


def test_right_chances_make_up_for_wrong_outcome_models() -> None:
    found, truth = averages(np.zeros((ROWS, 2)), None)
    assert abs(found - truth) < RIGHT


def test_right_outcome_models_make_up_for_wrong_chances() -> None:
    found, truth = averages(None, np.full((ROWS, 2), 0.5))
    assert abs(found - truth) < RIGHT


def test_where_both_are_wrong_nothing_helps() -> None:
    found, truth = averages(np.zeros((ROWS, 2)), np.full((ROWS, 2), 0.5))
    assert abs(found - truth) > 5 * RIGHT


def test_who_responds_is_found_where_chances_differ() -> None:
    found = confounded(ROWS, known=True)
    effect = fit_dr_learner(knowing(found)).effect(found.sample.features)
    assert np.corrcoef(effect[:, 0], found.effect[:, 0])[0, 1] > 0.9


def test_the_transformed_outcome_asks_no_outcome_model() -> None:
    found = confounded(4000, known=True)
    x = found.sample.features
    plain = fit_transformed(knowing(found)).effect(x)
    np.testing.assert_array_equal(fit_transformed(knowing(found, found.mean + 100)).effect(x), plain)
    assert np.abs(fit_dr_learner(knowing(found, found.mean + 100)).effect(x) - plain).max() > 1e-6


@pytest.mark.parametrize("fit", [fit_dr_learner, fit_transformed])
def test_only_those_who_could_get_an_offer_tell_of_it(fit) -> None:  # type: ignore[no-untyped-def]
    """What is believed of the second offer where it cannot be given must not move its effect."""
    found = partly_feasible(4000)
    task = knowing(found)
    able = task.nuisances.propensity[:, 2] > 0
    mean = task.nuisances.mean.copy()
    mean[~able, 2] += 1000
    fooled = replace(task, nuisances=Nuisances(mean, task.nuisances.propensity, estimated=False))
    x = found.sample.features
    np.testing.assert_array_equal(fit(fooled).effect(x), fit(task).effect(x))
