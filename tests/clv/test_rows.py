import numpy as np
import pytest

from retention_lab.clv.rows import PurchaseRows, distinct, purchase_rows


@pytest.mark.parametrize("grid", [1.0, 7.0, 100.0])
def test_times_on_a_grid_are_counted(grid: float) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 3, 5_000).astype(float)
    age = rng.integers(20, 23, 5_000) / grid
    rows = PurchaseRows(x, np.where(x > 0, rng.integers(1, 20, 5_000) / grid, 0.0), age)
    few = distinct(rows)
    assert few.weight is not None
    assert few.weight.sum() == 5_000
    assert len(few) == len(np.unique(np.column_stack([rows.frequency, rows.recency, rows.age]), axis=0))
    for name in ("frequency", "recency", "age"):
        assert few.weight @ getattr(few, name) == pytest.approx(getattr(rows, name).sum())


def test_times_off_every_grid_stay_as_they_are() -> None:
    age = np.random.default_rng(1).random(100) + 1
    rows = purchase_rows(np.ones(100), age / 2, age)
    assert distinct(rows) is rows


def test_lists_and_whole_numbers_will_do() -> None:
    assert purchase_rows([1], [2], [3]).recency.dtype == np.float64
