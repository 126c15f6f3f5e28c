import numpy as np
import pytest

from retention_lab.customers.stability import Grouped, best_number, silhouette, stability
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate

LABELS = np.repeat([0, 1, 2], 50)


def grouped(groups: int, index: float, width: float | None) -> Grouped:
    return Grouped(groups, Estimate(index, 0.01, index, index), width)


def test_groups_that_come_back_under_other_numbers_are_the_same() -> None:
    found = stability(LABELS, lambda _: (LABELS + 1) % 3, resamples=3, seed=1)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_groups_at_random_come_back_by_chance_only() -> None:
    rng = np.random.default_rng(4)
    found = stability(LABELS, lambda _: rng.integers(0, 3, 150), resamples=50, seed=1)
    assert abs(found.value) < 0.02


def test_resamples_are_drawn_with_repeats_from_everybody() -> None:
    asked: list[np.ndarray] = []
    stability(LABELS, lambda rows: (asked.append(rows), LABELS)[1], resamples=2, seed=1)
    assert all(len(rows) == 150 and len(np.unique(rows)) < 150 for rows in asked)
    assert not (asked[0] == asked[1]).all()


def test_the_silhouette_of_two_far_points_is_one() -> None:
    points = np.repeat([[0.0, 0], [9.0, 9]], 5, axis=0)
    assert silhouette(points, np.repeat([0, 1], 5), seed=1) == 1
    assert silhouette(points, np.zeros(10, dtype=int), seed=1) is None


def test_the_most_groups_are_taken_that_lie_apart_as_well_as_any() -> None:
    assert best_number([grouped(2, 0.95, 0.2), grouped(5, 0.85, 0.3), grouped(6, 0.79, 0.9)]).groups == 5
    assert best_number([grouped(2, 0.95, 0.3), grouped(5, 0.85, 0.29), grouped(6, 0.9, 0.27)]).groups == 5
    assert best_number([grouped(4, 0.9, None), grouped(3, 0.9, None)]).groups == 4


def test_where_none_is_stable_the_most_stable_is_taken() -> None:
    assert best_number([grouped(2, 0.6, 0.9), grouped(5, 0.75, 0.2)]).groups == 5


def test_one_resample_shows_no_spread() -> None:
    with pytest.raises(LabError, match="fewer than two"):
        stability(LABELS, lambda _: LABELS, resamples=1, seed=1)
