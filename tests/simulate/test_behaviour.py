from dataclasses import replace

import numpy as np
import pytest

from retention_lab.simulate import Difficulty, Retailer, retailer
from retention_lab.simulate.behaviour import (
    at_least_one,
    churn_risk,
    order_means,
    outlook,
    own_rate,
    rates,
    tastes,
)
from retention_lab.simulate.calendar import DAY, Window
from retention_lab.simulate.state import ACTIVE, FADING, GONE


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(customers=400, seed=3)


def window(shop: Retailer, days: int = 30) -> Window:
    return Window(shop.state.at, days)


def test_at_least_one_order_is_as_likely_as_the_draw_makes_it() -> None:
    rng, mean, variance = np.random.default_rng(1), 0.7, 0.5
    drawn = rng.poisson(mean * rng.gamma(1 / variance, variance, 400_000)) > 0
    assert at_least_one(np.array([mean]), variance)[0] == pytest.approx(drawn.mean(), abs=0.0032)  # 4 errors


def test_without_overdispersion_orders_are_poisson() -> None:
    mean = np.array([0.0, 0.1, 2.0])
    np.testing.assert_allclose(at_least_one(mean, 0.0), 1 - np.exp(-mean))
    np.testing.assert_allclose(at_least_one(mean, 1e-9), 1 - np.exp(-mean), atol=1e-8)


def test_who_has_yet_to_sign_up_orders_nothing_and_is_pulled_by_nothing(shop: Retailer) -> None:
    before = replace(shop.state, at=int(shop.world.people.signup.min()))
    found = rates(shop.world, before, Window(before.at, 30))
    assert (found.own == 0).all()
    assert (found.lift == 0).all()


def test_own_rates_fall_from_active_to_fading_to_gone(shop: Retailer) -> None:
    n = len(shop.world.people)
    own = [
        own_rate(shop.world, replace(shop.state, phase=np.full(n, phase)), window(shop))
        for phase in (ACTIVE, FADING, GONE)
    ]
    here = shop.world.people.signup < shop.state.at
    np.testing.assert_allclose(own[1], own[0] / 2)
    assert (own[0][here] > 0).all()
    assert (own[2] == 0).all()


def test_without_an_offer_nothing_is_caused_redeemed_or_spent(shop: Retailer) -> None:
    found = rates(shop.world, shop.state, window(shop))
    assert (found.lift[:, 0] == 0).all()
    assert (found.quits[:, 0] == 0).all()
    assert (outlook(shop.world, shop.state, window(shop)).cost[:, 0] == 0).all()


def test_effects_grow_with_the_effect_size_that_is_asked_for(shop: Retailer) -> None:
    twice = replace(shop.world, difficulty=replace(shop.world.difficulty, effect_size=2.0))
    once = replace(shop.world, difficulty=replace(shop.world.difficulty, effect_size=1.0))
    np.testing.assert_allclose(
        rates(twice, shop.state, window(shop)).lift, 2 * rates(once, shop.state, window(shop)).lift
    )


def test_contact_tires_customers(shop: Retailer) -> None:
    tired = replace(shop.state, contacts=shop.state.contacts + 3)
    fresh, later = (rates(shop.world, state, window(shop)).lift for state in (shop.state, tired))
    np.testing.assert_allclose(later, fresh * shop.world.difficulty.fade**3)


def test_tastes_are_probabilities_in_every_season(shop: Retailer) -> None:
    for day in (0, 90, 180, 270):
        found = tastes(shop.world, Window(shop.state.at + day * DAY, 30))
        np.testing.assert_allclose(found.sum(axis=1), 1.0)
        assert found.min() >= 0


def test_an_order_brings_less_than_it_costs_the_customer(shop: Retailer) -> None:
    value, contribution = order_means(shop.world, window(shop))
    assert (value > 0).all()
    assert (contribution < value).all()


def test_profit_is_contribution_less_cost_and_rows_are_picked_together(shop: Retailer) -> None:
    found = outlook(shop.world, shop.state, window(shop))
    np.testing.assert_array_equal(found.profit, found.contribution - found.cost)
    picked = found.rows(np.arange(400) < 5)
    np.testing.assert_array_equal(picked.profit, found.profit[:5])


def test_the_risk_to_buy_nothing_falls_with_every_further_window(shop: Retailer) -> None:
    windows = [Window(shop.state.at + k * 30 * DAY, 30) for k in range(4)]
    risks = [churn_risk(shop.world, shop.state, windows[:k]) for k in range(5)]
    np.testing.assert_allclose(risks[0], 1.0)
    for longer, shorter in zip(risks[1:], risks[:-1], strict=True):
        assert (longer <= shorter + 1e-12).all()
    own = own_rate(shop.world, shop.state, windows[0])
    variance = 0.3 * shop.world.difficulty.noise
    np.testing.assert_allclose(
        risks[1][shop.world.people.signup < shop.state.at],
        (1 - at_least_one(own, variance))[shop.world.people.signup < shop.state.at],
    )


def test_expectations_are_the_means_of_what_is_played() -> None:
    """The mean number of orders drawn under one arm is the exact expectation."""
    from retention_lab.simulate.orders import sell

    shop = retailer(customers=400, seed=5, difficulty=Difficulty(confusion=0.0))
    found = outlook(shop.world, shop.state, window(shop))
    here = np.flatnonzero(shop.world.people.signup < shop.state.at)
    arm = np.ones(400, dtype=np.int64)
    totals = [
        np.isin(
            sell(shop.world, shop.state, window(shop), arm, np.random.default_rng(k)).orders.customer, here
        ).sum()
        for k in range(60)
    ]
    error = np.std(totals, ddof=1) / np.sqrt(60)
    assert np.mean(totals) == pytest.approx(found.orders[here, 1].sum(), abs=4 * error)
