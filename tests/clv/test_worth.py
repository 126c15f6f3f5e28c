import numpy as np
import pytest

from retention_lab.clv.beta_geo import BetaGeo
from retention_lab.clv.gamma_gamma import GammaGamma
from retention_lab.clv.incremental import incremental_value, staying_effect, value_if_alive
from retention_lab.clv.long_term_value import LongTermRate, fit_long_term_rate, long_term_value
from retention_lab.clv.same_rate import SameRate
from retention_lab.clv.worth import lifetime_value, lifetime_value_interval, value_to_cost
from retention_lab.errors import LabError
from tests.clv.customers import geometric_customers


def test_value_is_purchases_times_value_times_margin() -> None:
    np.testing.assert_allclose(lifetime_value(np.array([2.0]), np.array([30.0]), 0.25), [15.0])


def test_intervals_of_value_hold_what_the_models_draw() -> None:
    rows = geometric_customers(60, 1).rows
    model, spending, mean = BetaGeo(0.6, 6.0, 0.8, 2.5), GammaGamma(6.0, 4.0, 15.0), np.full(60, 25.0)
    low, high = lifetime_value_interval(model, spending, rows, mean, 39.0, draws=2_000)
    spent = spending.draw(rows.frequency, mean, model.draw(rows, 39.0, 2_000, 100), 101)
    held = ((low <= spent) & (spent <= high)).mean()
    assert held > 0.945  # more than .95 where many spend nothing
    assert (low <= high).all()


def test_clv_to_cac_is_a_ratio_of_totals_with_its_interval() -> None:
    rng = np.random.default_rng(1)
    cost = rng.gamma(2.0, 10.0, 400)
    ratios = []
    for seed in range(200):
        drawn = np.random.default_rng(seed)
        ratios.append(value_to_cost(3 * cost + drawn.normal(0, 20, 400), cost))
    covered = np.mean([one.low <= 3 <= one.high for one in ratios])
    assert abs(covered - 0.95) < 0.051  # 3.3 binomial standard errors
    with pytest.raises(LabError, match="Costs of acquisition"):
        value_to_cost([1.0, 2.0], [0.0, 0.0])


def test_everybody_goes_on_as_before_under_the_same_rate() -> None:
    rows = geometric_customers(50, 2).rows
    model = SameRate()
    np.testing.assert_allclose(model.expected_purchases(rows, 10.0), 10 * rows.frequency / rows.age)
    assert SameRate.from_files(model.to_files()) == model


def test_long_term_value_is_the_sum_over_periods() -> None:
    by_hand = sum(40 * 0.5 * 0.3 * (0.8 / 1.01) ** k for k in range(12))
    assert long_term_value(40, 0.5, 0.8, margin_share=0.3, periods=12, discount=0.01) == pytest.approx(
        by_hand
    )
    assert long_term_value(40, 0.5, 0.8) == pytest.approx(40 * 0.5 / (1 - 0.8))
    assert long_term_value(40, 0.5, 1.0, periods=4) == pytest.approx(80)
    with pytest.raises(LabError, match="no long-term value"):
        long_term_value(40, 0.5, 1.0)


def test_the_long_term_rate_is_one_number_for_all() -> None:
    rows = geometric_customers(500, 3).rows
    model = fit_long_term_rate(rows)
    forecast = model.expected_purchases(rows, 39.0)
    assert len(np.unique(forecast)) == 1
    assert 0 < forecast[0] < 39 * model.rate
    assert LongTermRate.from_files(model.to_files()) == model
    assert LongTermRate(0.5, 0.0).expected_purchases(rows, 2.0)[0] == 1.0


def test_an_offer_adds_what_it_earns_and_whom_it_keeps_less_its_cost() -> None:
    with_it, without = np.array([[0.9, 0.8], [0.9, 0.5]]), np.array([[0.9, 0.7], [0.9, 0.5]])
    kept = staying_effect(with_it, without)
    np.testing.assert_allclose(kept, [0.1, 0.0])
    found = incremental_value(np.array([2.0, 2.0]), kept, np.array([50.0, 50.0]), np.array([1.0, 1.0]), 0.25)
    np.testing.assert_allclose(found.beyond, [4.0, 0.0])
    np.testing.assert_allclose(found.net, [5.0, 1.0])
    assert found.mean().value == pytest.approx(3.0)


def test_values_of_the_living_and_impossible_numbers() -> None:
    np.testing.assert_allclose(value_if_alive(np.array([10.0]), np.array([0.5])), [20.0])
    one = np.ones(1)
    with pytest.raises(LabError, match="above 0"):
        value_if_alive(one, np.zeros(1))
    with pytest.raises(LabError, match="more than 1"):
        incremental_value(one, 5 * one, one, one)
    with pytest.raises(LabError, match="rises"):
        staying_effect(np.array([[0.5, 0.6]]), np.array([[0.5, 0.5]]))
    with pytest.raises(LabError, match="cost is not"):
        incremental_value(one, one, one, np.array([np.nan]))
