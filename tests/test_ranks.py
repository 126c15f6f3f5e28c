import numpy as np
import pytest
from scipy import stats

from retention_lab.errors import LabError
from retention_lab.ranks import ranking


def test_mid_ranks_are_those_of_the_textbook() -> None:
    score = np.random.default_rng(1).integers(0, 9, 200).astype(float)
    order = ranking(score)
    middle = order.by_row(order.spread((order.above + order.through) / 2))
    np.testing.assert_allclose(middle, (stats.rankdata(-score) - 0.5) / 200, atol=1e-15)


def test_sums_of_runs_are_of_the_rows_that_tie() -> None:
    order = ranking(np.array([1.0, 3.0, 1.0, 2.0]))
    values = np.array([10.0, 20.0, 30.0, 40.0])[order.row]
    np.testing.assert_array_equal(order.sums(values), [20.0, 40.0, 40.0])
    np.testing.assert_array_equal(ranking(np.arange(4.0)).sums(values), values)


def test_signed_zeros_tie() -> None:
    assert len(ranking(np.array([0.0, -0.0, 1.0])).start) == 2


def test_groups_run_from_low_to_high_and_keep_ties_together() -> None:
    score = np.repeat([0.0, 1.0, 2.0], [50, 40, 10])
    order = ranking(score)
    found = [np.unique(score[order.row[places]]).tolist() for places in order.groups(5)]
    assert found == [[0.0], [1.0], [2.0]]  # mid-ranks .25, .70 and .95 of five


def test_groups_of_scores_that_differ_are_equal_whatever_the_row_order() -> None:
    score = np.random.default_rng(2).normal(size=1_000)
    order = ranking(score)
    assert [places.stop - places.start for places in order.groups(10)] == [100] * 10
    assert order.groups(10)[0] == slice(900, 1000)
    assert ranking(score[::-1]).groups(7) == order.groups(7)


def test_places_near_a_cut_take_whole_runs() -> None:
    order = ranking(-np.arange(100.0))
    assert order.near(0.3, 0.05) == slice(25, 35)
    assert ranking(np.zeros(100)).near(0.3, 0.05) == slice(0, 100)


@pytest.mark.parametrize("score", [np.array([]), np.array([1.0, np.nan]), np.array([1.0, np.inf])])
def test_scores_that_cannot_be_ranked_are_refused(score: np.ndarray) -> None:
    with pytest.raises(LabError):
        ranking(score)
