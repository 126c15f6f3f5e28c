import numpy as np
import pytest

from retention_lab.arrays import Floats
from retention_lab.clv.covariates import CovariateParetoNbd, fit_pareto_nbd_with_covariates
from retention_lab.clv.pareto_nbd import fit_rows
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError
from tests.clv.customers import pareto_customers

BUYING, LEAVING = np.array([0.2, 0.7]), np.array([-0.1, 0.6])


def drawn(n: int, seed: int) -> tuple[PurchaseRows, Floats]:
    rng = np.random.default_rng(seed)
    z = np.column_stack([rng.normal(1, 1, n), rng.random(n) < 0.3]).astype(float)
    rate = rng.gamma(0.8, 1 / (10 * np.exp(-z @ BUYING)))
    leaving = rng.gamma(0.9, 1 / (15 * np.exp(-z @ LEAVING)))
    age = rng.uniform(30, 70, n)
    seen = np.minimum(rng.exponential(1 / np.maximum(leaving, 1e-12)), age)
    x = rng.poisson(rate * seen).astype(float)
    return PurchaseRows(x, np.where(x > 0, seen * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0), age), z


def test_the_truth_is_found() -> None:
    rows, z = drawn(5_000, 1)
    fit = fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, z)
    true = {"r": 0.8, "alpha": 10.0, "s": 0.9, "beta": 15.0}
    true |= {f"buying.{k}": v for k, v in enumerate(BUYING)} | {
        f"leaving.{k}": v for k, v in enumerate(LEAVING)
    }
    assert fit.standard_errors is not None
    for name, value in true.items():
        assert abs(fit.params[name] - value) < 4 * fit.standard_errors[name], name
    assert fit.log_likelihood > fit_rows(rows).log_likelihood + 50


def test_features_that_tell_nothing_change_nothing() -> None:
    rows = pareto_customers(1_000, 2).rows
    noise = np.random.default_rng(3).normal(size=(1_000, 1))
    with_noise = fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, noise)
    plain = fit_rows(rows)
    assert 0 <= with_noise.log_likelihood - plain.log_likelihood < 7  # chi-squared of 2: 14 is beyond .999
    zero = CovariateParetoNbd(plain.model, np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(zero.expected_purchases(rows, noise, 39.0), plain.expected_purchases(39.0))


def test_units_of_features_do_not_matter() -> None:
    rows, z = drawn(800, 4)
    one = fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, z)
    other = fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, 100 * z + 7)
    np.testing.assert_allclose(other.expected_purchases(39.0), one.expected_purchases(39.0), rtol=1e-3)
    assert other.params["buying.0"] == pytest.approx(one.params["buying.0"] / 100, rel=1e-2)


@pytest.mark.parametrize(
    "z", [np.ones((50, 1)), np.full((50, 1), np.nan), np.ones((49, 1)), np.tile(np.arange(50.0)[:, None], 2)]
)
def test_features_without_an_answer_are_refused(z: Floats) -> None:
    rows = pareto_customers(50, 5).rows
    with pytest.raises(LabError):
        fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, z)


def test_files_hold_the_model() -> None:
    rows, z = drawn(300, 6)
    model = fit_pareto_nbd_with_covariates(rows.frequency, rows.recency, rows.age, z).model
    again = CovariateParetoNbd.from_files(model.to_files())
    np.testing.assert_array_equal(
        again.expected_purchases(rows, z, 9.0), model.expected_purchases(rows, z, 9.0)
    )
