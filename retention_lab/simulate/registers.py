"""The tables that describe customers rather than what they do: the register, subscriptions, suppressions."""

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Ints
from retention_lab.simulate.calendar import DAY
from retention_lab.simulate.customers import CHANNELS, REGIONS, TIERS
from retention_lab.simulate.render import numbered, times
from retention_lab.simulate.world import World

_THIS_YEAR = 2026
_PLANS = ("club", "box", "box_plus")
_FEES = np.array([4.9, 14.9, 24.9])
_REASONS = ("unsubscribed", "bounced", "legal")


def draw_customer_ids(count: int, rng: np.random.Generator) -> pa.StringArray:
    """Ids whose numbers say nothing about their customers."""
    return numbered("C", rng.permutation(count) + 1, max(6, len(str(count))))


def customers_table(world: World, rng: np.random.Generator) -> pa.Table:
    """The register of customers: attributes with gaps, referrals, consent (a null means no)."""
    people, n = world.people, len(world.people)
    gap = min(1.0, 0.04 * world.difficulty.confusion)
    known = (rng.random((4, n)) >= gap) | (gap == 0)
    return pa.table(
        {
            "customer_id": world.customer_ids,
            "signup_at": times(people.signup),
            "acquisition_cost": pa.array(people.acquisition_cost, mask=~known[0]),
            "birth_year": pa.array(_THIS_YEAR - people.age.astype(np.int64), mask=~known[1]),
            "region": pa.array(REGIONS, pa.string()).take(pa.array(people.region, mask=~known[2])),
            "channel": pa.array(CHANNELS, pa.string()).take(pa.array(people.channel)),
            "tier": pa.array(TIERS, pa.string()).take(pa.array(people.tier)),
            "referred_by": world.customer_ids.take(_referrers(world, rng)),
            "consent_email": pa.array(people.consent_email, mask=~people.consent_email & ~known[3]),
            "consent_sms": pa.array(rng.random(n) < 0.35),
            "consent_push": pa.array(rng.random(n) < 0.2 + 0.5 * (people.channel == 1)),
            "consent_profiling": pa.array(rng.random(n) < 0.8),
        }
    )


def subscriptions_table(world: World, at: int, seed: np.random.SeedSequence) -> pa.Table:
    """Memberships of about a tenth of the customers; those that would end after `at` are open."""
    rng, people = np.random.default_rng(seed), world.people
    n = len(people)
    takes = rng.random(n) < 0.03 + 0.12 * (people.tier >= 1) + 0.1 * (people.tier == 2)
    start = people.signup + (rng.exponential(90, n) * 86_400).astype(np.int64) * 1_000_000
    months = rng.geometric(np.clip(1.6 * people.hazard, 0.01, 1))
    end = start + months * 30 * DAY
    plan = np.minimum(people.level, rng.integers(0, 3, n))
    row = np.flatnonzero(takes & (start < at))
    return pa.table(
        {
            "customer_id": world.customer_ids.take(pa.array(row)),
            "started_at": times(start[row]),
            "ended_at": pa.array(end[row], pa.int64(), mask=end[row] >= at).cast(pa.timestamp("us")),
            "plan": pa.array(_PLANS, pa.string()).take(pa.array(plan[row])),
            "monthly_fee": pa.array(_FEES[plan[row]]),
        }
    )


def suppressions_table(world: World, start: int, end: int, rng: np.random.Generator) -> pa.Table:
    """One customer in a hundred must not be contacted, whatever they once agreed to."""
    n = len(world.people)
    row = np.flatnonzero(rng.random(n) < 0.01)
    since = start + (rng.random(len(row)) * ((end - start) // 1_000_000)).astype(np.int64) * 1_000_000
    since = np.maximum(since, world.people.signup[row])
    return pa.table(
        {
            "customer_id": world.customer_ids.take(pa.array(row)),
            "reason": pa.array(_REASONS).take(pa.array(rng.integers(0, len(_REASONS), len(row)))),
            "since": times(since),
        }
    )


def _referrers(world: World, rng: np.random.Generator) -> pa.Array:
    """Index of an earlier customer for most who came by referral, null for the others."""
    people, n = world.people, len(world.people)
    by_age: Ints = np.argsort(people.signup, kind="stable")
    rank = np.empty(n, dtype=np.int64)
    rank[by_age] = np.arange(n)
    earlier = by_age[(rng.random(n) * rank).astype(np.int64)]
    referred = (people.channel == CHANNELS.index("referral")) & (rank > 0) & (rng.random(n) < 0.8)
    return pa.array(earlier, mask=~referred)
