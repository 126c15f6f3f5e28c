"""Browsing of one window: sessions that thin out before a customer leaves, and what contacts bring about."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.behaviour import tastes
from retention_lab.simulate.calendar import HOUR, Window, draw_times
from retention_lab.simulate.orders import Orders
from retention_lab.simulate.state import State
from retention_lab.simulate.world import World

KINDS = (
    *("view", "cart", "search", "email_open", "complaint"),
    *("defect_report", "service_call", "price_comparison", "rival_visit"),  # marks.py
)
EVENT_CHANNELS = ("web", "app", "email")
PHASE_VISITS = np.array([1.0, 0.35, 0.03])  # share of the usual visits, by phase
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Events:
    """One row per event: customer index, moment, kind code; product, channel and session, or -1."""

    customer: Ints
    at: Ints
    kind: Ints
    product: Ints
    channel: Ints
    session: Ints


def browse(
    world: World,
    state: State,
    window: Window,
    arm: Ints,
    orders: Orders,
    quit_now: Bools,
    rng: np.random.Generator,
) -> Events:
    """Visits, the views and carts that led to orders, and what contacted customers open or complain about."""
    visits = _visits(world, state, window, arm > 0, rng)
    sessions = len(visits)
    viewed = np.repeat(np.arange(sessions), 1 + rng.poisson(0.8, sessions))
    carted = np.flatnonzero(rng.random(len(viewed)) < 0.14)
    searched = np.flatnonzero(rng.random(sessions) < 0.2)
    start = draw_times(window, sessions, rng)
    channel = np.where(world.people.channel[visits] == 1, 1, (rng.random(sessions) < 0.25).astype(np.int64))
    product = _looked_at(world, window, visits[viewed], rng)
    view_at = start[viewed] + rng.integers(5, 1500, len(viewed)) * 1_000_000
    number = state.next_session + np.arange(sessions)
    none = np.full(len(searched), -1)
    browsing = Events(
        customer=np.concatenate([visits[viewed], visits[viewed[carted]], visits[searched]]),
        at=np.concatenate([view_at, view_at[carted] + 2 * _MINUTE, start[searched]]),
        kind=np.repeat([0, 1, 2], [len(viewed), len(carted), len(searched)]),
        product=np.concatenate([product, product[carted], none]),
        channel=np.concatenate([channel[viewed], channel[viewed[carted]], channel[searched]]),
        session=np.concatenate([number[viewed], number[viewed[carted]], number[searched]]),
    )
    bought = _before_orders(orders, state.next_session + sessions, rng)
    reacted = _reactions(state, window, arm, quit_now, rng)
    events = _join([browsing, bought, reacted])
    inside = (events.at >= world.people.signup[events.customer]) & (events.at >= window.start)
    inside &= events.at < window.end
    return _rows(events, inside)


def _visits(world: World, state: State, window: Window, contacted: Bools, rng: np.random.Generator) -> Ints:
    people = world.people
    usual: Floats = 0.25 + 0.6 * (people.rate / 0.42) ** 0.6
    mean = (usual + 0.25 * contacted) * PHASE_VISITS[state.phase] * (window.days / 30)
    mean = np.where(people.signup < window.end, mean, 0.0)
    return np.repeat(np.arange(len(people)), rng.poisson(mean))


def _looked_at(world: World, window: Window, customer: Ints, rng: np.random.Generator) -> Ints:
    taste = tastes(world, window).cumsum(1)[customer]
    category = (rng.random(len(customer))[:, None] >= taste[:, :-1]).sum(1)
    return world.catalogue.pick(world.people.level[customer], category, rng)


def _before_orders(orders: Orders, first_session: int, rng: np.random.Generator) -> Events:
    n = len(orders.customer)
    online = np.flatnonzero(orders.channel < 2)
    lead = rng.integers(2, 40, n) * _MINUTE
    session = first_session + np.arange(n)
    both = np.concatenate([online, online])
    return Events(
        customer=orders.customer[both],
        at=np.concatenate([orders.at[online] - lead[online], orders.at[online] - lead[online] // 3]),
        kind=np.repeat([0, 1], len(online)),
        product=orders.first_product[both],
        channel=orders.channel[both],
        session=session[both],
    )


def _reactions(state: State, window: Window, arm: Ints, quit_now: Bools, rng: np.random.Generator) -> Events:
    contacted = np.flatnonzero(arm > 0)
    opens = contacted[rng.random(len(contacted)) < np.array([0.4, 0.25, 0.06])[state.phase[contacted]]]
    angry = np.flatnonzero(quit_now)
    complains = angry[rng.random(len(angry)) < 0.35]
    customer = np.concatenate([opens, complains])
    count = len(customer)
    delay = np.minimum((rng.exponential(14, count) + 0.05) * HOUR, window.days * 24 * HOUR - 1)
    return Events(
        customer=customer,
        at=window.start + delay.astype(np.int64) // 1_000_000 * 1_000_000,
        kind=np.repeat([3, 4], [len(opens), len(complains)]),
        product=np.full(count, -1),
        channel=np.full(count, 2),
        session=np.full(count, -1),
    )


def _rows(events: Events, where: np.ndarray) -> Events:
    return Events(*(getattr(events, name)[where] for name in Events.__slots__))


def _join(parts: list[Events]) -> Events:
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))
