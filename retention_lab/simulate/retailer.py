"""A retailer with two years of history, past campaigns, and a truth that its tables do not show."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from retention_lab.errors import ConfigurationError
from retention_lab.simulate.behaviour import outlook
from retention_lab.simulate.calendar import DAY, Window, microseconds
from retention_lab.simulate.campaigns import (
    OBSERVATIONAL,
    PLANS,
    Enrolment,
    assignments_table,
    enrol,
    propensities_table,
)
from retention_lab.simulate.customers import draw_people
from retention_lab.simulate.difficulty import Difficulty
from retention_lab.simulate.offers import offers_table
from retention_lab.simulate.persuasion import draw_persuasion
from retention_lab.simulate.play import play
from retention_lab.simulate.products import draw_catalogue, product_ids, products_table
from retention_lab.simulate.registers import (
    customers_table,
    draw_customer_ids,
    subscriptions_table,
    suppressions_table,
)
from retention_lab.simulate.state import State, first_state
from retention_lab.simulate.truth import CampaignTruth, Truth, truth_at
from retention_lab.simulate.world import World

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
HISTORY_MONTHS = 24
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Retailer:
    """A retailer at one instant.

    tables: the contract's tables by name; every row lies before `as_of`; times are naive UTC.
    truth: what only a simulation knows, at `as_of`. seed: what everything was drawn from.
    world, state: the machinery that `respond` plays on with.
    """

    tables: dict[str, pa.Table]
    truth: Truth
    as_of: datetime
    seed: int
    world: World
    state: State


def retailer(
    customers: int = 20_000, seed: int = 1, difficulty: Difficulty | None = None, as_of: datetime = AS_OF
) -> Retailer:
    """Simulate 24 windows of 30 days before `as_of`, with past campaigns; equal seeds give equal rows.

    Raises ConfigurationError with fewer than 100 customers, a negative seed, or an `as_of` without a zone.
    """
    _check(customers, seed, as_of)
    end = microseconds(as_of)
    start = end - HISTORY_MONTHS * MONTH_DAYS * DAY
    history, registering, beginning = np.random.SeedSequence(seed).spawn(3)
    world = _draw_world(customers, start, end, difficulty or Difficulty(), registering)
    state = first_state(world.people, start, world.difficulty.drift, np.random.default_rng(beginning))
    past = _live_through(world, state, history)
    register = np.random.default_rng(registering.spawn(1)[0])
    tables = {
        "customers": customers_table(world, register),
        "products": products_table(world.catalogue, register),
        "offers": offers_table(),
        "suppressions": suppressions_table(world, start, end, register),
        "subscriptions": subscriptions_table(world, end, subscriptions_seed(seed)),
        **past.tables,
    }
    return Retailer(
        tables, truth_at(world, past.state, MONTH_DAYS, past.campaigns), as_of, seed, world, past.state
    )


def subscriptions_seed(seed: int) -> np.random.SeedSequence:
    """The seed of the subscriptions, which later states draw again to see which have ended by then."""
    return np.random.SeedSequence([seed, 7])


@dataclass(frozen=True, slots=True)
class _Past:
    tables: dict[str, pa.Table]
    state: State
    campaigns: dict[str, CampaignTruth]


def _draw_world(
    customers: int, start: int, end: int, difficulty: Difficulty, seed: np.random.SeedSequence
) -> World:
    people_seed, mind_seed, shelf_seed, id_seed = (np.random.default_rng(part) for part in seed.spawn(4))
    people = draw_people(customers, start, end, people_seed)
    catalogue = draw_catalogue(difficulty.noise, shelf_seed)
    return World(
        difficulty=difficulty,
        people=people,
        persuasion=draw_persuasion(people, difficulty, mind_seed),
        catalogue=catalogue,
        customer_ids=draw_customer_ids(customers, id_seed),
        product_ids=product_ids(catalogue),
    )


def _live_through(world: World, state: State, seed: np.random.SeedSequence) -> _Past:
    parts: dict[str, list[pa.Table]] = {}
    campaigns: dict[str, CampaignTruth] = {}
    plans = {plan.months_ago: plan for plan in (*PLANS, OBSERVATIONAL)}
    for months_ago, part in zip(range(HISTORY_MONTHS, 0, -1), seed.spawn(HISTORY_MONTHS), strict=True):
        window = Window(state.at, MONTH_DAYS)
        arm, experiment = np.zeros(len(world.people), dtype=np.int64), None
        playing, enrolling = part.spawn(2)
        if months_ago in plans:
            enrolment = enrol(plans[months_ago], world, state, np.random.default_rng(enrolling))
            campaigns[enrolment.experiment] = _campaign_truth(world, state, window, enrolment)
            arm[enrolment.customer], experiment = enrolment.arm, enrolment.experiment
            parts.setdefault("assignments", []).append(assignments_table(world, enrolment))
            parts.setdefault("propensities", []).append(propensities_table(world, enrolment))
        played = play(world, state, window, arm, experiment, playing)
        for name, table in played.tables.items():
            parts.setdefault(name, []).append(table)
        state = played.state
    return _Past({name: pa.concat_tables(found) for name, found in parts.items()}, state, campaigns)


def _campaign_truth(world: World, state: State, window: Window, enrolment: Enrolment) -> CampaignTruth:
    ids = world.customer_ids.take(pa.array(enrolment.customer))
    return CampaignTruth(ids, outlook(world, state, window).rows(enrolment.customer))


def _check(customers: int, seed: int, as_of: datetime) -> None:
    if customers < 100:
        raise ConfigurationError(f"A retailer of {customers} customers is too small.", "Choose at least 100.")
    if seed < 0:
        raise ConfigurationError(f"The seed is {seed}.", "Choose a whole number from 0 on.")
    if as_of.tzinfo is None:
        raise ConfigurationError("The retailer's as_of has no time zone.", "Write it with one, UTC say.")
