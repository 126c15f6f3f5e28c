import numpy as np
import pytest
from scipy.special import hyp2f1

from retention_lab.clv.beta_geo import BetaGeo, fit_beta_geo, fit_rows
from retention_lab.clv.geometric_dropout import likelihood_of
from retention_lab.clv.purchases import expected_of_new
from retention_lab.clv.rows import PurchaseRows, distinct, purchase_rows
from retention_lab.errors import LabError
from tests.clv.customers import geometric_customers
from tests.clv.derivatives import curvatures, slopes
from tests.clv.reference import HORIZON, cdnow, expected


def test_cdnow_is_fitted_as_lifetimes_fits_it() -> None:
    found, known = fit_rows(cdnow()[0]), expected("bgnbd")
    for name, tolerance in {"r": 1e-3, "alpha": 1e-3, "a": 1e-3, "b": 1e-3}.items():
        assert found.params[name] == pytest.approx(known["params"][name], rel=tolerance)
        assert found.standard_errors is not None
        assert found.standard_errors[name] == pytest.approx(
            known["standard_errors_lifetimes"][name], rel=0.01
        )
    assert found.log_likelihood == pytest.approx(known["log_likelihood"], abs=1e-3)
    assert found.log_likelihood >= -9582.430
    assert found.edge == ()


