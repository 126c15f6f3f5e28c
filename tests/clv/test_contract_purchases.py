import numpy as np
import pytest

from retention_lab.clv.contract_purchases import ContractPurchases, fit_contract_purchases
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError


def payers(n: int, seed: int) -> tuple[PurchaseRows, np.ndarray]:
    """Contracts billed every period, with chances to leave of beta(1.2, 6); and who is there at the end."""
    rng = np.random.default_rng(seed)
    age = rng.integers(3, 13, n).astype(float)
    stays = rng.geometric(rng.beta(1.2, 6.0, n)) - 1  # renewals before leaving
    renewed = np.minimum(stays, age).astype(float)
    return PurchaseRows(renewed, renewed, age), stays >= age


def test_who_pays_is_there_and_who_missed_a_period_is_not() -> None:
    rows, there = payers(2_000, 1)
    alive = fit_contract_purchases(rows).probability_alive(rows)
    assert set(np.unique(alive)) == {0.0, 1.0}
    assert (alive[there] == 1).all()
    late = rows.age - rows.recency > 1.5
    assert (alive[late] == 0).all()


def test_renewals_to_come_are_forecast() -> None:
    rows, there = payers(40_000, 2)
    model = fit_contract_purchases(rows)
    # those alive renew k more times with B(a, b + tenure + k) / B(a, b + tenure)
    expected = model.expected_purchases(rows, 6.0)[there].mean()
    truth = ContractPurchases(1.2, 6.0).expected_purchases(rows, 6.0)[there].mean()
    assert expected == pytest.approx(truth, rel=0.1)
    assert model.expected_purchases(rows, 0.0).sum() == 0


def test_nobody_leaving_is_refused() -> None:
    age = np.full(5, 4.0)
    with pytest.raises(LabError, match="nothing is known of leaving"):
        fit_contract_purchases(PurchaseRows(age, age, age))


def test_files_hold_the_model() -> None:
    model = ContractPurchases(0.1 + 0.2, 4.0)
    assert ContractPurchases.from_files(model.to_files()) == model
