import itertools

import numpy as np
import pytest

from retention_lab.churn.snapshots import Schedule, rolling_folds
from retention_lab.errors import LabError


def test_every_label_is_known_now_and_starts_after_the_gap() -> None:
    looks = Schedule(every=30, count=6, horizon=90, gap=7).looks(now=1000)
    assert [look.label_start - look.as_of for look in looks] == [7] * 6
    assert looks[-1].label_end == 1000
    assert [b.as_of - a.as_of for a, b in itertools.pairwise(looks)] == [30] * 5


def test_an_impossible_schedule_is_refused() -> None:
    with pytest.raises(LabError, match="gap"):
        Schedule(every=30, count=1, horizon=90, gap=-1).looks(1000)


def test_a_rolling_fold_learns_only_from_labels_that_were_known_then() -> None:
    looks = Schedule(every=30, count=6, horizon=90).looks(1000)
    as_of = np.repeat([look.as_of for look in looks], 10)
    label_end = np.repeat([look.label_end for look in looks], 10)
    folds = rolling_folds(as_of, label_end, folds=3)
    assert len(folds) == 3
    for fold in folds:
        assert label_end[fold.train].max() <= as_of[fold.test].min()
        assert len(np.unique(as_of[fold.test])) == 1


def test_looks_whose_labels_all_overlap_are_refused() -> None:
    with pytest.raises(LabError, match="completed label"):
        rolling_folds(np.array([0, 30, 60]), np.array([90, 120, 150]), folds=2)