def test_forecasts_of_cdnow_are_those_of_lifetimes() -> None:
    found, known = fit_rows(cdnow()[0]), expected("bgnbd")
    purchases, alive = found.expected_purchases(HORIZON), found.probability_alive()
    assert purchases.sum() == pytest.approx(known["cet_sum"], rel=1e-5)
    assert alive.mean() == pytest.approx(known["palive_mean"], rel=1e-5)
    np.testing.assert_allclose(purchases[known["rows"]], known["cet_rows"], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(alive[known["rows"]], known["palive_rows"], rtol=1e-3, atol=1e-6)


def test_published_parameters_and_examples() -> None:
    found, known = fit_rows(cdnow()[0]), expected("published")
    paper = known["bgnbd"]
    for name in ("r", "alpha", "a", "b"):
        assert found.params[name] == pytest.approx(paper[name], abs=6e-4)
    example = known["bgnbd_cet_example"]
    model = BetaGeo(**{name: paper[name] for name in ("r", "alpha", "a", "b")})
    one = purchase_rows([example["x"]], [example["t_x"]], [example["T"]])
    assert model.expected_purchases(one, example["t"])[0] == pytest.approx(example["expected"], abs=1e-3)
    for t, total in zip(*(known["bgnbd_expected_cumulative"][key] for key in ("t", "expected")), strict=True):
        assert expected_of_new(found.model, t) == pytest.approx(total, abs=5e-4)


@pytest.mark.parametrize("params", [[0.24, 4.4, 0.79, 2.4], [3.0, 0.2, 5.0, 0.4], [0.05, 90.0, 0.1, 30.0]])
def test_derivatives_are_those_of_the_likelihood(params: list[float]) -> None:
    likelihood, at = likelihood_of(geometric_customers(400, 1).rows, 0), np.array(params)
    _, gradient, hessian = likelihood(at)
    np.testing.assert_allclose(gradient, slopes(lambda p: likelihood(p)[0], at), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(hessian, curvatures(lambda p: likelihood(p)[1], at), rtol=1e-4, atol=1e-4)


def test_expected_purchases_are_the_textbook_formula() -> None:
    rng = np.random.default_rng(3)
    x, age = rng.integers(0, 90, 300).astype(float), rng.uniform(0.5, 100, 300)
    rows = PurchaseRows(x, np.where(x > 0, 0.9 * age, 0.0), age)
    for r, alpha, a, b, t in (
        (0.24, 4.4, 0.79, 2.4, 39.0),
        (2.0, 30.0, 4.0, 9.0, 5.0),
        (0.5, 3.0, 0.2, 0.3, 150.0),
    ):
        model, z = BetaGeo(r, alpha, a, b), t / (alpha + age + t)
        textbook = (
            (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z))
        )
        np.testing.assert_allclose(
            model.expected_purchases(rows, t), model.probability_alive(rows) * textbook, rtol=1e-7
        )


def test_a_of_1_is_no_hole() -> None:
    rows = geometric_customers(200, 2).rows
    around = [BetaGeo(0.3, 4.0, a, 2.0).expected_purchases(rows, 39.0) for a in (1 - 1e-6, 1.0, 1 + 1e-6)]
    np.testing.assert_allclose(around[1], (around[0] + around[2]) / 2, rtol=1e-9)


def test_many_rows_are_forecast_as_few() -> None:
    rows, model = geometric_customers(1_000, 4).rows, BetaGeo(0.3, 4.0, 0.8, 2.0)
    parts = [model.expected_purchases(rows.take(slice(k, k + 50)), 30.0) for k in range(0, 1_000, 50)]
    np.testing.assert_allclose(model.expected_purchases(rows, 30.0), np.concatenate(parts), rtol=1e-10)


def test_heavy_buyers_and_ages_of_all_sizes_stay_finite() -> None:
    x = np.repeat([1.0, 50.0, 2_000.0, 100_000.0], 40)
    age = np.tile(np.geomspace(0.01, 1e5, 40), 4)
    model, rows = BetaGeo(0.3, 4.0, 0.8, 2.0), PurchaseRows(x, 0.7 * age, age)
    found = model.expected_purchases(rows, 100.0)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (model.probability_alive(rows) <= 1).all()


def test_the_unit_of_time_does_not_matter() -> None:
    rows, _ = cdnow()
    weeks = fit_rows(rows)
    days = fit_beta_geo(rows.frequency, rows.recency * 7, rows.age * 7)
    assert days.params["alpha"] == pytest.approx(7 * weeks.params["alpha"], rel=1e-4)
    assert days.params["r"] == pytest.approx(weeks.params["r"], rel=1e-4)
    np.testing.assert_allclose(days.expected_purchases(7 * 39), weeks.expected_purchases(39), rtol=1e-4)


def test_equal_rows_are_fitted_as_one_weighted_row() -> None:
    rows, _ = cdnow()
    few = distinct(rows)
    assert len(few) < len(rows)
    assert few.customers == len(rows)
    assert fit_rows(few).log_likelihood == pytest.approx(fit_rows(rows).log_likelihood, abs=1e-6)


def test_the_truth_is_found_in_many_customers() -> None:
    found = fit_rows(geometric_customers(20_000, 5).rows)
    errors = found.standard_errors
    assert errors is not None
    for name, true in {"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 2.5}.items():
        assert abs(found.params[name] - true) < 4 * errors[name]


def test_chances_add_up_to_the_expectation() -> None:
    fit = fit_rows(geometric_customers(300, 6).rows)
    n = np.ones(len(fit.rows))
    total = sum(fit.model.probability_at_least(fit.rows, k * n, 26.0) for k in range(1, 400))
    np.testing.assert_allclose(total, fit.expected_purchases(26.0), rtol=1e-6)


def test_draws_are_as_the_chances_say() -> None:
    drawn, model = geometric_customers(200, 7), BetaGeo(0.6, 6.0, 0.8, 2.5)
    later = model.draw(drawn.rows, 39.0, 4_000, 1)
    chance = model.probability_at_least(drawn.rows, np.ones(200), 39.0)
    assert abs((later > 0).mean() - chance.mean()) < 0.003  # 5 standard errors
    assert later.mean() == pytest.approx(model.expected_purchases(drawn.rows, 39.0).mean(), rel=0.02)


def test_files_hold_the_model() -> None:
    model = BetaGeo(0.1 + 0.2, 4.4, 0.8, 2.5)
    assert BetaGeo.from_files(model.to_files()) == model


def test_nobody_leaving_runs_to_the_edge_and_says_so() -> None:
    rng = np.random.default_rng(8)
    age = np.full(2_000, 50.0)
    x = rng.poisson(rng.gamma(2.0, 0.1, 2_000) * age).astype(float)
    fit = fit_beta_geo(x, np.where(x > 0, age * rng.random(2_000) ** (1 / np.maximum(x, 1)), 0.0), age)
    assert fit.params["a"] / (fit.params["a"] + fit.params["b"]) < 1e-2
    assert fit.expected_purchases(50.0).sum() == pytest.approx(x.sum(), rel=0.05)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1.0], [2.0], [1.0]), "last purchase after the end"),
        (([1.5], [2.0], [3.0]), "not a whole number"),
        (([0.0], [2.0], [3.0]), "repeat purchases at the moment"),
        (([np.nan], [2.0], [3.0]), "missing, infinite or below 0"),
        (([1.0, 2.0], [2.0], [3.0]), "rows"),
        (([0.0, 0.0], [0.0, 0.0], [3.0, 4.0]), "None of the 2 customers bought again"),
    ],
)
def test_what_is_no_history_is_refused(columns: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(LabError, match=message):
        fit_beta_geo(*columns)


def test_a_time_behind_is_refused() -> None:
    with pytest.raises(LabError, match="not a time ahead"):
        fit_rows(cdnow()[0]).expected_purchases(-1.0)
