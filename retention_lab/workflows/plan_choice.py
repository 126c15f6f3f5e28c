"""The audience's side of a plan: what offers are worth to each customer, who gets which, and how likely."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import ConfigurationError
from retention_lab.features import Features
from retention_lab.hashing import unit_interval
from retention_lab.targeting.allocate import Allocation, allocate
from retention_lab.targeting.allocate_within import BUDGET, allocate_within
from retention_lab.targeting.baselines import usual_choices
from retention_lab.targeting.caution import cautious_value
from retention_lab.targeting.draw import ScaledExploration, propensities, roles, scale_exploration
from retention_lab.targeting.limits import Limits
from retention_lab.targeting.overspending import worst_cost
from retention_lab.targeting.thompson import thompson_frequencies
from retention_lab.targeting.value import expected_cost, net_value
from retention_lab.workflows.campaign_audience import Eligible
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.campaign_policy import Policy
from retention_lab.workflows.held_out import Predictions, predictions
from retention_lab.workflows.plan_files import PlannedRows
from retention_lab.workflows.plan_limits import less_exploration, plan_limits

_DRAWS = 50  # of the effects, for Thompson's frequencies: chances of a fiftieth


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made of, for n customers and K offers.

    value: (n, K) gain of each offer by which the policy chooses, -inf where it may not. expected: (n, K) gain
    on average, which is the same but for a cautious policy. cost: (n, K) expected cost. charged: (n, K) what
    the budget counts. redemption: (n, K) probabilities. feasible: (n, K) offers that can be made at all.
    """

    value: Floats
    expected: Floats
    cost: Floats
    charged: Floats
    redemption: Floats
    feasible: Bools

    @property
    def choosable(self) -> bool:
        """Whether the policy may choose any offer for anybody."""
        return bool((self.value > -np.inf).any())


@dataclass(frozen=True, slots=True)
class Choice:
    """n eligible customers, K offers.

    key: (n,) numbers keyed by the customer, which order equals. baseline: (n,) expected outcome without an
    offer. features, effect: as the model reads each customer, and (n, K) what it says of each offer, in money
    where it knows money; None without one.
    ways: (n,) arms of each usual way; none where the policy may choose no offer. limits: all that is kept to
    beside the budget; prices: what a unit more of each would earn. propensity: (n, K + 1) of the launch.
    """

    terms: Terms
    key: Floats
    baseline: Floats
    features: Features | None
    effect: Floats | None
    ways: dict[str, Ints]
    allocation: Allocation
    limits: Limits
    prices: Mapping[str, float]
    exploration: ScaledExploration
    propensity: Floats


def choose(
    definition: CampaignDefinition, eligible: Eligible, offers: Offers, policy: Policy | None
) -> Choice:
    """Choose for every eligible customer as if there were no holdout, then mix in the random roles.

    Without a policy nobody is chosen: the launch explores only, within the budget and the caps.
    Raises LabError where the least shares do not fit the rest.
    """
    budget, rows = definition.budget, len(eligible)
    key = unit_interval(eligible.ids.tolist(), f"plan/{definition.name}")
    favoured, features, effect = None, None, None
    if policy is None:
        found, baseline, ways = _unknown_terms(offers, rows), np.zeros(rows), {}
    else:
        features = policy.scorer.features(eligible.table)
        seen = predictions(policy.scorer, features, moves=definition.asks_how_sure)
        found = policy_terms(definition, offers, policy, seen)
        baseline = seen.baseline * policy.per_unit
        effect = seen.effect[:, policy.columns(offers.names)] * policy.per_unit
        ways = usual_ways(seen, found, policy.columns(offers.names), budget, eligible.ids)
        favoured = favoured_arms(definition, offers, policy, seen, found, (budget, key))
    limits = plan_limits(definition, offers, found.redemption, eligible.table)
    _refuse_absent_groups(definition, limits)
    shares = (definition.holdout, definition.exploration)
    left = less_exploration(limits, found.feasible, roles(found.feasible, *shares, favoured))
    allocation, prices = _allocated(found, budget, left if policy else Limits(), key)
    exploration = scale_exploration(
        allocation.arm, found.feasible, found.charged, shares, budget, favoured, limits
    )
    chances = propensities(allocation.arm, found.feasible, exploration.roles)
    return Choice(
        found, key, baseline, features, effect, ways, allocation, limits, prices, exploration, chances
    )


def policy_terms(definition: CampaignDefinition, offers: Offers, policy: Policy, seen: Predictions) -> Terms:
    """Value and cost of the campaign's offers, which may be fewer or more than the model's arms.

    An offer that the model does not know, or that its constant policy does not make, is never chosen; its
    cost counts as if everybody redeemed it, so that exploring it cannot break the budget.
    """
    columns, known = policy.columns(offers.names), policy.knows(offers.names)
    chosen = known if policy.only_offer is None else np.array(offers.names) == policy.only_offer
    feasible = offers.feasible(len(seen))
    redemption = np.where(known, seen.redemption[:, columns], 1.0)
    in_money = definition.policy.objective == "net_value"

    def gain(effect: Floats) -> Floats:
        worth = effect[:, columns] * policy.per_unit
        worth = net_value(worth, redemption, offers.contact, offers.redemption) if in_money else worth
        return np.where(feasible & chosen, worth, -np.inf)

    expected, quantile = gain(seen.effect), definition.policy.cautious
    value = expected
    if quantile is not None and seen.moves is not None:
        _refuse_few_refits(definition, policy, len(seen.moves), quantile)
        value = cautious_value(np.stack([gain(seen.effect + each) for each in seen.moves]), quantile)
    cost = expected_cost(redemption, offers.contact, offers.redemption)
    worst = definition.budget_mode == "worst_case"
    charged = worst_cost(offers.contact, offers.redemption, len(seen)) if worst else cost
    return Terms(value, expected, cost, charged, redemption, feasible)


