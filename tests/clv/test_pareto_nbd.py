import numpy as np
import pytest
from scipy.integrate import quad

from retention_lab.clv.pareto_nbd import ParetoNbd, fit_pareto_nbd, fit_rows, likelihood_of
from retention_lab.clv.purchases import expected_of_new
from retention_lab.clv.rows import PurchaseRows, purchase_rows
from tests.clv.customers import pareto_customers
from tests.clv.derivatives import curvatures, slopes
from tests.clv.reference import HORIZON, cdnow, expected


def test_cdnow_is_fitted_and_forecast_as_lifetimes_does() -> None:
    found, known = fit_rows(cdnow()[0]), expected("pareto_nbd")
    for name in ("r", "alpha", "s", "beta"):
        assert found.params[name] == pytest.approx(known["params"][name], rel=1e-3)
    assert found.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-3)
    assert found.log_likelihood >= -9594.98
    purchases, alive = found.expected_purchases(HORIZON), found.probability_alive()
    assert purchases.sum() == pytest.approx(known["cet_sum"], rel=1e-5)
    assert alive.mean() == pytest.approx(known["palive_mean"], rel=1e-5)
    np.testing.assert_allclose(purchases[known["rows"]], known["cet_rows"], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(alive[known["rows"]], known["palive_rows"], rtol=1e-3, atol=1e-6)


def test_published_parameters_and_standard_errors() -> None:
    found, paper = fit_rows(cdnow()[0]), expected("published")["pareto_nbd"]
    assert found.standard_errors is not None
    for name, error in zip(("r", "alpha", "s", "beta"), paper["se"], strict=True):
        assert found.params[name] == pytest.approx(paper[name], abs=6e-4 * (1 + 3 * (name == "beta")))
        assert found.standard_errors[name] == pytest.approx(error, rel=2e-3)
    assert found.log_likelihood == pytest.approx(paper["LL"], abs=0.06)


def test_heavy_buyers_have_a_chance_not_nan() -> None:
    known = expected("published")["pnbd_palive_no_nan"]
    model = ParetoNbd(*(known[name] for name in ("r", "alpha", "s", "beta")))
    rows = purchase_rows(known["x"], known["t_x"], known["T"])
    alive = model.probability_alive(rows)
    assert np.isfinite(alive).all()
    assert ((alive > 0) & (alive < 1)).all()
    for k, (x, last, end) in enumerate(zip(rows.frequency, rows.recency, rows.age, strict=True)):

        def left(u: float, x: float = x, end: float = end) -> float:
            power = (model.r + x) * np.log((model.alpha + end) / (model.alpha + u))
            leaves = model.s * np.log((model.beta + end) / (model.beta + u))
            return float(model.s / (model.beta + u) * np.exp(power + leaves))

        gone = quad(left, last, end, epsabs=0, epsrel=1e-10)[0]
        assert alive[k] == pytest.approx(1 / (1 + gone), rel=1e-8)


@pytest.mark.parametrize("x", [0.0, 1.0, 300.0, 10_000.0, 1_000_000.0])
def test_no_history_breaks_it(x: float) -> None:
    last = np.array([0.0]) if x == 0 else np.geomspace(1e-6, 1e4, 7)
    age = last[:, None] + np.geomspace(1e-9, 1e6, 9)[None, :]
    rows = PurchaseRows(np.full(age.size, x), np.repeat(last, 9), age.ravel())
    for model in (
        ParetoNbd(0.5, 10.0, 0.6, 12.0),
        ParetoNbd(1e-3, 1e4, 5.0, 1e-3),
        ParetoNbd(40.0, 0.01, 0.02, 9.0),
    ):
        alive, purchases = model.probability_alive(rows), model.expected_purchases(rows, 52.0)
        assert np.isfinite(alive).all()
        assert ((alive >= 0) & (alive <= 1)).all()
        assert np.isfinite(purchases).all()
        assert (purchases >= 0).all()


@pytest.mark.parametrize("params", [[0.55, 10.5, 0.6, 11.7], [2.0, 1.0, 3.0, 0.02], [0.1, 0.01, 0.2, 50.0]])
def test_derivatives_are_those_of_the_likelihood(params: list[float]) -> None:
    likelihood, at = likelihood_of(pareto_customers(300, 1).rows), np.array(params)
    _, gradient, hessian = likelihood(at)
    np.testing.assert_allclose(gradient, slopes(lambda p: likelihood(p)[0], at), rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(hessian, curvatures(lambda p: likelihood(p)[1], at), rtol=1e-4, atol=1e-3)


def test_the_truth_is_found_and_who_is_alive_is_known() -> None:
    drawn = pareto_customers(20_000, 5)
    found = fit_rows(drawn.rows)
    assert found.standard_errors is not None
    for name, true in {"r": 0.55, "alpha": 10.5, "s": 0.6, "beta": 11.7}.items():
        assert abs(found.params[name] - true) < 4 * found.standard_errors[name]
    assert found.probability_alive().mean() == pytest.approx(drawn.alive.mean(), abs=0.02)
    assert found.expected_purchases(39.0).mean() == pytest.approx(drawn.later.mean(), rel=0.06)


def test_the_unit_of_time_does_not_matter() -> None:
    rows, _ = cdnow()
    weeks = fit_rows(rows)
    days = fit_pareto_nbd(rows.frequency, rows.recency * 7, rows.age * 7)
    assert days.params["beta"] == pytest.approx(7 * weeks.params["beta"], rel=1e-3)
    np.testing.assert_allclose(days.expected_purchases(7 * 39), weeks.expected_purchases(39), rtol=1e-3)


def test_chances_add_up_to_the_expectation() -> None:
    fit = fit_rows(pareto_customers(300, 6).rows)
    n = np.ones(len(fit.rows))
    total = sum(fit.model.probability_at_least(fit.rows, k * n, 26.0) for k in range(1, 200))
    np.testing.assert_allclose(total, fit.expected_purchases(26.0), rtol=1e-6)


def test_s_of_1_is_no_hole() -> None:
    rows = pareto_customers(100, 2).rows
    around = [ParetoNbd(0.5, 10.0, s, 12.0).expected_purchases(rows, 39.0) for s in (1 - 1e-6, 1.0, 1 + 1e-6)]
    np.testing.assert_allclose(around[1], (around[0] + around[2]) / 2, rtol=1e-9)


def test_a_new_customer_buys_as_the_paper_says() -> None:
    model, t = ParetoNbd(0.553, 10.578, 0.606, 11.669), 39.0
    textbook = (
        model.r
        * model.beta
        / (model.alpha * (model.s - 1))
        * (1 - (model.beta / (model.beta + t)) ** (model.s - 1))
    )
    assert expected_of_new(model, t) == pytest.approx(textbook, rel=1e-12)


def test_draws_are_as_the_chances_say() -> None:
    drawn, model = pareto_customers(200, 7), ParetoNbd(0.55, 10.5, 0.6, 11.7)
    later = model.draw(drawn.rows, 39.0, 4_000, 1)
    chance = model.probability_at_least(drawn.rows, np.ones(200), 39.0)
    assert abs((later > 0).mean() - chance.mean()) < 0.003  # 5 standard errors
    assert later.mean() == pytest.approx(model.expected_purchases(drawn.rows, 39.0).mean(), rel=0.02)


def test_files_hold_the_model() -> None:
    model = ParetoNbd(0.3, 4.4, 0.8, 2.5)
    assert ParetoNbd.from_files(model.to_files()) == model
