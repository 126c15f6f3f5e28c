from collections.abc import Callable

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.uplift.nuisances import Prepared, fold_count, prepare
from retention_lab.uplift.outcomes import TwoPart, fit_probabilities
from retention_lab.uplift.sample import UpliftSample
from retention_lab.uplift.selection import fit_candidate
from tests.uplift.populations import partly_feasible, population


def folds_as_given(sample: UpliftSample) -> np.ndarray:
    task = prepare(sample, folds=2)
    return task.fold[np.argsort(task.rows)]


def means_as_given(sample: UpliftSample) -> np.ndarray:
    task = prepare(sample, folds=2)
    return task.nuisances.mean[np.argsort(task.rows)]


def test_no_row_was_seen_by_the_models_that_speak_about_it() -> None:
    found = population(600)
    sample = found.sample
    row, fold, before = 0, folds_as_given(sample), means_as_given(sample)
    for size in range(1000, 1100):  # a changed outcome may send the row to another fold: take one that stays
        outcome = sample.outcome.copy()
        outcome[row] += size
        changed = UpliftSample(sample.features, sample.arm, outcome, sample.propensity)
        if np.array_equal(folds_as_given(changed), fold):
            break
    after, mine = means_as_given(changed), fold == fold[row]
    np.testing.assert_allclose(after[mine], before[mine], rtol=1e-9)  # sums in another order
    assert np.abs(after[~mine] - before[~mine]).max() > 0.1


def test_rows_of_one_customer_share_a_fold() -> None:
    found = population(600).sample
    group = np.repeat(np.arange(200), 3)
    task = prepare(UpliftSample(found.features, found.arm, found.outcome, found.propensity, group), folds=5)
    assert all(len(np.unique(task.fold[task.sample.group == g])) == 1 for g in range(200))


def test_given_propensities_are_used_and_never_estimated() -> None:
    task = prepare(population(600).sample)
    assert task.propensities is None
    assert not task.nuisances.estimated
    np.testing.assert_array_equal(task.nuisances.propensity, task.sample.propensity)


def test_unknown_propensities_are_estimated_and_said_to_be() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 2))
    truth = 1 / (1 + np.exp(-x[:, 0]))
    arm = (rng.random(4000) < truth).astype(int)
    task = prepare(UpliftSample(x, arm, x[:, 0] + arm))
    found = task.nuisances
    assert found.estimated
    np.testing.assert_allclose(found.propensity.sum(axis=1), 1.0)
    assert found.propensity.min() > 0.005
    assert np.corrcoef(found.propensity[:, 1], truth[task.rows])[0, 1] > 0.9
    assert task.propensities is not None
    assert np.corrcoef(task.propensities.probability(x)[:, 1], truth)[0, 1] > 0.9


def test_leaving_a_fold_out_reuses_the_models_that_have_not_seen_it() -> None:
    task = prepare(population(600).sample, folds=3)
    rest = task.without_fold(1)
    assert rest.outcomes is task.fold_outcomes[1]
    assert len(rest.sample) == int(np.sum(task.fold != 1))
    np.testing.assert_array_equal(rest.gamma, task.gamma[task.fold != 1])


def test_outcome_models_recover_the_means_of_the_arms() -> None:
    found = population(6000)
    mean = prepare(found.sample).outcomes.mean(found.sample.features)
    assert mean.shape == (6000, 3)
    assert np.corrcoef(mean[:, 1] - mean[:, 0], found.effect[:, 0])[0, 1] > 0.7


def test_a_rare_event_gets_its_share_for_everybody() -> None:
    sample = population(1000).sample
    event = np.zeros(1000)
    event[np.flatnonzero(sample.arm == 1)[:20]] = 1
    found = fit_probabilities(sample.features, sample.arm, event, 3).mean(sample.features)
    np.testing.assert_array_equal(np.unique(found[:, 0]), [0.0])
    np.testing.assert_allclose(np.unique(found[:, 1]), [20 / np.sum(sample.arm == 1)])


def test_a_frequent_event_is_told_apart_by_customer() -> None:
    found = population(4000, binary=True)
    sample = found.sample
    probability = fit_probabilities(sample.features, sample.arm, sample.outcome, 3).mean(sample.features)
    assert np.corrcoef(probability[:, 0], found.mean[:, 0])[0, 1] > 0.7


def test_an_arm_that_is_too_small_for_the_folds_is_refused() -> None:
    x = np.random.default_rng(1).normal(size=(100, 2))
    arm = np.zeros(100, dtype=int)
    arm[0] = 1
    with pytest.raises(LabError, match="in arm 1"):
        fit_candidate("t", prepare(UpliftSample(x, arm, x[:, 0])))


def test_small_samples_spare_less_for_each_fold() -> None:
    assert (fold_count(49_999), fold_count(50_000)) == (5, 2)


