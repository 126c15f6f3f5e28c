from itertools import pairwise

import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.recommend.cuts import last_cut, random_cut, rolling_cuts, time_cut


def log(rows: int = 2_000, users: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.integers(0, users, rows), rng.integers(0, 365, rows).astype(float)


def test_a_cut_by_time_lets_nothing_of_the_future_into_the_past() -> None:
    _, time = log()
    cut = time_cut(time, 0.8)
    assert time[cut.train].max() < time[cut.test].min()
    assert cut.train.mean() == pytest.approx(0.8, abs=0.01)
    assert (cut.train ^ cut.test).all()


def test_rolling_cuts_foresee_windows_that_follow_each_other() -> None:
    _, time = log()
    cuts = rolling_cuts(time, 3, 0.1)
    assert len(cuts) == 3
    for cut in cuts:
        assert time[cut.train].max() < time[cut.test].min()
        assert cut.test.mean() == pytest.approx(0.1, abs=0.01)
    for earlier, later in pairwise(cuts):
        np.testing.assert_array_equal(later.train, earlier.train | earlier.test)
    assert sum(cut.test.sum() for cut in cuts) == (~cuts[0].train).sum()


def test_a_random_cut_takes_its_share_of_each_user_and_leaves_one_row_at_least() -> None:
    user, _ = log()
    user = np.append(user, 90)  # who has a single row
    cut = random_cut(user, 0.25, seed=1)
    counts = np.bincount(user)
    np.testing.assert_array_equal(
        np.bincount(user[cut.test], minlength=91), np.minimum(np.round(counts * 0.25), counts - 1)
    )
    assert (np.bincount(user[cut.train], minlength=91) >= 1).all()


def test_a_random_cut_is_its_seed_s() -> None:
    user, _ = log()
    np.testing.assert_array_equal(random_cut(user, seed=1).test, random_cut(user, seed=1).test)
    assert (random_cut(user, seed=1).test != random_cut(user, seed=2).test).any()


def test_the_last_rows_of_each_user_are_held_out() -> None:
    user, time = log()
    cut = last_cut(user, time, 2)
    for one in range(90):
        own = user == one
        assert cut.test[own].sum() == 2
        assert time[own & cut.test].min() >= time[own & cut.train].max()


def test_who_has_too_few_rows_for_the_last_to_be_held_out_is_learned_from() -> None:
    cut = last_cut(np.array([0, 0, 1]), np.array([1.0, 2.0, 5.0]))
    assert cut.test.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: time_cut(np.ones(10)), "one side empty"),
        (lambda: time_cut(np.array([1.0, np.nan])), "have no time"),
        (lambda: rolling_cuts(np.arange(10.0), 5, 0.2), "less than a window"),
        (lambda: rolling_cuts(np.array([1.0] * 20 + [2.0] * 80), 3, 0.1), "one side empty"),
        (lambda: random_cut(np.arange(5), seed=0), "one side empty"),
        (lambda: last_cut(np.arange(5), np.arange(5.0)), "one side empty"),
        (lambda: last_cut(np.zeros(2, dtype=int), np.array([1.0, np.nan])), "have no time"),
    ],
)
def test_a_cut_that_leaves_nothing_is_refused(make, message: str) -> None:
    with pytest.raises(LabError, match=message):
        make()
