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
from retention_lab.estimate import Estimate, not_computed
from retention_lab.hashing import unit_interval
from retention_lab.targeting.allocate import allocate, probabilities_at
from retention_lab.targeting.baselines import NAMES
from retention_lab.targeting.draw import Roles
from retention_lab.targeting.plan_value import held_out_total, under_roles
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.campaign_policy import Policy
from retention_lab.workflows.held_out import HeldOut
from retention_lab.workflows.plan_choice import Choice, Terms, policy_terms, usual_ways

CURVE_POINTS = 12
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
    of the cost. group: (m,) customers; key: (m,) numbers that order equals. roles: the launch's. customers:
    of the audience.
    """

    terms: Terms
    gain: Floats
    cost: Floats
    group: np.ndarray
    key: Floats
    roles: Roles
    customers: int

    def totals(self, choice: Floats) -> Totals:
        """The audience's totals under (m, K + 1) choice probabilities, before holdout and exploration."""
        mixed = under_roles(choice, self.terms.feasible, self.roles)
        gain, cost, profit = (
            held_out_total(scores, mixed, self.customers, self.group)
            for scores in (self.gain, self.cost, self.gain - self.cost)
        )
        return Totals(gain, cost, profit)

    def under_budget(self, budget: float | None) -> Totals:
        """The totals of the plan's own rule under a budget for the audience (None: no limit).

        Customers whom the model holds to be equal share what is left for them: which of them come first is
        chance, and one draw of it would only add noise.
        """
        value, cost = self.terms.value, self.terms.cost
        found = allocate(value, cost, self.a_head(budget), self.key)
        return self.totals(probabilities_at(value, cost, found.dual_price, found.tied_share))

    def a_head(self, budget: float | None) -> float | None:
        """What these rows may spend where the audience has that budget.

        The same money a head, not the same price of money: held-out rows need not be worth quite what the
        audience is, and would then spend more or less than the budget.
        """
        return None if budget is None else budget * len(self.gain) / self.customers


def value_plan(
    definition: CampaignDefinition,
    offers: Offers,
    choice: Choice,
    policy: Policy | None,
    tables: Tables | None,
) -> dict[str, Any]:
    """Expected totals, the usual ways, and the budget curve; or nulls with the reason.

    Baselines and curve are profits, or extra outcomes where the objective is the outcome.
    """
    if policy is None:
        return not_valued("there is no champion yet, so the launch explores only, and nothing is foretold")
    try:
        evidence = _evidence(definition, offers, policy, tables)
    except LabError as error:
        return not_valued(f"{error.found} {error.next_step}")
    valuation = _valuation(definition, offers, choice, policy, evidence)
    own = valuation.under_budget(definition.budget)
    in_money = definition.policy.objective == "net_value"
    return {
        "expected": _expected(own, in_money=in_money),
        "baselines": _baselines(definition, offers, policy, evidence, valuation),
        "curve": _curve(choice.terms, valuation, in_money=in_money),
        "held_out_rows": len(evidence),
    }


def not_valued(reason: str) -> dict[str, Any]:
    """What stands in a plan that cannot be valued."""
    totals = ("incremental_contribution", "cost", "profit")
    return {
        "expected": {name: not_computed(reason) for name in totals},
        "baselines": {name: not_computed(reason) for name in NAMES},
        "curve": [],
        "held_out_rows": 0,
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
    return Valuation(
        terms=policy_terms(definition, offers, policy, evidence.predicted),
        gain=evidence.gamma[:, arms] * policy.per_unit,
        cost=np.column_stack([none, offers.contact + offers.redemption * redemption]),
        group=evidence.group,
        key=unit_interval(evidence.group.astype(str).tolist(), "valuation"),
        roles=Roles(choice.exploration.roles.holdout, exploration),
        customers=len(choice.propensity),
    )


def _baselines(
    definition: CampaignDefinition, offers: Offers, policy: Policy, evidence: HeldOut, valuation: Valuation
) -> dict[str, Any]:
    """The usual ways on the same rows, at the same spend a head."""
    budget, columns = valuation.a_head(definition.budget), policy.columns(offers.names)
    ids = evidence.group.astype(str)
    ways = usual_ways(evidence.predicted, valuation.terms, columns, budget, ids)
    if not ways:
        return {name: not_computed("the model may choose none of the campaign's offers") for name in NAMES}
    choices = {name: np.eye(len(offers.names) + 1)[arm] for name, arm in ways.items()}
    # any order is as random as this one: all get the offer with the chance that the money allows
    choices["random"] = np.tile(choices["random"].mean(axis=0), (len(evidence), 1))
    in_money = definition.policy.objective == "net_value"
    return {name: _aim(valuation.totals(choice), in_money=in_money) for name, choice in choices.items()}


def _curve(plan: Terms, valuation: Valuation, *, in_money: bool) -> list[dict[str, Any]]:
    """What budgets would bring, from nothing to what an unlimited one would spend."""
    most = allocate(plan.value, plan.cost, None).spend
    return [
        {"budget": float(budget), "profit": _aim(valuation.under_budget(float(budget)), in_money=in_money)}
        for budget in (np.linspace(0.0, most, CURVE_POINTS) if most > 0 else ())
    ]


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
