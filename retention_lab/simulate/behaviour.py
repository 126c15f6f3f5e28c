"""What customers do under each offer: the rates from which orders are drawn, and their exact expectations.

One customer, one window: contact drives a sleeping dog away with probability `quits`, and then nothing is
bought. Otherwise the number of orders is Poisson with mean (own rate + lift) x G, where G is gamma with
mean 1. One of them, picked at random, redeems the offer with probability `redeem`. Value and returns of an
order do not depend on the arm, so means multiply.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.simulate.calendar import Window, category_seasons, returned_within, season
from retention_lab.simulate.offers import ARMS, TERMS
from retention_lab.simulate.products import PEAK_DAY, SWING
from retention_lab.simulate.state import (
    ACTIVE,
    BACK_FROM_FADING,
    BACK_FROM_GONE,
    FADING,
    GONE,
    GONE_AFTER_FADING,
    State,
)
from retention_lab.simulate.world import World

PHASE_RATE = np.array([1.0, 0.5, 0.0])  # own rate, by phase
PHASE_PULL = np.array([1.0, 1.5, 0.32])  # how much of an offer's pull is left, by phase
MEAN_BASE_LINES = 1.8
SALE_DEPTH = 0.15
_ROOM = 0.9  # orders a month at which a customer is too busy a buyer to be pulled by much more than a third
_OVERDISPERSION = 0.3


@dataclass(frozen=True, slots=True)
class Rates:
    """Means for one window. own: (n,) orders if left alone; lift, quits, redeem: (n, K+1) by arm."""

    own: Floats
    lift: Floats
    quits: Floats
    redeem: Floats


@dataclass(frozen=True, slots=True)
class Outlook:
    """Exact expected totals of one window by customer and arm, (n, K+1) each, given everything hidden.

    contribution: net of discounts and of returns that arrive within the window. cost: contact and
    redemptions.
    """

    contribution: Floats
    orders: Floats
    redemptions: Floats
    discount: Floats
    cost: Floats

    @property
    def profit(self) -> Floats:
        """(n, K+1) contribution less contact and redemption cost."""
        return self.contribution - self.cost

    def rows(self, where: np.ndarray) -> "Outlook":
        """The customers that a mask or an index picks."""
        return Outlook(*(getattr(self, name)[where] for name in self.__slots__))


def overdispersion(noise: float) -> float:
    """Variance of the gamma factor on a customer's orders in one window."""
    return _OVERDISPERSION * noise


def rates(world: World, state: State, window: Window) -> Rates:
    """The rates of every customer under every arm; those who have not signed up yet do nothing."""
    people, persuasion, difficulty = world.people, world.persuasion, world.difficulty
    own = own_rate(world, state, window)
    monthly = own * (30 / window.days)
    room = PHASE_PULL[state.phase] * np.exp(-monthly / _ROOM) * difficulty.fade**state.contacts
    room[people.signup >= state.at] = 0.0
    pull = TERMS.pull * np.exp(state.drift) * (difficulty.effect_size * window.days / 30)
    lift = persuasion.openness * pull * room[:, None]
    contacted = np.arange(len(ARMS)) > 0
    quits = np.where(state.phase == GONE, 0.0, persuasion.quits)[:, None] * contacted
    redeem = TERMS.redemption + TERMS.redemption_slope * people.price_sensitivity[:, None]
    redeem = redeem + (0.98 - redeem) * persuasion.openness * (TERMS.redemption > 0)
    return Rates(own, lift, quits, redeem)


def own_rate(world: World, state: State, window: Window) -> Floats:
    """(n,) expected orders in the window without any contact."""
    rate = world.people.rate * PHASE_RATE[state.phase] * (season(window) * window.days / 30)
    return np.where(world.people.signup < state.at, rate, 0.0)


def tastes(world: World, window: Window) -> Floats:
    """(n, C) probability of each category in this season, sums to 1."""
    taste = world.people.taste * category_seasons(window, PEAK_DAY, SWING)
    return np.asarray(taste / taste.sum(1, keepdims=True), dtype=np.float64)


def order_means(world: World, window: Window) -> tuple[Floats, Floats]:
    """(n,) mean list value, and mean contribution before offers, of one order."""
    people = world.people
    price, gain, more_price, more_gain = world.catalogue.line_means()
    taste, pieces = tastes(world, window), 1 + people.extra_pieces
    value = MEAN_BASE_LINES * (
        pieces * (taste * price[people.level]).sum(1) + (taste * more_price[people.level]).sum(1)
    )
    contribution = MEAN_BASE_LINES * (
        pieces * (taste * gain[people.level]).sum(1) + (taste * more_gain[people.level]).sum(1)
    )
    return value, contribution - SALE_DEPTH * people.sale_share * value


def outlook(world: World, state: State, window: Window) -> Outlook:
    """Expected contribution, redemptions, discounts and costs of the window, for every customer and arm."""
    found = rates(world, state, window)
    value, contribution = order_means(world, window)
    mean = found.own[:, None] + found.lift
    stays = 1 - found.quits
    orders = stays * mean
    redemptions = stays * at_least_one(mean, overdispersion(world.difficulty.noise)) * found.redeem
    kept = (1 - world.people.return_share * returned_within(window))[:, None]
    offered = redemptions * TERMS.discount_share * value[:, None]
    public = orders * (SALE_DEPTH * world.people.sale_share * value)[:, None]
    due, due_discount = _returns_due(world, state, window)
    return Outlook(
        contribution=kept * (orders * contribution[:, None] - offered) + due[:, None],
        orders=orders,
        redemptions=redemptions,
        discount=kept * (offered + public) + due_discount[:, None],
        cost=TERMS.contact_cost + TERMS.redemption_cost * redemptions,
    )


def at_least_one(mean: Floats, variance: float) -> Floats:
    """P(N > 0) of a Poisson whose mean is multiplied by a gamma factor of mean 1 and this variance."""
    if variance == 0:
        return np.asarray(-np.expm1(-mean), dtype=np.float64)
    return np.asarray(-np.expm1(-np.log1p(variance * mean) / variance), dtype=np.float64)


def churn_risk(world: World, state: State, windows: list[Window]) -> Floats:
    """(n,) probability of no order in all of these consecutive windows of 30 days, if left alone."""
    variance = overdispersion(world.difficulty.noise)
    path = np.stack([state.phase == phase for phase in (ACTIVE, FADING, GONE)], axis=1).astype(np.float64)
    hazard = world.people.hazard
    for window in windows:
        mean = world.people.rate[:, None] * PHASE_RATE * (season(window) * window.days / 30)
        path = path * (1 - at_least_one(mean, variance))
        active, fading, gone = path.T
        path = np.stack(
            [
                active * (1 - hazard) + fading * BACK_FROM_FADING + gone * BACK_FROM_GONE,
                active * hazard + fading * (1 - BACK_FROM_FADING - GONE_AFTER_FADING),
                fading * GONE_AFTER_FADING + gone * (1 - BACK_FROM_GONE),
            ],
            axis=1,
        )
    return np.asarray(path.sum(1), dtype=np.float64)


def _returns_due(world: World, state: State, window: Window) -> tuple[Floats, Floats]:
    """(n,) contribution and discount, negative, of returns already decided that arrive in the window."""
    due = state.pending.rows(state.pending.at < window.end)
    n = len(world.people)
    contribution, discount = (
        np.bincount(due.customer, -money, minlength=n).astype(np.float64)
        for money in (due.contribution, due.discount)
    )
    return contribution, discount
