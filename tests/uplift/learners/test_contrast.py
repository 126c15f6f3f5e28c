from dataclasses import replace

import numpy as np
import pytest

from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.learners.contrast import contrast, evidence
from retention_lab.uplift.nuisances import Nuisances, Task, prepare
from retention_lab.uplift.sample import UpliftSample
from tests.uplift.populations import Population, confounded, knowing, partly_feasible, population


def without_noise(found: Population) -> Task:
    """Outcomes that are what was expected of the arm: all that is left to explain is the effect."""
    arm = found.sample.arm
    exact = found.sample.with_outcome(found.mean[np.arange(len(arm)), arm])
    return knowing(Population(exact, found.effect, found.mean))


def effect_of(task: Task, rows: np.ndarray, offer: int) -> np.ndarray:
    mean = task.nuisances.mean[rows]
    return np.asarray(mean[:, offer] - mean[:, 0])


@pytest.mark.parametrize("offer", [1, 2])
def test_where_nothing_is_noise_residuals_are_surprise_times_effect(offer: int) -> None:
    task = without_noise(population(1000))
    task = replace(task, target=task.sample.outcome)  # far tails and all
    one = contrast(task, offer)
    truth = effect_of(task, one.rows, offer)
    np.testing.assert_allclose(one.residual, one.surprise * truth, atol=1e-12)
    np.testing.assert_allclose(one.pseudo_effect, truth, atol=1e-9)
    assert one.loss(truth) < 1e-24 < one.loss(truth + 0.1)


def test_only_rows_of_the_two_arms_that_could_have_got_either_are_compared() -> None:
    task = prepare(partly_feasible(1000).sample).whole
    one = contrast(task, 2)
    able = (task.sample.arm != 1) & (task.nuisances.propensity[:, 2] > 0)
    np.testing.assert_array_equal(one.rows, np.flatnonzero(able))
    assert len(contrast(task, 1).rows) == int(np.sum(task.sample.arm != 2))


def test_surprise_is_nought_on_average_for_customers_of_any_kind() -> None:
    task = prepare(partly_feasible(20_000).sample).whole
    one = contrast(task, 1)
    np.testing.assert_allclose(np.unique(one.surprise.round(9)), [-0.4, -0.375, 0.6, 0.625])
    for where in (task.sample.features.values[one.rows, j] > 0 for j in range(4)):
        part = one.surprise[where]
        assert abs(part.mean()) < 4 * part.std() / np.sqrt(len(part))


def test_squared_error_of_pseudo_effects_is_the_loss() -> None:
    task = prepare(population(1000).sample).whole
    task = replace(task, sample=task.sample.weighing(np.linspace(1, 3, 1000)))
    one = contrast(task, 1)
    np.testing.assert_array_equal(one.weight, np.linspace(1, 3, 1000)[one.rows])
    for guess in (np.zeros(len(one.rows)), np.sin(np.arange(len(one.rows)))):
        error = np.sum(one.pseudo_weight * (one.pseudo_effect - guess) ** 2) / np.sum(one.weight)
        assert error == pytest.approx(one.loss(guess))


def test_the_loss_is_least_at_the_truth_even_where_outcome_models_are_wrong() -> None:
    found = population(40_000)
    wrong = knowing(found, mean=found.mean + np.array([0.5, -0.5, 1.0]))
    for k in (1, 2):
        one = contrast(wrong, k)
        truth = found.effect[prepare(found.sample).rows][one.rows, k - 1]
        for off in (0.5 * truth, 1.5 * truth, truth + 0.2):
            assert one.loss(truth) < one.loss(off)


def test_known_chances_are_judged_by_the_contrast_and_estimated_ones_by_scores() -> None:
    known = prepare(population(800).sample).whole
    np.testing.assert_array_equal(evidence(known, 1).residual, contrast(known, 1).residual)
    task = prepare(confounded(800).sample).whole
    one, nuisances = evidence(task, 1), task.nuisances
    gamma = doubly_robust(task.target, task.sample.arm, nuisances.propensity, nuisances.mean)
    np.testing.assert_allclose(one.residual, gamma[:, 1] - gamma[:, 0])
    assert set(one.surprise) == {1.0}
    assert len(one.rows) == 800


def test_scores_are_right_where_only_one_of_the_two_models_is() -> None:
    found = confounded(40_000, known=True)
    task = prepare(found.sample).whole
    truth = float(found.effect.mean())
    flat = np.full((40_000, 2), 0.5)
    right = Nuisances(found.mean[prepare(found.sample).rows], flat, estimated=True)
    other = Nuisances(np.zeros((40_000, 2)), task.sample.propensity, estimated=True)  # type: ignore[arg-type]
    for nuisances in (right, other):
        one = evidence(replace(task, nuisances=nuisances), 1)
        noise = one.residual.std() / np.sqrt(len(one.rows))
        assert abs(one.residual.mean() - truth) < 4 * noise
    both = evidence(replace(task, nuisances=Nuisances(np.zeros((40_000, 2)), flat, estimated=True)), 1)
    assert abs(both.residual.mean() - truth) > 20 * both.residual.std() / np.sqrt(40_000)


def test_an_arm_that_nobody_could_get_beside_control_leaves_no_rows() -> None:
    rng = np.random.default_rng(1)
    arm = np.repeat([0, 1, 2], 100)
    propensity = np.where(arm[:, None] == 2, [0.0, 0.5, 0.5], [0.5, 0.5, 0.0])
    task = knowing(
        Population(
            UpliftSample(rng.normal(size=(300, 1)), arm, rng.normal(size=300), propensity),
            np.zeros((300, 2)),
            np.zeros((300, 3)),
        )
    )
    assert len(contrast(task, 2).rows) == 0