def favoured_arms(
    definition: CampaignDefinition,
    offers: Offers,
    policy: Policy,
    seen: Predictions,
    found: Terms,
    under: tuple[float | None, Floats],
) -> Floats | None:
    """(n, K + 1) Thompson's chances of the arms, none first; None where exploration favours no arm.

    under: the budget for these rows, and the numbers that order equals. The effects are drawn together,
    normal about the model's, with the covariance that its refits show: customers of one kind move together.
    """
    if definition.exploration_by != "thompson" or seen.moves is None:
        return None
    rng = np.random.default_rng(int(unit_interval([definition.name], "thompson")[0] * 2**53))
    scale = policy.per_unit / np.sqrt(max(1, len(seen.moves) - 1))
    columns, weights = policy.columns(offers.names), rng.normal(size=(_DRAWS, len(seen.moves)))
    draws = (found.expected + scale * np.tensordot(each, seen.moves, axes=1)[:, columns] for each in weights)
    return thompson_frequencies(draws, found.charged, *under)


def usual_ways(
    seen: Predictions, found: Terms, columns: Ints, budget: float | None, ids: np.ndarray
) -> dict[str, Ints]:
    """(n,) arms of each usual way under the same budget; none where the policy may choose no offer.

    columns: (K,) of the campaign's offers among the model's. Whoever is least likely to buy without an
    offer is most at risk.
    """
    if not found.choosable:
        return {}
    return usual_choices(
        -seen.activity[:, 0],
        seen.activity[:, columns + 1],
        found.expected,
        found.charged,
        budget,
        unit_interval(ids.astype(str).tolist(), "usual ways"),
    )


def planned_rows(eligible: Eligible, offers: Sequence[str], choice: Choice) -> PlannedRows:
    """The plan as it is written down."""
    arm, expected = choice.allocation.arm, choice.terms.expected
    value = np.column_stack([np.zeros(len(arm)), expected])[np.arange(len(arm)), arm]
    best = expected.max(axis=1, initial=-np.inf)
    return PlannedRows(
        ids=eligible.ids,
        offers=tuple(offers),
        intended=arm,
        value=value,
        baseline=choice.baseline,
        propensity=choice.propensity,
        exploration=choice.exploration.roles.exploration,
        favoured=choice.exploration.roles.favoured,
        best=np.where(np.isfinite(best), best, 0.0) if choice.terms.choosable else None,
        effect=choice.effect,
    )


def _refuse_few_refits(definition: CampaignDefinition, policy: Policy, refits: int, quantile: float) -> None:
    if refits * quantile < 1:
        needed = math.ceil(1 / quantile)
        raise ConfigurationError(
            f"The model keeps {refits} refits, and a share of {quantile:g} of them is less than one.",
            f"Train '{policy.loaded.name}' with `spread: {needed}`, or be cautious at a larger share.",
            file=definition.file,
            key="policy.risk.cautious",
        )


def _allocated(
    found: Terms, budget: float | None, limits: Limits, key: Floats
) -> tuple[Allocation, Mapping[str, float]]:
    """The choices, and what one unit more of each limit would earn."""
    if limits.empty:
        plain = allocate(found.value, found.charged, budget, key)
        return plain, {BUDGET: plain.dual_price}
    plan = allocate_within(found.value, found.charged, budget, limits, key)
    return Allocation(plan.arm, plan.spend, plan.gain, plan.prices[BUDGET], 0.0), plan.prices


def _unknown_terms(offers: Offers, rows: int) -> Terms:
    """Nothing is known of any offer, so none is chosen; everybody who gets one is taken to redeem it."""
    nothing = np.full((rows, len(offers.names)), -np.inf)
    cost = np.tile(offers.contact + offers.redemption, (rows, 1))
    return Terms(nothing, nothing, cost, cost, np.ones_like(cost), offers.feasible(rows))


def _refuse_absent_groups(definition: CampaignDefinition, limits: Limits) -> None:
    least, wanted = limits.least, definition.constraints.min_share
    if least is None or wanted is None:
        return
    there = np.bincount(least.group, minlength=len(least.names))
    for name, count in zip(wanted.shares, there[1:], strict=True):
        if not count:
            raise ConfigurationError(
                f"No eligible customer has '{name}' as {wanted.column}, so its least share says nothing.",
                "Correct the value, or take it out.",
                file=definition.file,
                key=f"constraints.min_share.shares.{name}",
            )
