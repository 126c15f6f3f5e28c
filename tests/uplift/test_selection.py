import numpy as np

from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import best, doubly_robust_loss, fit_candidate
from tests.uplift.populations import population


def test_a_clear_effect_is_found_by_a_learner_and_not_by_the_constant() -> None:
    task = prepare(population(4000).sample)
    candidates = [fit_candidate(name, task) for name in ("constant", "s", "t")]
    assert best(candidates).name in {"s", "t"}


def test_the_constant_wins_where_all_respond_alike() -> None:
    found = population(3000, strength=0.0)
    outcome = found.sample.outcome + 0.3 * (found.sample.arm > 0)
    sample = UpliftSample(found.sample.features, found.sample.arm, outcome, found.sample.propensity)
    task = prepare(sample)
    assert best(fit_candidate(name, task) for name in ("t", "constant")).name == "constant"


def test_a_candidate_is_judged_on_rows_that_it_has_not_seen() -> None:
    task = prepare(population(1500, strength=0.0).sample, folds=3)
    candidate = fit_candidate("t", task)
    seen = doubly_robust_loss(task.gamma, candidate.model.effect(task.sample.features))
    assert seen < candidate.loss


def test_the_registered_model_is_fitted_on_all_rows() -> None:
    task = prepare(population(1500).sample)
    candidate = fit_candidate("t", task)
    wanted = task.outcomes.mean(task.sample.features)
    np.testing.assert_array_equal(candidate.model.effect(task.sample.features), wanted[:, 1:] - wanted[:, :1])


def test_the_loss_is_smallest_at_the_truth() -> None:
    found = population(20_000)
    gamma = found.mean + np.random.default_rng(1).normal(size=found.mean.shape)
    assert doubly_robust_loss(gamma, found.effect) < doubly_robust_loss(gamma, 0.8 * found.effect)


def test_rows_that_could_not_get_an_offer_do_not_judge_it() -> None:
    gamma, feasible = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[True], [False]])
    assert doubly_robust_loss(gamma, np.array([[1.0], [1.0]]), feasible) == 0.0
    assert doubly_robust_loss(gamma, np.array([[1.0], [1.0]])) == 0.5


def test_the_first_named_wins_a_tie() -> None:
    task = prepare(population(600).sample)
    one, two = fit_candidate("constant", task), fit_candidate("constant", task)
    assert best([one, two]) is one
