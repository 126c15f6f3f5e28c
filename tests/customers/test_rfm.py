import numpy as np
import pytest

from retention_lab.customers.rfm import CELLS, Purchases, RfmCuts, cell_name, fit_rfm, grid_counts
from retention_lab.errors import LabError


def purchases(rows: int = 500, seed: int = 3) -> Purchases:
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.4, rows).astype(float)
    return Purchases(rng.uniform(0, 400, rows), orders, orders * rng.lognormal(3, 1, rows))


def test_quintiles_without_ties_hold_a_fifth_each() -> None:
    days = np.random.default_rng(1).permutation(100).astype(float)
    scores = fit_rfm(Purchases(days, days + 1, days)).scores(Purchases(days, days + 1, days))
    assert np.bincount(scores.recency)[1:].tolist() == [20] * 5
    assert np.bincount(scores.frequency)[1:].tolist() == [20] * 5
    assert scores.recency[np.argmin(days)] == 5  # the most recent is the best
    assert scores.frequency[np.argmax(days)] == 5


def test_equal_values_share_a_score_whatever_their_number() -> None:
    found = purchases()
    scores = fit_rfm(found).scores(found)
    for value in np.unique(found.orders):
        assert len(set(scores.frequency[found.orders == value])) == 1
    assert (np.diff(scores.frequency[np.argsort(found.orders)]) >= 0).all()


def test_the_order_of_customers_changes_nothing() -> None:
    found = purchases()
    turned = np.random.default_rng(5).permutation(len(found.orders))
    shuffled = Purchases(found.recency_days[turned], found.orders[turned], found.revenue[turned])
    assert (fit_rfm(shuffled).scores(shuffled).code == fit_rfm(found).scores(found).code[turned]).all()


def test_whoever_has_not_ordered_has_no_score_and_no_say_in_the_cuts() -> None:
    found = purchases()
    more = Purchases(
        np.append(found.recency_days, np.nan), np.append(found.orders, 0.0), np.append(found.revenue, 0.0)
    )
    scores = fit_rfm(more).scores(more)
    assert (scores.code[:-1] == fit_rfm(found).scores(found).code).all()
    assert scores.code[-1] == 0
    assert scores.cell[-1] == -1


def test_every_cell_of_the_grid_has_a_name_and_every_name_a_cell() -> None:
    named = {cell_name(recency, frequency) for recency in range(1, 6) for frequency in range(1, 6)}
    assert named == set(CELLS)
    assert (cell_name(5, 5), cell_name(1, 5), cell_name(1, 1)) == ("champions", "cannot_lose", "hibernating")


def test_the_grid_counts_every_buyer_once() -> None:
    found = purchases()
    scores = fit_rfm(found).scores(found)
    counts = grid_counts(scores)
    assert counts.shape == (5, 5)
    assert counts.sum() == len(found.orders)
    assert counts[4].sum() == (scores.recency == 5).sum()
    cells = np.array(CELLS)[scores.cell]
    assert all(cells[i] == cell_name(scores.recency[i], scores.frequency[i]) for i in range(50))


def test_cuts_are_read_back_as_they_were_written() -> None:
    cuts = fit_rfm(purchases())
    again = RfmCuts.from_files(cuts.to_files())
    assert (again.scores(purchases(seed=9)).code == cuts.scores(purchases(seed=9)).code).all()


def test_too_few_buyers_are_refused() -> None:
    with pytest.raises(LabError, match="4 customers have ordered"):
        fit_rfm(purchases(4))
