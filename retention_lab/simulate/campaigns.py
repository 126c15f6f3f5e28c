"""Past campaigns: randomised ones with logged probabilities, and one that chased risky customers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.simulate.calendar import DAY, moment
from retention_lab.simulate.customers import TIERS
from retention_lab.simulate.offers import ARMS
from retention_lab.simulate.state import FADING, State
from retention_lab.simulate.world import World

SETTLED_DAYS = 30  # a customer this young is left alone


@dataclass(frozen=True, slots=True)
class Plan:
    """A past campaign. months_ago: windows before the end of history; reach: share of all customers aimed at.

    holdout: share held out. weights: (strata, K+1) arm shares of the others; one row: no strata, else by
    tier.
    """

    name: str
    months_ago: int
    reach: float
    holdout: float
    weights: tuple[tuple[float, ...], ...]


_EVEN = (0.10, 0.18, 0.18, 0.18, 0.18, 0.18)
_COUPONS = (0.08, 0.26, 0.22, 0.14, 0.14, 0.16)
_STATUS = (
    (0.10, 0.22, 0.22, 0.14, 0.18, 0.14),
    (0.10, 0.18, 0.14, 0.24, 0.16, 0.18),
    (0.12, 0.12, 0.10, 0.30, 0.14, 0.22),
)
PLANS = (
    Plan("exploration", 17, 0.45, 0.20, (_EVEN,)),
    Plan("exploration", 14, 0.45, 0.15, (_EVEN,)),
    Plan("exploration", 11, 0.45, 0.15, (_COUPONS,)),
    Plan("exploration", 8, 0.45, 0.20, _STATUS),
    Plan("exploration", 5, 0.45, 0.15, (_EVEN,)),
    Plan("exploration", 3, 0.45, 0.15, _STATUS),
)
OBSERVATIONAL = Plan("observational", 2, 0.30, 0.0, ())


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who was assigned what: customer indices, arm codes, role codes, strata (-1: none).

    probabilities: (m, K+1) marginal over the roles; None where the arm was not randomised.
    """

    experiment: str
    at: int
    customer: Ints
    arm: Ints
    holdout: Bools
    stratum: Ints
    probabilities: Floats | None


def enrol(plan: Plan, world: World, state: State, rng: np.random.Generator) -> Enrolment:
    """Aim at a random part of those who may be mailed; draw the role, then the arm given the role."""
    customer = _audience(plan, world, state, rng)
    experiment = f"{plan.name}-{moment(state.at):%Y-%m-%d}"
    none = np.full(len(customer), -1)
    if not plan.weights:
        contacted = rng.random(len(customer)) < _risk_driven(world, state, customer, rng)
        nobody = np.zeros(len(customer), dtype=np.bool_)
        return Enrolment(experiment, state.at, customer, contacted.astype(np.int64), nobody, none, None)
    weights = np.array(plan.weights)
    stratum = world.people.tier[customer] if len(weights) > 1 else none
    weight = weights[np.maximum(stratum, 0)]
    holdout = rng.random(len(customer)) < plan.holdout
    drawn = (rng.random(len(customer))[:, None] >= weight.cumsum(1)[:, :-1]).sum(1)
    probabilities = (1 - plan.holdout) * weight
    probabilities[:, 0] += plan.holdout
    arm = np.where(holdout, 0, drawn)
    return Enrolment(experiment, state.at, customer, arm, holdout, stratum, probabilities)


def assignments_table(world: World, enrolment: Enrolment) -> pa.Table:
    """The contract's table of assignments for one past campaign."""
    m = len(enrolment.customer)
    chosen = enrolment.probabilities
    received = None if chosen is None else chosen[np.arange(m), enrolment.arm]
    tiers = pa.array([*TIERS, None], pa.string())
    return pa.table(
        {
            "experiment": pa.repeat(pa.scalar(enrolment.experiment), m),
            "customer_id": world.customer_ids.take(pa.array(enrolment.customer)),
            "arm": pa.array(ARMS, pa.string()).take(pa.array(enrolment.arm)),
            "propensity": pa.nulls(m, pa.float64()) if received is None else pa.array(received),
            "assigned_at": pa.repeat(pa.scalar(enrolment.at, pa.int64()), m).cast(pa.timestamp("us")),
            "role": pa.array(["exploration", "holdout"]).take(pa.array(enrolment.holdout.astype(np.int64))),
            "intended_arm": pa.nulls(m, pa.string()),
            "stratum": tiers.take(pa.array(np.where(enrolment.stratum < 0, len(TIERS), enrolment.stratum))),
        }
    )


def propensities_table(world: World, enrolment: Enrolment) -> pa.Table:
    """The contract's table of propensities, a row per customer and arm; empty where none are known."""
    known = enrolment.probabilities if enrolment.probabilities is not None else np.empty((0, len(ARMS)))
    m = len(known)
    arms = np.tile(np.arange(len(ARMS)), m)
    customer = np.repeat(enrolment.customer[:m], len(ARMS))
    return pa.table(
        {
            "experiment": pa.repeat(pa.scalar(enrolment.experiment), m * len(ARMS)),
            "customer_id": world.customer_ids.take(pa.array(customer)),
            "arm": pa.array(ARMS, pa.string()).take(pa.array(arms)),
            "propensity": pa.array(known.ravel()),
        }
    )


def _audience(plan: Plan, world: World, state: State, rng: np.random.Generator) -> Ints:
    people = world.people
    may = np.flatnonzero(people.consent_email & (people.signup < state.at - SETTLED_DAYS * DAY))
    aimed = min(1.0, plan.reach * len(people) / max(1, len(may)))
    return may[rng.random(len(may)) < aimed]


def _risk_driven(world: World, state: State, customer: Ints, rng: np.random.Generator) -> Floats:
    """Probability of a contact: higher the longer nothing was bought, and where somebody seems to fade."""
    days = (state.at - state.last_order[customer]) / DAY
    feeling = (state.phase[customer] == FADING) + 0.3 * rng.standard_normal(len(customer))
    risk = np.clip((np.log1p(days) - 4.2) / 1.0, -2.5, 2.5) + 0.7 * feeling
    logit = -0.4 + 1.2 * world.difficulty.confounding * risk
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)
