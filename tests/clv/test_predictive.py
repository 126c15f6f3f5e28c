import numpy as np
import pytest
from scipy.stats import kstest

from retention_lab.clv.balanced import balanced_forecast
from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.beta_geo import fit_rows as fit_beta_geo_rows
from retention_lab.clv.pareto_nbd import ParetoNbd
from retention_lab.clv.pareto_nbd import fit_rows as fit_pareto_rows
from retention_lab.clv.predictive import (
    probability_integral,
    probability_of,
    purchase_interval,
    purchase_quantile,
)
from retention_lab.errors import LabError
from tests.clv.customers import geometric_customers, pareto_customers

MODEL = BetaGeo(0.6, 6.0, 0.8, 2.5)


def test_quantiles_are_the_smallest_numbers_that_reach_the_level() -> None:
    rows = geometric_customers(300, 1).rows
    for level in (0.1, 0.5, 0.9, 0.99):
        k = purchase_quantile(MODEL, rows, 39.0, level)
        up_to = 1 - MODEL.probability_at_least(rows, k + 1, 39.0)
        assert (up_to >= level - 1e-12).all()
        some = k > 0
        fewer = 1 - MODEL.probability_at_least(rows.take(some), k[some], 39.0)
        assert (fewer < level).all()


@pytest.mark.parametrize(
    ("model", "customers"),
    [(MODEL, geometric_customers), (ParetoNbd(0.55, 10.5, 0.6, 11.7), pareto_customers)],
)
def test_intervals_cover_and_chances_are_uniform(model: BetaGeo, customers) -> None:  # type: ignore[no-untyped-def]
    drawn = customers(4_000, 2)
    low, high = purchase_interval(model, drawn.rows, 39.0)
    assert ((low <= drawn.later) & (drawn.later <= high)).mean() >= 0.943
    told = probability_integral(model, drawn.rows, 39.0, drawn.later, 3)
    assert kstest(told, "uniform").pvalue > 1e-3


def test_a_wrong_model_is_seen() -> None:
    drawn = geometric_customers(2_000, 2)
    told = probability_integral(BetaGeo(0.6, 6.0, 0.2, 5.0), drawn.rows, 39.0, drawn.later, 3)
    assert kstest(told, "uniform").pvalue < 1e-6


def test_chances_of_a_number_add_up_to_1() -> None:
    rows = geometric_customers(100, 4).rows
    total = sum(probability_of(MODEL, rows, 39.0, np.full(100, float(k))) for k in range(300))
    np.testing.assert_allclose(total, 1.0, atol=1e-4)


def test_purchases_that_are_not_whole_are_refused() -> None:
    with pytest.raises(LabError, match="whole number"):
        probability_integral(MODEL, geometric_customers(2, 4).rows, 39.0, [0.5, 1.0], 1)


def test_a_balanced_forecast_keeps_the_total_and_misses_by_less() -> None:
    for drawn, fit in (
        (geometric_customers(4_000, 5), fit_beta_geo_rows),
        (pareto_customers(4_000, 5), fit_pareto_rows),
    ):
        model = fit(drawn.rows).model
        expected, balanced = (
            model.expected_purchases(drawn.rows, 39.0),
            balanced_forecast(model, drawn.rows, 39.0),
        )
        assert balanced.sum() == pytest.approx(expected.sum(), rel=1e-9)
        assert np.abs(balanced - drawn.later).mean() < 0.97 * np.abs(expected - drawn.later).mean()
        assert ((balanced - drawn.later) ** 2).mean() > ((expected - drawn.later) ** 2).mean()


def test_a_balanced_forecast_takes_the_total_that_it_is_given() -> None:
    rows = geometric_customers(500, 6).rows
    assert balanced_forecast(MODEL, rows, 39.0, 777.0).sum() == pytest.approx(777.0)
    assert balanced_forecast(MODEL, rows, 39.0, 0.0).sum() == 0


@pytest.mark.parametrize("total", [40.0, 300.0, 2_000.0])
def test_a_balanced_forecast_is_one_quantile_of_every_customer_to_the_last_purchase(total: float) -> None:
    model = ParetoNbd(0.55, 10.6, 0.61, 11.7)
    rows = pareto_customers(200, 4).rows
    found = balanced_forecast(model, rows, 39.0, total)
    low, high = 0.0, 1.0 - 1e-9
    for _ in range(40):  # the level by halving, each time from all distributions anew
        level = (low + high) / 2
        if purchase_quantile(model, rows, 39.0, level).sum() <= total:
            low = level
        else:
            high = level
    below, above = (purchase_quantile(model, rows, 39.0, level) for level in (low, high))
    below = np.zeros(len(rows)) if low == 0 else below
    assert (found >= below - 1e-9).all()
    assert (found <= above + 1e-9).all()
    assert found.sum() == pytest.approx(total)
