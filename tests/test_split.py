import numpy as np
import pytest

from retention_lab.errors import LabError
from retention_lab.split import held_out, held_out_latest, stratified_folds


def test_a_customer_is_never_on_both_sides() -> None:
    group = np.random.default_rng(1).integers(0, 40, 300)
    out = held_out(300, 0.3, 7, group)
    assert not set(group[out]) & set(group[~out])
    assert len(set(group[out])) == round(len(set(group)) * 0.3)


def test_the_latest_rows_are_held_out_and_one_instant_stays_together() -> None:
    out = held_out_latest(np.array([5, 1, 4, 4, 2, 3]), 0.34)
    np.testing.assert_array_equal(out, [True, False, True, True, False, False])


@pytest.mark.parametrize("share", [0.0, 0.01, 0.999])
def test_an_empty_side_is_refused(share: float) -> None:
    with pytest.raises(LabError, match="one side empty"):
        held_out(10, share, 7)


def test_times_that_are_all_equal_cannot_be_split() -> None:
    with pytest.raises(LabError, match="one side empty"):
        held_out_latest(np.ones(10), 0.3)


def test_a_missing_time_is_refused_with_its_row() -> None:
    time = np.array(["2026-01-01", "NaT", "2026-01-03"], dtype="datetime64[us]")
    with pytest.raises(LabError, match="row 2 first"):
        held_out_latest(time, 0.3)


def test_positives_are_spread_evenly_over_folds() -> None:
    label = np.zeros(100)
    label[:23] = 1
    fold = stratified_folds(label, 5, seed=1)
    positives, rows = np.bincount(fold, weights=label), np.bincount(fold)
    assert positives.max() - positives.min() <= 1
    assert rows.max() - rows.min() <= 2


def test_rows_of_a_customer_are_in_one_fold() -> None:
    group = np.repeat(np.arange(60), 3)
    label = (np.arange(180) % 7 == 0).astype(float)
    fold = stratified_folds(label, 4, seed=2, group=group)
    assert all(len(set(fold[group == one])) == 1 for one in range(60))


def test_too_few_positives_for_the_folds_are_refused() -> None:
    with pytest.raises(LabError, match="2 of 22 rows are positive"):
        stratified_folds(np.array([1.0, 1.0, *[0.0] * 20]), 5, seed=1)
