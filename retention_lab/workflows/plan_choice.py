"""The audience's side of a plan: what offers are worth to each customer, who gets which, and how likely."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import LabError
from retention_lab.hashing import unit_interval
from retention_lab.targeting.allocate import Allocation, allocate
from retention_lab.targeting.baselines import usual_choices
from retention_lab.targeting.draw import ScaledExploration, propensities, scale_exploration
from retention_lab.targeting.value import expected_cost, net_value
from retention_lab.workflows.campaign_audience import Eligible
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.campaign_policy import Policy
from retention_lab.workflows.held_out import Predictions, predictions
from retention_lab.workflows.plan_files import PlannedRows


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is made of, for n customers and K offers.

    value: (n, K) gain of each offer, -inf where the policy may not choose it. cost: (n, K) expected cost.
    feasible: (n, K) offers that can be made at all.
    """

    value: Floats
    cost: Floats
    feasible: Bools

    @property
    def choosable(self) -> bool:
        """Whether the policy may choose any offer for anybody."""
        return bool((self.value > -np.inf).any())


@dataclass(frozen=True, slots=True)
class Choice:
    """n eligible customers, K offers.

    key: (n,) numbers keyed by the customer, which order equals. baseline: (n,) expected outcome without an
    offer. ways: (n,) arms of each usual way; none where the policy may choose no offer. propensity:
    (n, K + 1) of the launch.
    """

    terms: Terms
    key: Floats
    baseline: Floats
    ways: dict[str, Ints]
    allocation: Allocation
    exploration: ScaledExploration
    propensity: Floats


def choose(
    definition: CampaignDefinition, eligible: Eligible, offers: Offers, policy: Policy | None
) -> Choice:
    """Choose for every eligible customer as if there were no holdout, then mix in the random roles.

    Without a policy nobody is chosen: the launch explores only, at a cost of at most the budget.
    Raises LabError where the launch would give out more of an offer than there are.
    """
    budget, rows = definition.budget, len(eligible)
    key = unit_interval(eligible.ids.tolist(), f"plan/{definition.name}")
    if policy is None:
        found, baseline, ways = _unknown_terms(offers, rows), np.zeros(rows), {}
    else:
        seen = predictions(policy.scorer, policy.scorer.features(eligible.table))
        found = policy_terms(definition, offers, policy, seen)
        baseline = seen.baseline * policy.per_unit
        ways = usual_ways(seen, found, policy.columns(offers.names), budget, eligible.ids)
    allocation = allocate(found.value, found.cost, budget, key)
    shares = (definition.holdout, definition.exploration)
    exploration = scale_exploration(allocation.arm, found.feasible, found.cost, shares, budget)
    chances = propensities(allocation.arm, found.feasible, exploration.roles)
    _refuse_beyond_stock(definition, offers, chances)
    return Choice(found, key, baseline, ways, allocation, exploration, chances)


def policy_terms(definition: CampaignDefinition, offers: Offers, policy: Policy, seen: Predictions) -> Terms:
    """Value and cost of the campaign's offers, which may be fewer or more than the model's arms.

    An offer that the model does not know, or that its constant policy does not make, is never chosen; its
    cost counts as if everybody redeemed it, so that exploring it cannot break the budget.
    """
    columns, known = policy.columns(offers.names), policy.knows(offers.names)
    chosen = known if policy.only_offer is None else np.array(offers.names) == policy.only_offer
    feasible = offers.feasible(len(seen))
    redemption = np.where(known, seen.redemption[:, columns], 1.0)
    gain = seen.effect[:, columns] * policy.per_unit
    if definition.policy.objective == "net_value":
        gain = net_value(gain, redemption, offers.contact, offers.redemption)
    cost = expected_cost(redemption, offers.contact, offers.redemption)
    return Terms(np.where(feasible & chosen, gain, -np.inf), cost, feasible)


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
        found.value,
        found.cost,
        budget,
        unit_interval(ids.astype(str).tolist(), "usual ways"),
    )


def planned_rows(eligible: Eligible, offers: Sequence[str], choice: Choice) -> PlannedRows:
    """The plan as it is written down."""
    arm = choice.allocation.arm
    value = np.column_stack([np.zeros(len(arm)), choice.terms.value])[np.arange(len(arm)), arm]
    return PlannedRows(
        ids=eligible.ids,
        offers=tuple(offers),
        intended=arm,
        value=value,
        baseline=choice.baseline,
        propensity=choice.propensity,
        exploration=choice.exploration.roles.exploration,
    )


def _unknown_terms(offers: Offers, rows: int) -> Terms:
    """Nothing is known of any offer, so none is chosen; everybody who gets one is taken to redeem it."""
    cost = np.tile(offers.contact + offers.redemption, (rows, 1))
    return Terms(np.full((rows, len(offers.names)), -np.inf), cost, offers.feasible(rows))


def _refuse_beyond_stock(definition: CampaignDefinition, offers: Offers, chances: Floats) -> None:
    for k, (name, stock) in enumerate(zip(offers.names, offers.stock, strict=True)):
        wanted = float(chances[:, k + 1].sum())
        if stock is not None and wanted > stock:
            raise LabError(
                f"The plan would give out {wanted:.0f} of '{name}', and there are {stock:.0f}.",
                "Lower the budget, narrow the audience, or take the offer out.",
                file=definition.file,
                key="offers",
            )
