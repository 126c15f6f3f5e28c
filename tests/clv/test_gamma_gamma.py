import numpy as np
import pytest

from retention_lab.clv.gamma_gamma import GammaGamma, fit_gamma_gamma, likelihood_of
from retention_lab.errors import LabError
from tests.clv.derivatives import curvatures, slopes
from tests.clv.reference import cdnow, expected


def test_cdnow_is_fitted_as_lifetimes_fits_it() -> None:
    rows, mean = cdnow()
    found, known = fit_gamma_gamma(rows.frequency, mean), expected("gamma_gamma")
    for name in ("p", "q", "v"):
        assert found.params[name] == pytest.approx(known["params"][name], rel=1e-3)
    assert found.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-3)
    assert found.log_likelihood == pytest.approx(expected("published")["gamma_gamma"]["LL"], abs=0.02)
    assert found.correlation == pytest.approx(known["corr_x_zbar"], abs=1e-5)
    values = found.expected_value()[expected("bgnbd")["rows"]]
    np.testing.assert_allclose(values, known["expected_average_profit_rows"], rtol=1e-3)


def test_derivatives_are_those_of_the_likelihood() -> None:
    rng = np.random.default_rng(1)
    x, mean = rng.integers(1, 9, 200).astype(float), rng.gamma(3.0, 10.0, 200)
    likelihood, at = likelihood_of(x, mean), np.array([2.0, 3.0, 15.0])
    _, gradient, hessian = likelihood(at)
    np.testing.assert_allclose(gradient, slopes(lambda p: likelihood(p)[0], at), rtol=1e-5)
    np.testing.assert_allclose(hessian, curvatures(lambda p: likelihood(p)[1], at), rtol=1e-5, atol=1e-6)


def test_the_truth_is_found() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(1, 8, 20_000).astype(float)
    mean = rng.gamma(6.0 * x, 1 / (x * rng.gamma(4.0, 1 / 15.0, len(x))))
    found = fit_gamma_gamma(x, mean)
    assert found.standard_errors is not None
    for name, true in {"p": 6.0, "q": 4.0, "v": 15.0}.items():
        assert abs(found.params[name] - true) < 4 * found.standard_errors[name]


def test_currency_does_not_matter() -> None:
    rows, mean = cdnow()
    dollars, cents = (fit_gamma_gamma(rows.frequency, factor * mean) for factor in (1, 100))
    np.testing.assert_allclose(cents.expected_value(), 100 * dollars.expected_value(), rtol=1e-4)


def test_few_purchases_are_shrunk_towards_everybodys_mean() -> None:
    model = GammaGamma(6.0, 4.0, 15.0)
    once, often, never = model.expected_value([1, 100, 0], [100.0, 100.0, np.nan])
    assert never == pytest.approx(30.0)  # p v / (q - 1)
    assert never < once < often < 100.0


def test_who_returned_everything_counts_as_having_spent_nothing() -> None:
    model = GammaGamma(6.0, 4.0, 15.0)
    assert model.expected_value([2], [-5.0])[0] == model.expected_value([2], [0.0])[0]


def test_draws_have_the_expected_mean() -> None:
    model, x, mean = GammaGamma(6.0, 4.0, 15.0), np.array([3.0, 0.0]), np.array([20.0, 0.0])
    drawn = model.draw(x, mean, np.full((200_000, 2), 2.0), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), 2 * model.expected_value(x, mean), rtol=0.02)
    assert (model.draw(x, mean, np.zeros((5, 2)), 1) == 0).all()


@pytest.mark.parametrize("mean", [0.0, -1.0, np.nan])
def test_values_that_a_gamma_does_not_have_are_refused(mean: float) -> None:
    with pytest.raises(LabError, match="Row 2 has purchases"):
        fit_gamma_gamma([1, 2, 3, 1], [5.0, mean, 4.0, 2.0])


def test_spending_without_a_mean_is_refused() -> None:
    with pytest.raises(LabError, match="no mean"):
        GammaGamma(0.5, 0.6, 10.0).expected_value([0], [0.0])


def test_files_hold_the_model() -> None:
    model = GammaGamma(0.1 + 0.2, 4.4, 0.8)
    assert GammaGamma.from_files(model.to_files()) == model
