import numpy as np
import pytest

from retention_lab.recommend.neighbours import fit_item_neighbours, fit_user_neighbours
from tests.recommend.tastes import shelf_of, tastes


@pytest.mark.parametrize(("neighbours", "shrink"), [(50, 0.0), (5, 10.0)])
def test_likeness_is_the_customers_of_both_over_the_lengths(neighbours: int, shrink: float) -> None:
    data = tastes(60)
    x = data.seen().toarray()
    both = x.T @ x
    length = np.sqrt(np.diag(both))
    wanted = both / (np.outer(length, length) + shrink)
    np.fill_diagonal(wanted, 0)
    found = fit_item_neighbours(data, neighbours, shrink).likeness.toarray()
    kept = found > 0
    np.testing.assert_allclose(found[kept], wanted[kept], rtol=1e-6)
    assert kept.sum(axis=1).max() <= neighbours
    for row in range(data.item_count):  # what was left out is no larger than what was kept
        if kept[row].sum() == neighbours:
            assert wanted[row, ~kept[row]].max() <= found[row, kept[row]].min() + 1e-6


def test_bm25_finds_the_shelf_too() -> None:
    found = fit_item_neighbours(tastes(), 3, weighting="bm25").likeness
    row, near = found.nonzero()
    assert (shelf_of(row) == shelf_of(near)).mean() > 0.9


def test_customers_like_a_customer_speak_by_their_likeness() -> None:
    data = tastes(40)
    x = data.seen().toarray()
    length = np.linalg.norm(x, axis=1)
    like = (x @ x.T) / (np.outer(length, length) + 2.0)
    scores = fit_user_neighbours(data, neighbours=40, shrink=2.0).scores(data)
    np.testing.assert_allclose(scores, like @ x, rtol=1e-4)


def test_what_is_kept_of_customers_names_nobody() -> None:
    files = fit_user_neighbours(tastes(30)).to_files()
    assert all(b"u1" not in data for data in files.values())
