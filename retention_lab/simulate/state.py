"""What changes as time passes: who fades or is gone, how often each was contacted, how offers drift."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.calendar import DAY
from retention_lab.simulate.customers import People
from retention_lab.simulate.offers import ARMS

ACTIVE, FADING, GONE = 0, 1, 2
GONE_AFTER_FADING, BACK_FROM_FADING, BACK_FROM_GONE = 0.25, 0.18, 0.03  # per 30 days
QUIT_FOR_GOOD = 0.25  # of those whom contact drove away; the others fade
CONTACT_MEMORY = 0.92  # per 30 days
_DRIFT_MEMORY = 0.9  # per 30 days


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines, (m,) each: customer index, moment, order number, product, money, arm redeemed.

    amount, contribution and discount are in the project's currency; in a return they and pieces are negative.
    """

    customer: Ints
    at: Ints
    order: Ints
    product: Ints
    pieces: Ints
    amount: Floats
    contribution: Floats
    discount: Floats
    offer: Ints
    channel: Ints

    def rows(self, where: Bools | Ints) -> "Lines":
        """The rows that a mask or an index picks."""
        return Lines(*(getattr(self, name)[where] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class State:
    """The retailer at one instant.

    at: microseconds. phase: (n,) ACTIVE, FADING or GONE. contacts: (n,) past contacts, forgotten bit by bit.
    last_order: (n,) microseconds, the sign-up where there is none. drift: (K+1,) log factor on each pull.
    pending: returns already decided that have yet to arrive. next_order, next_session: first free numbers.
    """

    at: int
    phase: Ints
    contacts: Floats
    last_order: Ints
    drift: Floats
    pending: Lines
    next_order: int
    next_session: int


def first_state(people: People, start: int, drift: float, rng: np.random.Generator) -> State:
    """The state when the history begins: those who signed up long before have partly gone."""
    months = np.maximum(start - people.signup, 0) / (30 * DAY)
    leaving = 1 - np.exp(-0.2 * people.hazard * months)
    chance = rng.random(len(people))
    fading = (chance >= leaving) & (chance < leaving + 1.2 * people.hazard * (months > 0))
    none = np.empty(0, dtype=np.int64)
    money = np.empty(0, dtype=np.float64)
    return State(
        at=start,
        phase=np.where(chance < leaving, GONE, np.where(fading, FADING, ACTIVE)),
        contacts=np.zeros(len(people)),
        last_order=people.signup.copy(),
        drift=drift * rng.standard_normal(len(ARMS)),
        pending=Lines(none, none, none, none, none, money, money, money, none, none),
        next_order=1,
        next_session=1,
    )


def move_on(
    state: State,
    people: People,
    days: int,
    quit_now: Bools,
    won_back: Bools,
    drift: float,
    rng: np.random.Generator,
) -> State:
    """Phases, contacts and drift after some days; orders and returns are the caller's to update.

    quit_now: (n,) whom contact drove away: a quarter are gone for good, the others fade.
    won_back: (n,) contacted customers who ordered: those who were fading are active again.
    """
    share = days / 30
    chance = rng.random(len(people))
    starts = chance < 1 - (1 - people.hazard) ** share
    leaves = chance < 1 - (1 - GONE_AFTER_FADING) ** share
    recovers = chance > (1 - BACK_FROM_FADING) ** share
    returns = chance < 1 - (1 - BACK_FROM_GONE) ** share
    after = np.select(
        [state.phase == ACTIVE, state.phase == FADING],
        [
            np.where(starts, FADING, ACTIVE),
            np.where(recovers | won_back, ACTIVE, np.where(leaves, GONE, FADING)),
        ],
        np.where(returns, ACTIVE, GONE),
    )
    after = np.where(quit_now, np.where(rng.random(len(people)) < QUIT_FOR_GOOD, GONE, FADING), after)
    exists = people.signup < state.at
    memory = _DRIFT_MEMORY**share
    step = np.sqrt(1 - memory**2) * drift * rng.standard_normal(len(ARMS))
    return replace(
        state,
        at=state.at + days * DAY,
        phase=np.where(exists, after, state.phase),
        contacts=state.contacts * CONTACT_MEMORY**share,
        drift=memory * state.drift + step,
    )
