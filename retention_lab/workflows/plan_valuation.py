"""What a plan is expected to earn, seen on randomised rows that no model was fitted on.

The model that chose would flatter its own choices. So the plan's rule is applied, at the same budget a head,
to held-out rows that the audience's condition holds for; their outcomes say what that brings per head,
holdout and exploration mixed in, and the audience's size turns it into a total.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.eligibility import matching
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate, not_computed
from retention_lab.hashing import unit_interval
from retention_lab.off_policy import policy_difference
from retention_lab.targeting.allocate import allocate, probabilities_at
from retention_lab.targeting.allocate_within import allocate_within
from retention_lab.targeting.baselines import NAMES
from retention_lab.targeting.budget_curve import HeldOutRows
from retention_lab.targeting.draw import Roles
from retention_lab.targeting.limits import Limits
from retention_lab.targeting.plan_value import held_out_total, under_roles
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.campaign_policy import Policy
from retention_lab.workflows.held_out import HeldOut
from retention_lab.workflows.plan_budgets import budget_facts, no_budget_facts
from retention_lab.workflows.plan_choice import Choice, Terms, favoured_arms, policy_terms, usual_ways
from retention_lab.workflows.plan_limits import plan_limits
from retention_lab.workflows.plan_shift import shift_facts

LEAST_ROWS = 200  # fewer held-out rows in the audience say nothing about it


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole audience, against none for all, before the draw; gain is outcome or contribution."""

    gain: Estimate
    cost: Estimate
    profit: Estimate


@dataclass(frozen=True, slots=True)
class Valuation:
    """m held-out rows like the audience, K offers.

    terms: of these rows. gain, cost: (m, K + 1) scores of the outcome (in money where it is worth money) and
    of the cost. group: (m,) customers; key: (m,) numbers that order equals. roles: the launch's. limits: the
    audience's, over these rows. customers: of the audience.
    """

    terms: Terms
    gain: Floats
    cost: Floats
    group: np.ndarray
    key: Floats
    roles: Roles
    limits: Limits
    customers: int

    def totals(self, choice: Floats) -> Totals:
        """The audience's totals under (m, K + 1) choice probabilities, before holdout and exploration."""
        mixed = under_roles(choice, self.terms.feasible, self.roles)
        gain, cost, profit = (
            held_out_total(scores, mixed, self.customers, self.group)
            for scores in (self.gain, self.cost, self.gain - self.cost)
        )
        return Totals(gain, cost, profit)

    def chances(self, budget: float | None) -> Floats:
        """(m, K + 1) choices of the plan's own rule under a budget for the audience (None: no limit).

        Customers whom the model holds to be equal share what is left for them: which of them come first is
        chance, and one draw of it would only add noise. Under further limits the first by key get it.
        """
        value, charged = self.terms.value, self.terms.charged
        if self.limits.empty:
            found = allocate(value, charged, self.a_head(budget), self.key)
            return probabilities_at(value, charged, found.dual_price, found.tied_share)
        limits = self.limits.scaled(len(self.gain) / self.customers)
        arm = allocate_within(value, charged, self.a_head(budget), limits, self.key).arm
        return np.asarray(np.eye(value.shape[1] + 1)[arm], dtype=np.float64)

    def a_head(self, budget: float | None) -> float | None:
        """What these rows may spend where the audience has that budget.

        The same money a head, not the same price of money: held-out rows need not be worth quite what the
        audience is, and would then spend more or less than the budget.
        """
        return None if budget is None else budget * len(self.gain) / self.customers

    def difference(self, choice: Floats, other: Floats, *, in_money: bool) -> Estimate:
        """Total of one choice less that of another, on the same rows, under the launch's roles."""
        scores = self.gain - self.cost if in_money else self.gain
        ours, theirs = (under_roles(each, self.terms.feasible, self.roles) for each in (choice, other))
        return policy_difference(scores, ours, theirs, self.group).scaled(self.customers)

    def held_out_rows(self, *, in_money: bool) -> HeldOutRows:
        """The same rows for the budget curve."""
        return HeldOutRows(
            value=self.terms.value,
            cost=self.terms.charged,
            scores=self.gain - self.cost if in_money else self.gain,
            group=self.group,
            roles=self.roles,
            feasible=self.terms.feasible,
            key=self.key,
            limits=self.limits,
        )


def value_plan(
    definition: CampaignDefinition,
    offers: Offers,
    choice: Choice,
    policy: Policy | None,
    tables: Tables | None,
) -> dict[str, Any]:
    """Expected totals, the usual ways, and what budgets would bring; or nulls with the reason.

    Baselines and curve are profits, or extra outcomes where the objective is the outcome.
    """
    if policy is None:
        return not_valued("there is no champion yet, so the launch explores only, and nothing is foretold")
    try:
        evidence = _evidence(definition, offers, policy, tables)
        valuation = _valuation(definition, offers, choice, policy, evidence)
        own = valuation.chances(definition.budget)
    except LabError as error:
        return not_valued(f"{error.found} {error.next_step}")
    in_money = definition.policy.objective == "net_value"
    ways = _ways(definition, offers, policy, evidence, valuation)
    return {
        "expected": _expected(valuation.totals(own), in_money=in_money),
        "baselines": _baselines(ways, valuation, in_money=in_money),
        "against": {
            name: valuation.difference(own, ways[name], in_money=in_money).as_json()
            for name in ("everyone", "nobody")
            if name in ways
        },
        **budget_facts(
            definition, choice, valuation.held_out_rows(in_money=in_money), valuation.terms.expected
        ),
        "held_out_rows": len(evidence),
        "redemption_error": _redemption_error(valuation, own, offers),
        "shift": shift_facts(choice, policy, evidence, offers),
    }


