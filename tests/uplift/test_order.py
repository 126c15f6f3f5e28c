import numpy as np
import pytest

from retention_lab.uplift import order
from retention_lab.uplift.order import keys_of
from retention_lab.uplift.sample import UpliftSample

RENUMBERED = np.array([0, 3, 1, 2])
ROWS = 3000


def sample(rows: int = ROWS, group: np.ndarray | None = None, seed: int = 1) -> UpliftSample:
    """Four arms with chances of each row's own; a gap in every tenth row."""
    rng = np.random.default_rng(seed)
    propensity = rng.dirichlet([8, 6, 4, 2], rows)
    arm = (rng.random(rows)[:, None] > propensity.cumsum(axis=1)[:, :-1]).sum(axis=1)
    x = rng.normal(size=(rows, 2))
    x[::10, 0] = np.nan
    return UpliftSample(x, arm, rng.normal(size=rows) + arm, propensity, group)


def renumbered(found: UpliftSample) -> UpliftSample:
    assert found.propensity is not None
    propensity = np.empty_like(found.propensity)
    propensity[:, RENUMBERED] = found.propensity
    return UpliftSample(found.features, RENUMBERED[found.arm], found.outcome, propensity, found.group)


def test_keys_stay_with_their_rows_in_any_order() -> None:
    found, shuffled = sample(), np.random.default_rng(2).permutation(ROWS)
    keys, again = keys_of(found), keys_of(found.rows(shuffled))
    np.testing.assert_array_equal(again.row, keys.row[shuffled])
    np.testing.assert_array_equal(again.unit, keys.unit[shuffled])
    np.testing.assert_array_equal(again.places, keys.places)


def test_keys_do_not_depend_on_how_offers_are_numbered() -> None:
    found = sample()
    keys, again = keys_of(found), keys_of(renumbered(found))
    np.testing.assert_array_equal(again.row, keys.row)
    np.testing.assert_array_equal(again.unit, keys.unit)
    np.testing.assert_array_equal(again.places[RENUMBERED], keys.places)
    assert keys.places[0] == 0
    assert sorted(keys.places) == [0, 1, 2, 3]


def test_offers_of_the_same_size_are_told_apart_by_who_got_them() -> None:
    x = np.random.default_rng(3).normal(size=(400, 1))
    arm = np.arange(400) % 4
    found = UpliftSample(x, arm, x[:, 0])
    again = UpliftSample(x, RENUMBERED[arm], x[:, 0])
    np.testing.assert_array_equal(keys_of(again).places[RENUMBERED], keys_of(found).places)


def test_customers_are_the_same_under_other_names() -> None:
    customer = np.random.default_rng(4).integers(0, 800, ROWS)
    by_name = np.array([f"{(i * 7919) % 800:03d}" for i in range(800)])[customer]
    keys, again = keys_of(sample(group=customer)), keys_of(sample(group=by_name))
    np.testing.assert_array_equal(again.unit, keys.unit)
    fold = order.folds(keys, 3, seed=7)
    assert all(len(np.unique(fold[customer == c])) == 1 for c in np.unique(customer))
    assert len(np.unique(keys.unit)) == len(np.unique(customer))


def test_customers_of_one_row_each_are_as_no_customers_at_all() -> None:
    keys, again = keys_of(sample()), keys_of(sample(group=np.arange(ROWS)[::-1]))
    np.testing.assert_array_equal(again.unit, keys.unit)


def test_rows_that_say_the_same_are_still_different_customers() -> None:
    x = np.zeros((1000, 1))
    found = UpliftSample(x, np.arange(1000) % 2, np.zeros(1000))
    keys = keys_of(found)
    assert len(np.unique(keys.row)) == 2
    assert len(np.unique(keys.unit)) == 1000
    # half of them in each fold: 4 binomial standard errors
    for k in (0, 1):
        assert abs(order.folds(keys, 2, seed=7)[found.arm == k].mean() - 0.5) < 4 * 0.5 / np.sqrt(500)


