import numpy as np
import pytest

from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.order import keys_of
from retention_lab.uplift.sample import UpliftSample, observed_propensity
from retention_lab.uplift.thinning import FROM_ROWS, INFLATION, keep_chance


def rare(rows: int, rate: float = 0.02, treated: float = 0.9, seed: int = 3) -> UpliftSample:
    """A rare outcome, more likely where x0 is high and for the treated, most of whom are treated."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    arm = (rng.random(rows) < treated).astype(np.int64)
    outcome = (rng.random(rows) < rate * (1 + 0.5 * arm) * (1 + np.tanh(x[:, 0]))).astype(float)
    return UpliftSample(x, arm, outcome, np.tile([1 - treated, treated], (rows, 1)))


def money(rows: int, seed: int = 4) -> UpliftSample:
    found = rare(rows, 0.06, 0.5, seed)
    amount = found.outcome * np.random.default_rng(seed).lognormal(3, 1, rows)
    return UpliftSample(found.features, found.arm, amount, None)


def influence(sample: UpliftSample) -> np.ndarray:
    """(n,) what a row adds to the difference of the arms' means."""
    mean = np.array([sample.outcome[sample.arm == k].mean() for k in range(sample.arm_count)])
    known = (
        observed_propensity(sample.arm, sample.arm_count) if sample.propensity is None else sample.propensity
    )
    chance = known[np.arange(len(sample)), sample.arm]
    return (sample.outcome - mean[sample.arm]) / chance


@pytest.mark.parametrize("sample", [rare(30_000), rare(30_000, 0.2, 0.5), money(30_000)])
def test_the_variance_grows_by_what_is_allowed_and_no_more(sample: UpliftSample) -> None:
    chance, size = keep_chance(sample), influence(sample)
    assert 0 < chance.min() <= chance.max() == 1
    inflation = np.sum(size**2 / chance) / np.sum(size**2)
    # of the rows of least surprise more are kept than this asks for: the price may stay below what is allowed
    assert 1 < inflation < INFLATION * (1 + 1e-6)


def test_no_other_chances_keep_fewer_rows_for_the_same_variance() -> None:
    sample = money(30_000)
    chance, size = keep_chance(sample), np.abs(influence(sample))
    size = np.maximum(size, 0.1 * size.mean())
    variance, rows, rng = np.sum(size**2 / chance), chance.sum(), np.random.default_rng(5)
    for _ in range(20):
        other = np.clip(chance * np.exp(0.3 * rng.normal(size=len(chance))), 1e-6, 1)
        low, high = 0.1, 10.0
        for _ in range(50):  # as many rows, spread otherwise
            middle = (low + high) / 2
            low, high = (middle, high) if np.minimum(1, other * middle).sum() < rows else (low, middle)
        assert np.sum(size**2 / np.minimum(1, other * low)) > variance


def test_weighted_means_are_right_on_average() -> None:
    sample, seeds = rare(FROM_ROWS), range(100)
    keys, chance = keys_of(sample), keep_chance(sample)
    wanted = [sample.outcome, sample.arm.astype(float), sample.features.values[:, 0], np.ones(len(sample))]
    errors = np.empty((len(seeds), len(wanted)))
    for i, seed in enumerate(seeds):
        kept = np.flatnonzero(keys.lot(seed) < chance)
        errors[i] = [values[kept] @ (1 / chance[kept]) - values.sum() for values in wanted]
    noise = np.array([np.sqrt(np.sum(values**2 * (1 - chance) / chance)) for values in wanted])
    # rows are drawn independently: a total's error has this spread and mean 0; 4 standard errors are allowed,
    # and as many of the spread, which 100 totals tell to 7 %
    assert np.all(np.abs(errors.mean(axis=0)) < 4 * noise / np.sqrt(len(seeds)) + 1e-9)
    np.testing.assert_allclose(errors.std(axis=0)[noise > 0], noise[noise > 0], rtol=0.28)


def test_what_is_learned_from_are_the_rows_that_were_drawn() -> None:
    sample = rare(FROM_ROWS)
    task, chance = prepare(sample, seed=3), keep_chance(sample)
    np.testing.assert_array_equal(np.sort(task.rows), np.flatnonzero(keys_of(sample).lot(3) < chance))
    np.testing.assert_array_equal(task.sample.weight, 1 / chance[task.rows])
    np.testing.assert_array_equal(task.sample.outcome, sample.outcome[task.rows])


def test_a_million_rows_of_a_rare_outcome_are_cut_to_a_third() -> None:
    sample = rare(1_000_000, 0.03, 0.85)
    task = prepare(sample)
    assert len(task.sample) < 0.35 * len(sample)
    assert task.sample.outcome[task.sample.arm == 0].sum() == sample.outcome[sample.arm == 0].sum()


def test_small_samples_and_those_that_ask_for_it_are_kept_whole() -> None:
    small = prepare(rare(FROM_ROWS - 1))
    assert len(small.sample) == FROM_ROWS - 1
    assert small.sample.weight is None
    assert len(prepare(rare(FROM_ROWS), thin=False).sample) == FROM_ROWS


def test_outcomes_that_do_not_vary_are_kept_whole() -> None:
    x = np.zeros((10, 1))
    np.testing.assert_array_equal(keep_chance(UpliftSample(x, np.arange(10) % 2, np.ones(10))), np.ones(10))


def test_neither_order_nor_numbering_change_who_is_kept() -> None:
    found, rng = rare(FROM_ROWS), np.random.default_rng(6)
    arm = np.where((found.arm == 1) & (rng.random(FROM_ROWS) < 0.3), 2, found.arm)
    sample = UpliftSample(found.features, arm, found.outcome, np.tile([0.1, 0.63, 0.27], (FROM_ROWS, 1)))
    shuffled, to = rng.permutation(FROM_ROWS), np.array([0, 2, 1])
    assert sample.propensity is not None
    renumbered = UpliftSample(sample.features, to[arm], sample.outcome, sample.propensity[:, to])
    one, reordered, renamed = (prepare(s) for s in (sample, sample.rows(shuffled), renumbered))
    np.testing.assert_array_equal(shuffled[reordered.rows], one.rows)
    np.testing.assert_array_equal(renamed.rows, one.rows)
    for again in (reordered, renamed):
        np.testing.assert_array_equal(again.fold, one.fold)
        np.testing.assert_array_equal(again.sample.weight, one.sample.weight)
        np.testing.assert_array_equal(
            np.array(again.places)[again.sample.arm], np.array(one.places)[one.sample.arm]
        )


def test_rows_that_stand_for_several_still_do() -> None:
    sample = rare(FROM_ROWS)
    standing = np.random.default_rng(7).integers(1, 4, FROM_ROWS).astype(float)
    task = prepare(sample.weighing(standing))
    chance = keep_chance(sample.weighing(standing))
    assert task.sample.weight is not None
    np.testing.assert_allclose(task.sample.weight, (standing / chance)[task.rows])
    noise = np.sqrt(np.sum(standing**2 * (1 - chance) / chance))
    assert abs(task.sample.weight.sum() - standing.sum()) < 4 * noise
