"""What only a simulation can know: every customer's expected outcome under every offer, and why."""

from dataclasses import dataclass

import pyarrow as pa

from retention_lab.arrays import Bools, Floats
from retention_lab.simulate.behaviour import Outlook, churn_risk, outlook
from retention_lab.simulate.calendar import DAY, Window
from retention_lab.simulate.customers import REASONS, SEGMENTS
from retention_lab.simulate.offers import ARMS
from retention_lab.simulate.products import complementary_pairs
from retention_lab.simulate.state import ACTIVE, FADING, GONE, State
from retention_lab.simulate.world import World

PHASES = {ACTIVE: "active", FADING: "fading", GONE: "gone"}


@dataclass(frozen=True, slots=True)
class CampaignTruth:
    """Expected outcomes of those assigned in one past campaign, at its launch; rows as in `assignments`."""

    customer_ids: pa.StringArray
    expected: Outlook


@dataclass(frozen=True, slots=True)
class Truth:
    """The hidden side of a retailer at one instant. Rehearsals and tests may read it, models may not.

    customer_ids: (n,) in the order of every array. arms: K+1 names, `none` first.
    expected_contribution, expected_redemptions, expected_discount, expected_cost, expected_profit: (n, K+1)
    over the `horizon_days` from the instant, in the project's currency (redemptions: probabilities). Cost is
    contact and redemption cost, profit is contribution less cost; discounts are already off contribution.
    churn_risk: (n,) probability of no order in 90 days if left alone.
    sleeping_dog: (n,) not gone yet, and driven away by contact. phase, segment, leaving_reason: (n,) words.
    complements: the planted product pairs. campaigns: by experiment, what was to be expected at its launch.
    """

    customer_ids: pa.StringArray
    arms: tuple[str, ...]
    horizon_days: int
    expected_contribution: Floats
    expected_redemptions: Floats
    expected_discount: Floats
    expected_cost: Floats
    expected_profit: Floats
    churn_risk: Floats
    sleeping_dog: Bools
    phase: pa.StringArray
    segment: pa.StringArray
    leaving_reason: pa.StringArray
    price_sensitivity: Floats
    satisfaction: Floats
    complements: pa.Table
    campaigns: dict[str, CampaignTruth]


def truth_at(world: World, state: State, horizon_days: int, campaigns: dict[str, CampaignTruth]) -> Truth:
    """The truth at the state's instant, over the `horizon_days` that follow."""
    expected = outlook(world, state, Window(state.at, horizon_days))
    months = [Window(state.at + 30 * i * DAY, 30) for i in range(3)]
    people = world.people
    return Truth(
        customer_ids=world.customer_ids,
        arms=ARMS,
        horizon_days=horizon_days,
        expected_contribution=expected.contribution,
        expected_redemptions=expected.redemptions,
        expected_discount=expected.discount,
        expected_cost=expected.cost,
        expected_profit=expected.profit,
        churn_risk=churn_risk(world, state, months),
        sleeping_dog=world.persuasion.sleeping_dog & (state.phase != GONE) & (people.signup < state.at),
        phase=pa.array([PHASES[i] for i in range(3)], pa.string()).take(pa.array(state.phase)),
        segment=pa.array(SEGMENTS, pa.string()).take(pa.array(people.segment)),
        leaving_reason=pa.array(REASONS, pa.string()).take(pa.array(people.reason)),
        price_sensitivity=people.price_sensitivity,
        satisfaction=people.satisfaction,
        complements=complementary_pairs(world.catalogue),
        campaigns=campaigns,
    )
