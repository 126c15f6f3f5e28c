import numpy as np
import pytest

from retention_lab.clv.beta_geometric_binomial import BetaGeometricBinomial, fit_beta_geometric_binomial
from retention_lab.clv.rows import purchase_rows
from retention_lab.errors import LabError
from tests.clv.reference import donations, expected


def test_donations_are_fitted_as_published() -> None:
    found, known = fit_beta_geometric_binomial(*donations().T), expected("bgbb_donations")
    for name in ("alpha", "beta", "gamma", "delta"):
        assert found.params[name] == pytest.approx(known["params"][name], rel=1e-3)
        assert found.params[name] == pytest.approx(known["published"][name], abs=6e-4)
    assert found.log_likelihood == pytest.approx(-33_225.6, abs=0.05)  # table 2 of the paper


def test_donors_to_come_are_as_the_paper_says() -> None:
    found = fit_beta_geometric_binomial(*donations().T)
    donated = found.expected_purchases(5)
    by_history = {(x, last): one for (x, last, *_), one in zip(donations(), donated, strict=True)}
    assert by_history[6.0, 6.0] == pytest.approx(3.75, abs=0.006)
    assert by_history[0.0, 0.0] == pytest.approx(0.07, abs=0.006)


def test_chances_add_up_to_the_expectation() -> None:
    found = fit_beta_geometric_binomial(*donations().T)
    n = np.ones(len(found.rows))
    total = sum(found.model.probability_at_least(found.rows, k * n, 5) for k in range(1, 6))
    np.testing.assert_allclose(total, found.expected_purchases(5), rtol=1e-10)
    drawn = found.model.draw(found.rows, 5, 20_000, 1)
    np.testing.assert_allclose(drawn.mean(axis=0), found.expected_purchases(5), atol=0.05)


def test_weights_are_customers() -> None:
    frequency, recency, periods, weights = donations().T
    some = np.repeat(np.arange(len(weights)), (weights / 100).astype(int))
    one = fit_beta_geometric_binomial(frequency[some], recency[some], periods[some])
    other = fit_beta_geometric_binomial(frequency, recency, periods, np.floor(weights / 100))
    np.testing.assert_allclose(list(one.params.values()), list(other.params.values()), rtol=1e-4)


def test_opportunities_are_whole() -> None:
    model, rows = BetaGeometricBinomial(1.2, 0.7, 0.6, 2.8), purchase_rows([1], [2], [6])
    with pytest.raises(LabError, match="number of opportunities"):
        model.expected_purchases(rows, 1.5)
    with pytest.raises(LabError, match="counts opportunities"):
        fit_beta_geometric_binomial([2, 1], [1.5, 1], [6, 6])


def test_files_hold_the_model() -> None:
    model = BetaGeometricBinomial(0.1 + 0.2, 4.4, 0.3, 2.0)
    assert BetaGeometricBinomial.from_files(model.to_files()) == model
