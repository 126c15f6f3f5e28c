"""What a planned launch takes of its budget and of every limit, and how likely it is to cost more."""

from typing import Any

import numpy as np

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.targeting.limits import amounts
from retention_lab.targeting.overspending import cost_risk
from retention_lab.targeting.plan_value import expected_total
from retention_lab.targeting.upgrades import total
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.plan_choice import Choice

_USUAL_ERROR = 0.1  # of redemption rates that nothing has tested


def spending_facts(
    definition: CampaignDefinition, offers: Offers, choice: Choice, redemption_error: float | None
) -> dict[str, Any]:
    """spend: expected cost of the intended choices of all eligible; expected_spend: of the launch under its
    probabilities; worst_spend: of the launch if everybody redeems. The chance of overspending counts what
    is drawn, who redeems, and that all redemption rates may be off together."""
    terms = choice.terms
    worst = np.tile(offers.contact + np.maximum(offers.redemption, 0.0), (len(choice.key), 1))
    return {
        "spend": total(terms.cost, choice.allocation.arm),
        "expected_spend": expected_total(choice.propensity, terms.cost),
        "worst_spend": expected_total(choice.propensity, worst),
        "overspend_probability": _overspend(definition, offers, choice, redemption_error),
    }


def limit_facts(choice: Choice) -> list[dict[str, Any]]:
    """Every limit with what the choices and the launch take of it, and what a unit more of it would earn.

    Of a group's least share, `most` is null and `least` the customers; its price is what one less would earn.
    """
    arm = choice.allocation.arm
    found = []
    for cap in choice.limits.caps:
        amount = amounts(cap, choice.terms.feasible)
        found.append(
            {
                "limit": cap.name,
                "most": cap.most,
                "least": None,
                "chosen": total(amount, arm),
                "launched": expected_total(choice.propensity, amount),
                "price": choice.prices.get(cap.name, 0.0),
            }
        )
    return [*found, *_groups(choice)]


def _groups(choice: Choice) -> list[dict[str, Any]]:
    least = choice.limits.least
    if least is None:
        return []
    chosen = np.bincount(least.group, choice.allocation.arm > 0, len(least.names))
    launched = np.bincount(least.group, 1 - choice.propensity[:, 0], len(least.names))
    return [
        {
            "limit": name,
            "most": None,
            "least": int(least.count[g]),
            "chosen": float(chosen[g]),
            "launched": float(launched[g]),
            "price": choice.prices.get(name, 0.0),
        }
        for g, name in enumerate(least.names)
        if least.share[g] > 0
    ]


def _overspend(
    definition: CampaignDefinition, offers: Offers, choice: Choice, redemption_error: float | None
) -> float | None:
    if definition.budget is None:
        return None
    return cost_risk(
        choice.propensity,
        choice.terms.redemption,
        offers.contact,
        offers.redemption,
        definition.budget,
        shared_error=_USUAL_ERROR if redemption_error is None else redemption_error,
    ).chance