def not_valued(reason: str) -> dict[str, Any]:
    """What stands in a plan that cannot be valued."""
    totals = ("incremental_contribution", "cost", "profit")
    return {
        "expected": {name: not_computed(reason) for name in totals},
        "baselines": {name: not_computed(reason) for name in NAMES},
        "against": {},
        **no_budget_facts(reason),
        "held_out_rows": 0,
        "redemption_error": None,
        "shift": {"found": None, "columns": [], "reason": reason},
    }


def _evidence(
    definition: CampaignDefinition, offers: Offers, policy: Policy, tables: Tables | None
) -> HeldOut:
    """The held-out rows like the audience, each of which could have got every offer of the campaign.

    Raises LabError where an offer was never tried, or fewer than 200 rows are left.
    """
    known = policy.knows(offers.names)
    tried = known | ~offers.possible
    if not tried.all():
        raise LabError(
            f"No experiment has tried '{offers.names[int(np.argmin(tried))]}' yet, so what the launch earns "
            "cannot be foretold.",
            "It gets exploration only; the next training learns from it.",
        )
    where, found = definition.audience.where, policy.evidence
    inside: Bools = np.ones(len(found), dtype=np.bool_)
    if tables is not None and where is not None:
        inside = matching(tables, found.context, where)
    needed = policy.columns(offers.names)[offers.possible & known]
    inside = inside & found.feasible[:, needed].all(axis=1)
    if inside.sum() < LEAST_ROWS:
        raise LabError(
            f"{int(inside.sum())} of {len(found)} held-out rows are like the audience and could have got "
            f"every offer; fewer than {LEAST_ROWS} cannot say what the plan would earn.",
            "Widen the audience, or run an experiment with these offers among these customers first.",
        )
    return found.rows(inside)


def _valuation(
    definition: CampaignDefinition, offers: Offers, choice: Choice, policy: Policy, evidence: HeldOut
) -> Valuation:
    arms = np.append(0, policy.columns(offers.names) + 1)
    none = np.zeros(len(evidence))
    redemption = evidence.redeemed[:, arms[1:]]
    exploration = np.full(len(evidence), choice.exploration.used)
    terms = policy_terms(definition, offers, policy, evidence.predicted)
    key = unit_interval(evidence.group.astype(str).tolist(), "valuation")
    customers, budget = len(choice.propensity), definition.budget
    a_head = None if budget is None else budget * len(evidence) / customers
    favoured = favoured_arms(definition, offers, policy, evidence.predicted, terms, (a_head, key))
    return Valuation(
        terms=terms,
        gain=evidence.gamma[:, arms] * policy.per_unit,
        cost=np.column_stack([none, offers.contact + offers.redemption * redemption]),
        group=evidence.group,
        key=key,
        roles=Roles(choice.exploration.roles.holdout, exploration, favoured),
        limits=plan_limits(definition, offers, terms.redemption, evidence.context),
        customers=customers,
    )


def _ways(
    definition: CampaignDefinition, offers: Offers, policy: Policy, evidence: HeldOut, valuation: Valuation
) -> dict[str, Floats]:
    """(m, K + 1) choices of the usual ways on the same rows, at the same spend a head."""
    budget, columns = valuation.a_head(definition.budget), policy.columns(offers.names)
    ids = evidence.group.astype(str)
    ways = usual_ways(evidence.predicted, valuation.terms, columns, budget, ids)
    choices: dict[str, Floats] = {name: np.eye(len(offers.names) + 1)[arm] for name, arm in ways.items()}
    if choices:
        # any order is as random as this one: all get the offer with the chance that the money allows
        choices["random"] = np.tile(choices["random"].mean(axis=0), (len(evidence), 1))
    return choices


def _baselines(ways: dict[str, Floats], valuation: Valuation, *, in_money: bool) -> dict[str, Any]:
    if not ways:
        return {name: not_computed("the model may choose none of the campaign's offers") for name in NAMES}
    return {name: _aim(valuation.totals(choice), in_money=in_money) for name, choice in ways.items()}


def _redemption_error(valuation: Valuation, choice: Floats, offers: Offers) -> float | None:
    """How far off all redemption rates may be together, relative to one: by these rows, and their chance.

    None where no offer costs more when it is redeemed, or the plan gives out none.
    """
    mixed = under_roles(choice, valuation.terms.feasible, valuation.roles)
    predicted = float((mixed[:, 1:] * valuation.terms.redemption * offers.redemption).sum(axis=1).mean())
    if not predicted > 0:
        return None
    seen = mixed[:, 1:] * (valuation.cost[:, 1:] - offers.contact)
    ratio = mean_estimate(seen.sum(axis=1), valuation.group).scaled(1 / predicted)
    return float(np.hypot(ratio.value - 1, ratio.se))


def _aim(totals: Totals, *, in_money: bool) -> dict[str, Any]:
    return (totals.profit if in_money else totals.gain).as_json()


def _expected(totals: Totals, *, in_money: bool) -> dict[str, Any]:
    if in_money:
        return {
            "incremental_contribution": totals.gain.as_json(),
            "cost": totals.cost.as_json(),
            "profit": totals.profit.as_json(),
        }
    reason = "the objective is the outcome, which has no value in money"
    return {
        "incremental_outcome": totals.gain.as_json(),
        "incremental_contribution": not_computed(reason),
        "cost": totals.cost.as_json(),
        "profit": not_computed(reason),
    }
