import numpy as np
import pytest

from retention_lab.simulate import Difficulty, Retailer, retailer
from retention_lab.simulate.calendar import Window
from retention_lab.simulate.offers import TERMS
from retention_lab.simulate.orders import Sold, sell


@pytest.fixture(scope="module")
def shop() -> Retailer:
    return retailer(customers=1_500, seed=4)


def sold(shop: Retailer, arm: int = 0, seed: int = 1, days: int = 30) -> Sold:
    window = Window(shop.state.at, days)
    arms = np.full(len(shop.world.people), arm)
    return sell(shop.world, shop.state, window, arms, np.random.default_rng(seed))


def test_every_order_lies_in_its_window_in_order_of_time_under_a_number_of_its_own(shop: Retailer) -> None:
    found = sold(shop)
    window = Window(shop.state.at, 30)
    assert found.orders.at.min() >= window.start
    assert found.lines.at.max() < window.end
    assert (np.diff(found.orders.at) >= 0).all()
    np.testing.assert_array_equal(
        found.orders.number, shop.state.next_order + np.arange(len(found.orders.at))
    )


def test_every_order_has_lines_and_the_first_product_is_one_of_them(shop: Retailer) -> None:
    found = sold(shop)
    lines = found.lines
    bought = lines.rows(lines.pieces > 0)
    assert set(found.orders.number) <= set(bought.order)
    pairs = set(zip(bought.order.tolist(), bought.product.tolist(), strict=True))
    assert len(pairs) == len(bought.order)  # one line a product
    assert set(zip(found.orders.number.tolist(), found.orders.first_product.tolist(), strict=True)) <= pairs


def test_money_adds_up_on_every_line(shop: Retailer) -> None:
    lines = sold(shop, arm=1).lines
    listed = shop.world.catalogue.price[lines.product] * lines.pieces
    cost = shop.world.catalogue.unit_cost[lines.product] * lines.pieces
    np.testing.assert_allclose(lines.amount + lines.discount, listed, atol=0.0101)
    np.testing.assert_allclose(lines.contribution, lines.amount - cost, atol=0.0101)


def test_returns_take_back_what_was_sold(shop: Retailer) -> None:
    lines = sold(shop).lines
    back = lines.pieces < 0
    assert back.any()
    for name in ("amount", "contribution", "discount"):
        assert (np.sign(getattr(lines, name)[back]) <= 0).sum() >= 0.9 * back.sum()
    assert (lines.amount[back] < 0).all()


def test_returns_that_come_after_the_window_wait(shop: Retailer) -> None:
    found = sold(shop)
    assert (found.later.at >= shop.state.at + 30 * 86_400_000_000).all()
    assert (found.later.pieces > 0).all()


def test_only_an_offer_that_was_assigned_is_redeemed_and_once_at_most(shop: Retailer) -> None:
    assert (sold(shop, arm=0).orders.redeemed == 0).all()
    arm = int(np.argmax(TERMS.redemption))
    orders = sold(shop, arm=arm).orders
    used = orders.customer[orders.redeemed > 0]
    assert set(orders.redeemed.tolist()) == {0, arm}
    assert len(np.unique(used)) == len(used)


def test_nobody_who_quit_orders_in_that_window(shop: Retailer) -> None:
    found = sold(shop, arm=int(np.argmax(TERMS.pull)))
    quitting = np.flatnonzero(found.quit_now)
    assert len(quitting) > 0
    signed_up = shop.world.people.signup[quitting] < shop.state.at
    assert not np.isin(quitting[signed_up], found.orders.customer).any()


def test_guests_have_no_customer_and_only_where_the_data_are_confused() -> None:
    clean = retailer(customers=600, seed=4, difficulty=Difficulty(confusion=0.0))
    found = sold(clean)
    assert found.guests == 0
    assert (found.lines.customer >= 0).all()
    confused = retailer(customers=600, seed=4, difficulty=Difficulty(confusion=1.0))
    found = sold(confused)
    assert found.guests == len(np.unique(found.lines.order[found.lines.customer < 0])) > 0


def test_equal_seeds_sell_alike(shop: Retailer) -> None:
    first, again, other = sold(shop, seed=2), sold(shop, seed=2), sold(shop, seed=3)
    np.testing.assert_array_equal(first.lines.amount, again.lines.amount)
    assert len(first.lines.amount) != len(other.lines.amount)
