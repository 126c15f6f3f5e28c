import numpy as np
import pytest

from retention_lab.clv.geometric_dropout import likelihood_of
from retention_lab.clv.modified_beta_geo import ModifiedBetaGeo, fit_rows
from retention_lab.clv.purchases import expected_of_new
from tests.clv.customers import geometric_customers
from tests.clv.derivatives import curvatures, slopes
from tests.clv.reference import HORIZON, cdnow, expected


def test_cdnow_is_fitted_and_forecast_as_lifetimes_does() -> None:
    found, known = fit_rows(cdnow()[0]), expected("mbgnbd")
    for name in ("r", "alpha", "a", "b"):
        assert found.params[name] == pytest.approx(known["params"][name], rel=1e-3)
    assert found.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-3)
    purchases, alive = found.expected_purchases(HORIZON), found.probability_alive()
    assert purchases.sum() == pytest.approx(known["cet_sum"], rel=1e-5)
    assert alive.mean() == pytest.approx(known["palive_mean"], rel=1e-5)
    np.testing.assert_allclose(purchases[known["rows"]], known["cet_rows"], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(alive[known["rows"]], known["palive_rows"], rtol=1e-3, atol=1e-6)


def test_derivatives_are_those_of_the_likelihood() -> None:
    likelihood, at = (
        likelihood_of(geometric_customers(400, 1, first=1).rows, 1),
        np.array([0.5, 6.0, 0.9, 1.6]),
    )
    _, gradient, hessian = likelihood(at)
    np.testing.assert_allclose(gradient, slopes(lambda p: likelihood(p)[0], at), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(hessian, curvatures(lambda p: likelihood(p)[1], at), rtol=1e-4, atol=1e-4)


def test_the_truth_is_found_and_who_is_alive_is_known() -> None:
    drawn = geometric_customers(20_000, 5, first=1)
    found = fit_rows(drawn.rows)
    assert found.standard_errors is not None
    for name, true in {"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 2.5}.items():
        assert abs(found.params[name] - true) < 4 * found.standard_errors[name]
    assert found.probability_alive().mean() == pytest.approx(drawn.alive.mean(), abs=0.02)
    assert found.expected_purchases(39.0).mean() == pytest.approx(drawn.later.mean(), rel=0.06)


def test_a_new_customer_may_have_left_already() -> None:
    stays, leaves_soon = ModifiedBetaGeo(0.6, 6.0, 1e-6, 2.5), ModifiedBetaGeo(0.6, 6.0, 3.0, 1.0)
    assert expected_of_new(stays, 10.0) == pytest.approx(1.0, rel=1e-4)  # rate .6 / 6 for 10 weeks
    assert expected_of_new(leaves_soon, 10.0) < 0.25


def test_files_hold_the_model() -> None:
    model = ModifiedBetaGeo(0.3, 4.4, 0.8, 2.5)
    assert ModifiedBetaGeo.from_files(model.to_files()) == model