def two_part_task(rows: int, amount: Callable[[np.ndarray], np.ndarray], seed: int = 1) -> Prepared:
    """Nine of ten buy nothing; who buys is one thing, and how much another."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    bought = rng.random(rows) < 0.2 / (1 + np.exp(-3 * x[:, 0]))
    outcome = np.where(bought, amount(x), 0.0)
    return prepare(UpliftSample(x, rng.integers(0, 2, rows), outcome, np.full((rows, 2), 0.5)))


def cross_fitted_error(task: Prepared, two_parts: bool) -> float:
    by_fold = task._two_part_outcomes if two_parts else task._plain_outcomes
    mean = np.empty((len(task.sample), 2))
    for f, models in enumerate(by_fold):
        mean[task.fold == f] = models.mean(task.sample.features.rows(task.fold == f))
    known = mean[np.arange(len(mean)), task.sample.arm]
    return float(np.mean((task.target - known) ** 2))


def test_outcomes_are_told_in_two_parts_where_that_foretells_them_better() -> None:
    chosen = []
    for seed in range(3):
        task = two_part_task(8000, lambda x: 20 * np.exp(0.6 * x[:, 1]), seed)
        assert task.in_two_parts == (cross_fitted_error(task, True) < cross_fitted_error(task, False))
        assert all(isinstance(one, TwoPart) == task.in_two_parts for one in task.fold_outcomes[0].models)
        chosen.append(task.in_two_parts)
    assert all(chosen)  # chance times amount is how these were made


def test_two_parts_are_not_asked_of_shares_nor_of_losses_nor_of_what_is_mostly_above_nought() -> None:
    sample = population(1000, binary=True).sample
    amounts = np.abs(np.random.default_rng(1).normal(size=1000))
    rare = amounts * (np.arange(1000) % 10 == 0)
    for outcome, wanted in (
        (sample.outcome, False),
        (amounts, False),
        (rare, True),
        (rare - 0.5 * (np.arange(1000) % 10 == 1), False),
        (amounts * (np.arange(1000) % 50 == 0), False),  # too few to say who
    ):
        task = prepare(sample.with_outcome(outcome))
        assert task.mostly_zero == wanted
        assert wanted or not task.in_two_parts


def test_the_event_is_whether_anything_was_bought_on_the_same_rows_and_folds() -> None:
    task = two_part_task(3000, lambda x: 20 * np.exp(x[:, 1]))
    event = task.event
    np.testing.assert_array_equal(event.sample.outcome, task.sample.outcome > 0)
    np.testing.assert_array_equal(event.fold, task.fold)
    np.testing.assert_array_equal(event.rows, task.rows)
    assert event.bins is task.bins
    assert task.event is event  # kept, as all that is fitted on it is
    np.testing.assert_array_equal(task.whole.event().sample.outcome, event.sample.outcome)
    part = task.without_fold(0).event()
    np.testing.assert_array_equal(part.sample.outcome, event.sample.outcome[task.fold != 0])
    assert part.outcomes is event.fold_outcomes[0]
    assert 0 <= event.nuisances.mean.min() <= event.nuisances.mean.max() <= 1


@pytest.mark.parametrize("outcome", [np.linspace(-1, 1, 200), np.zeros(200), np.ones(200)])
def test_an_outcome_without_two_parts_has_no_event(outcome: np.ndarray) -> None:
    task = prepare(population(200).sample.with_outcome(outcome))
    with pytest.raises(LabError, match="two parts"):
        task.event  # noqa: B018  # asking for it makes it


def test_models_do_not_look_at_the_far_tail_and_scores_do() -> None:
    sample = population(2000).sample
    outcome = sample.outcome.copy()
    outcome[7] = 1e6
    task = prepare(sample.with_outcome(outcome))
    place = int(np.flatnonzero(task.rows == 7)[0])
    assert task.target[place] < 10
    assert task.sample.outcome[place] == 1e6
    assert abs(task.gamma[place, sample.arm[7]]) > 1e6
    shares = prepare(population(200, binary=True).sample)
    np.testing.assert_array_equal(shares.target, shares.sample.outcome)


def test_nought_stays_nought_where_tails_are_drawn_in() -> None:
    sample = population(2000).sample
    outcome = np.where(np.arange(2000) % 3 == 0, 0.0, 50 + sample.outcome)
    task = prepare(sample.with_outcome(outcome))
    np.testing.assert_array_equal(task.target == 0, task.sample.outcome == 0)
    assert task.target[task.target != 0].min() > 40


def test_offers_that_could_not_be_given_score_as_control() -> None:
    found = partly_feasible(1000)
    task = prepare(found.sample)
    closed = ~task.feasible[:, 1]
    np.testing.assert_array_equal(closed, task.sample.features.values[:, 3] > 0)
    np.testing.assert_array_equal(task.gamma[closed, 2], task.gamma[closed, 0])
    assert np.abs(task.gamma[~closed, 2] - task.gamma[~closed, 0]).min() > 0


def test_scores_are_right_on_average() -> None:
    found = population(20_000)
    task = prepare(found.sample)
    noise = task.gamma.std(axis=0) / np.sqrt(20_000)
    assert np.all(np.abs(task.gamma.mean(axis=0) - found.mean.mean(axis=0)) < 4 * noise)


def test_rows_come_in_an_order_of_their_own_that_can_be_followed_back() -> None:
    sample = population(1000).sample
    task = prepare(sample)
    np.testing.assert_array_equal(np.sort(task.rows), np.arange(1000))
    np.testing.assert_array_equal(task.sample.features.values, sample.features.values[task.rows])
    np.testing.assert_array_equal(task.sample.outcome, sample.outcome[task.rows])


def test_a_single_fold_is_refused() -> None:
    with pytest.raises(LabError, match="no rows to judge") as error:
        prepare(population(200).sample, folds=1)
    assert error.value.key == "folds"


def test_fewer_customers_than_folds_are_refused() -> None:
    sample = population(200).sample
    alone = UpliftSample(
        sample.features, sample.arm, sample.outcome, sample.propensity, np.arange(200) // 100
    )
    with pytest.raises(LabError, match="cannot be split"):
        prepare(alone, folds=5)
