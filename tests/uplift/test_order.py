import numpy as np
import pytest

from retention_lab.uplift.order import keys_of
from retention_lab.uplift.sample import UpliftSample


def sample(rows: int = 20_000, group: np.ndarray | None = None) -> UpliftSample:
    rng = np.random.default_rng(1)
    arm = rng.integers(0, 2, rows)
    return UpliftSample(rng.normal(size=(rows, 2)), arm, rng.normal(size=rows) + arm, None, group)


@pytest.mark.parametrize("customers", [None, "one row each", "four rows each"])
def test_lots_are_even_and_tell_nothing_of_the_outcome(customers: str | None) -> None:
    rows = 20_000
    group = None if customers is None else np.arange(rows) // (1 if customers == "one row each" else 4)
    found = sample(rows, group)
    lot = keys_of(found).lot(7)
    counts = np.bincount((lot * 10).astype(int), minlength=10)
    assert np.abs(counts - 2000).max() < 4 * np.sqrt(2000 * 0.9)  # 4 binomial standard errors
    assert abs(np.corrcoef(lot, found.outcome)[0, 1]) < 4 / np.sqrt(rows)
    again = keys_of(found).lot(8)
    assert abs(np.corrcoef(lot, again)[0, 1]) < 4 / np.sqrt(rows)


def test_a_rows_lot_stays_when_others_leave() -> None:
    found, part = sample(), np.arange(0, 20_000, 3)
    np.testing.assert_array_equal(keys_of(found.rows(part)).lot(7), keys_of(found).lot(7)[part])