def test_repeated_rows_are_split_alike_in_any_order() -> None:
    once = sample(500)
    twice = once.rows(np.repeat(np.arange(500), 3))
    shuffled = np.random.default_rng(5).permutation(1500)
    keys, again = keys_of(twice), keys_of(twice.rows(shuffled))
    np.testing.assert_array_equal(np.sort(again.unit), np.sort(keys.unit))
    one, two = keys.ranked(np.arange(1500)), again.ranked(np.arange(1500))
    np.testing.assert_array_equal(keys.row[one], again.row[two])
    np.testing.assert_array_equal(order.folds(keys, 5, 7)[one], order.folds(again, 5, 7)[two])


def test_rows_that_differ_in_their_chances_alone_are_told_apart() -> None:
    x, arm = np.zeros((4, 1)), np.array([0, 1, 0, 1])
    chances = np.array([[0.5, 0.5], [0.5, 0.5], [0.4, 0.6], [0.4, 0.6]])
    shuffled = np.array([2, 3, 1, 0])
    keys = keys_of(UpliftSample(x, arm, np.zeros(4), chances))
    again = keys_of(UpliftSample(x[shuffled], arm[shuffled], np.zeros(4), chances[shuffled]))
    assert len(np.unique(keys.row)) == 4
    np.testing.assert_array_equal(again.unit, keys.unit[shuffled])


def test_no_sign_of_zero_and_no_kind_of_gap_makes_a_row_another() -> None:
    other_gap = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    arm, outcome = np.array([0, 1]), np.zeros(2)
    one = UpliftSample(np.array([[0.0, np.nan], [1.0, np.nan]]), arm, outcome)
    two = UpliftSample(np.array([[-0.0, other_gap], [1.0, np.nan]]), arm, outcome)
    np.testing.assert_array_equal(keys_of(one).row, keys_of(two).row)


def test_ranked_rows_are_in_one_order_wherever_they_stood() -> None:
    found, shuffled = sample(), np.random.default_rng(6).permutation(ROWS)
    some = np.flatnonzero(found.arm > 0)
    one = found.outcome[keys_of(found).ranked(some)]
    again = found.rows(shuffled)
    two = again.outcome[keys_of(again).ranked(np.flatnonzero(again.arm > 0))]
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("count", [2, 5])
def test_folds_are_even_and_another_seed_draws_others(count: int) -> None:
    keys = keys_of(sample(20_000))
    one, two = order.folds(keys, count, 7), order.folds(keys, count, 8)
    for fold in (one, two):
        share = np.bincount(fold, minlength=count) / 20_000
        error = np.sqrt((1 - 1 / count) / count / 20_000)
        assert np.abs(share - 1 / count).max() < 4 * error  # 4 binomial standard errors
    assert abs(np.mean(one == two) - 1 / count) < 4 * np.sqrt((1 - 1 / count) / count / 20_000)


@pytest.mark.parametrize("customers", [None, "one row each", "four rows each"])
def test_lots_are_even_and_tell_nothing_of_the_outcome(customers: str | None) -> None:
    rows = 20_000
    group = None if customers is None else np.arange(rows) // (1 if customers == "one row each" else 4)
    found = sample(rows, group)
    lot = keys_of(found).lot(7)
    counts = np.bincount((lot * 10).astype(int), minlength=10)
    assert np.abs(counts - 2000).max() < 4 * np.sqrt(2000 * 0.9)  # 4 binomial standard errors
    for other in (found.outcome, keys_of(found).lot(8), order.folds(keys_of(found), 2, 7)):
        assert abs(np.corrcoef(lot, other)[0, 1]) < 4 / np.sqrt(rows)


def test_a_rows_lot_and_fold_stay_when_others_leave() -> None:
    found, part = sample(), np.arange(0, ROWS, 3)  # among whom the offers are as common as among all
    every, some = keys_of(found), keys_of(found.rows(part))
    np.testing.assert_array_equal(some.lot(7), every.lot(7)[part])
    np.testing.assert_array_equal(order.folds(some, 5, 7), order.folds(every, 5, 7)[part])
