"""Order lines of one window: who buys what, when, with which discount, and what comes back."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Bools, Ints
from retention_lab.simulate.behaviour import MEAN_BASE_LINES, SALE_DEPTH, overdispersion, rates, tastes
from retention_lab.simulate.calendar import Window, draw_return_lags, draw_times
from retention_lab.simulate.offers import TERMS
from retention_lab.simulate.products import COMPLEMENT_PROBABILITY
from retention_lab.simulate.state import Lines, State
from retention_lab.simulate.world import World

FIRST_ORDER_SHARE = 0.85  # of those who sign up; the others look around first

GUEST_SHARE = 0.03  # orders without a customer, per order with one, at confusion 1


@dataclass(frozen=True, slots=True)
class Orders:
    """One row per order: index of the customer, moment, number, arm redeemed (0: none), sales channel code.

    first_product: the product of its first line, -1 before the lines are drawn.
    """

    customer: Ints
    at: Ints
    number: Ints
    redeemed: Ints
    channel: Ints
    first_product: Ints


@dataclass(frozen=True, slots=True)
class Sold:
    """The window's orders, its lines (returns that arrive in it included), returns still to come, who quit.

    guests: number of orders without a customer; their lines are among `lines`, with customer -1.
    """

    orders: Orders
    lines: Lines
    later: Lines
    quit_now: Bools
    guests: int


def sell(world: World, state: State, window: Window, arm: Ints, rng: np.random.Generator) -> Sold:
    """Draw one window in which customer i was assigned `arm[i]` (0 also for everybody not in a campaign)."""
    orders, quit_now = _draw_orders(world, state, window, arm, rng)
    lines = draw_lines(world, window, orders, rng)
    orders = replace(orders, first_product=lines.product[np.searchsorted(lines.order, orders.number)])
    back = rng.random(len(lines.at)) < world.people.return_share[lines.customer]
    returned = lines.rows(back)
    given_back = _join(state.pending, _moved(returned, returned.at + draw_return_lags(len(returned.at), rng)))
    now = given_back.at < window.end
    guests = _guests(world, window, orders, state.next_order + len(orders.at), rng)
    lines = _join(_join(lines, _negative(given_back.rows(now))), guests)
    return Sold(orders, lines, given_back.rows(~now), quit_now, len(np.unique(guests.order)))


def draw_lines(world: World, window: Window, orders: Orders, rng: np.random.Generator) -> Lines:
    """Lines of the orders: categories by taste and season, products by shelf, complements, discounts."""
    people, catalogue = world.people, world.catalogue
    n = len(orders.customer)
    base = np.repeat(np.arange(n), 1 + rng.poisson(MEAN_BASE_LINES - 1, n))
    customer = orders.customer[base]
    taste = tastes(world, window)[customer].cumsum(1)
    category = (rng.random(len(base))[:, None] >= taste[:, :-1]).sum(1)
    product = catalogue.pick(people.level[customer], category, rng)
    pieces = rng.geometric(1 / (1 + people.extra_pieces[customer]))
    partner = catalogue.complement[product]
    added = (partner >= 0) & (rng.random(len(base)) < COMPLEMENT_PROBABILITY)
    row, product, pieces = _one_line_per_product(
        np.concatenate([base, base[added]]),
        np.concatenate([product, partner[added]]),
        np.concatenate([pieces, np.ones(int(added.sum()), dtype=np.int64)]),
        len(catalogue.price),
    )
    in_sale = rng.random(n) < people.sale_share[orders.customer]
    depth = SALE_DEPTH * in_sale + TERMS.discount_share[orders.redeemed]
    listed = catalogue.price[product] * pieces
    discount = np.round(listed * depth[row], 2)
    amount = np.round(listed - discount, 2)
    return Lines(
        customer=orders.customer[row],
        at=orders.at[row],
        order=orders.number[row],
        product=product,
        pieces=pieces,
        amount=amount,
        contribution=np.round(amount - catalogue.unit_cost[product] * pieces, 2),
        discount=discount,
        offer=orders.redeemed[row],
        channel=orders.channel[row],
    )


def draw_channels(world: World, customer: Ints, rng: np.random.Generator) -> Ints:
    """Sales channel of each order (web, app, store): mostly the one that fits how the customer came."""
    came = world.people.channel[customer]
    home = np.where(came == 1, 1, np.where(came == 2, 2, 0))
    return np.where(rng.random(len(customer)) < 0.75, home, rng.integers(0, 3, len(customer)))


def _draw_orders(
    world: World, state: State, window: Window, arm: Ints, rng: np.random.Generator
) -> tuple[Orders, Bools]:
    people, n = world.people, len(world.people)
    found, everyone = rates(world, state, window), np.arange(n)
    mean = found.own + found.lift[everyone, arm]
    quit_now = rng.random(n) < found.quits[everyone, arm]
    variance = overdispersion(world.difficulty.noise)
    factor = rng.gamma(1 / variance, variance, n) if variance > 0 else np.ones(n)
    count = rng.poisson(np.where(quit_now, 0.0, mean * factor))
    customer = np.repeat(everyone, count)
    # the first of a customer's exchangeable orders redeems, so its moment is like any other order's
    first = np.diff(customer, prepend=-1) > 0
    redeems = first & (rng.random(len(customer)) < found.redeem[customer, arm[customer]])
    at = draw_times(window, len(customer), rng)
    new = _new_customers(people.signup, window, rng)
    customer = np.concatenate([customer, new])
    at = np.concatenate(
        [at, np.minimum(people.signup[new] + rng.integers(60, 7200, len(new)) * 1_000_000, window.end - 1)]
    )
    redeemed = np.concatenate(
        [np.where(redeems, arm[customer[: len(redeems)]], 0), np.zeros(len(new), np.int64)]
    )
    by_time = np.argsort(at, kind="stable")
    number = state.next_order + np.arange(len(at))
    channel = draw_channels(world, customer, rng)
    return Orders(
        customer[by_time], at[by_time], number, redeemed[by_time], channel[by_time], np.full(len(at), -1)
    ), quit_now


def _new_customers(signup: Ints, window: Window, rng: np.random.Generator) -> Ints:
    """Those who sign up within the window and order at once."""
    new = np.flatnonzero((signup >= window.start) & (signup < window.end))
    return new[rng.random(len(new)) < FIRST_ORDER_SHARE]


def _one_line_per_product(row: Ints, product: Ints, pieces: Ints, products: int) -> tuple[Ints, Ints, Ints]:
    key, inverse = np.unique(row * products + product, return_inverse=True)
    total = np.bincount(inverse, pieces, minlength=len(key)).astype(np.int64)
    return key // products, key % products, total


def _guests(
    world: World, window: Window, orders: Orders, first_number: int, rng: np.random.Generator
) -> Lines:
    """Lines of orders placed without an account, shaped like those of random customers."""
    n = rng.poisson(GUEST_SHARE * world.difficulty.confusion * len(orders.at))
    like = rng.integers(0, len(world.people), n)
    none = np.zeros(n, dtype=np.int64)
    at = np.sort(draw_times(window, n, rng))
    lines = draw_lines(world, window, Orders(like, at, first_number + np.arange(n), none, none, none), rng)
    return replace(lines, customer=np.full(len(lines.at), -1))


def _moved(lines: Lines, at: Ints) -> Lines:
    return Lines(lines.customer, at, *(getattr(lines, name) for name in Lines.__slots__[2:]))


def _negative(lines: Lines) -> Lines:
    turned = {"pieces", "amount", "contribution", "discount"}
    return Lines(
        *(-getattr(lines, name) if name in turned else getattr(lines, name) for name in Lines.__slots__)
    )


def _join(first: Lines, second: Lines) -> Lines:
    return Lines(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in Lines.__slots__))
