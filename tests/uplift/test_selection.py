import numpy as np

from retention_lab.uplift.learners.stack import PARTS
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import Candidates, best, effect_loss, fit_candidate
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
    seen = effect_loss(task.whole, candidate.model.effect(task.sample.features))
    assert seen < candidate.loss


def test_a_candidate_is_the_average_of_the_models_that_were_judged() -> None:
    task = prepare(population(1500).sample)
    candidate = fit_candidate("s", task)
    wanted = task.outcomes.mean(task.sample.features)
    found = candidate.model.effect(task.sample.features)
    np.testing.assert_allclose(found, wanted[:, 1:] - wanted[:, :1], atol=1e-12)


def test_the_loss_is_smallest_near_the_truth() -> None:
    found = population(20_000)
    task = prepare(found.sample)
    truth = found.effect[task.rows]
    assert effect_loss(task.whole, truth) < effect_loss(task.whole, 0.8 * truth)


def test_the_stack_keeps_the_average_effect_and_beats_its_parts_or_comes_near() -> None:
    candidates = Candidates(prepare(population(4000).sample))
    found = candidates.fit("stack")
    parts = [candidates.fit(name).loss for name in PARTS]
    assert found.loss < min(parts) * 1.001
    constant = candidates.fit("constant")
    np.testing.assert_allclose(found.effect.mean(axis=0), constant.effect[0], atol=0.02)


def test_the_stack_says_nothing_where_all_respond_alike() -> None:
    found = fit_candidate("stack", prepare(population(4000, strength=0.0).sample))
    assert found.effect.std(axis=0).max() < 0.1  # the effects of `population` vary by .7


def test_the_first_named_wins_a_tie() -> None:
    task = prepare(population(600).sample)
    one, two = fit_candidate("constant", task), fit_candidate("constant", task)
    assert best([one, two]) is one
