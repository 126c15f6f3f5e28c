"""What other budgets would bring a plan: the curve, the budget to take, the largest safe one, and caution."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import LabError
from retention_lab.estimate import not_computed
from retention_lab.hashing import unit_interval
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.allocate_within import allocate_within
from retention_lab.targeting.budget_curve import (
    CurveBand,
    HeldOutRows,
    curve_band,
    next_money,
    recommended_budget,
)
from retention_lab.targeting.caution import caution_beside_expected
from retention_lab.targeting.limits import Limits
from retention_lab.workflows.plan_choice import Choice, Terms

CURVE_POINTS = 12
_LEAST_ROWS = 100  # on each side of the split that the recommended budget is chosen and valued on
_NEXT = 0.1  # of the budget is the next money


def budget_facts(
    definition: CampaignDefinition, choice: Choice, rows: HeldOutRows, expected: Floats
) -> dict[str, Any]:
    """The plan's document on budgets, by held-out rows. expected: (m, K) values on average.

    Where the objective is the outcome, a larger budget is never worse: nothing is recommended.
    """
    customers, in_money = len(choice.key), definition.policy.objective == "net_value"
    budgets = _budgets(choice.terms, choice.limits)
    if not len(budgets):
        return no_budget_facts("the model may choose none of the campaign's offers")
    try:
        band = curve_band(rows, budgets, customers)
        facts = {
            "curve": _curve(band),
            "largest_safe_budget": _largest_safe(band),
            "recommended_budget": _recommended(rows, budgets, customers),
            "next_money": _next(definition, rows, customers),
            "risk": _risk(definition, rows, expected, customers),
        }
    except LabError as error:
        return no_budget_facts(f"{error.found} {error.next_step}")
    if in_money:
        return facts
    return {**facts, **_unknown("the objective is the outcome, which has no value in money")}


def no_budget_facts(reason: str) -> dict[str, Any]:
    """What stands in a plan whose budgets cannot be valued."""
    return {"curve": [], "risk": None, **_unknown(reason)}


def _unknown(reason: str) -> dict[str, Any]:
    return {
        "largest_safe_budget": {"budget": None, "reason": reason},
        "recommended_budget": {"budget": None, "profit": not_computed(reason), "reason": reason},
        "next_money": not_computed(reason),
    }


def _budgets(terms: Terms, limits: Limits) -> Floats:
    """From nothing, or from what the least shares cost, to what an unlimited budget would spend."""
    if not terms.choosable:
        return np.empty(0)
    if limits.empty:
        most = allocate(terms.value, terms.charged, None).spend
    else:
        most = allocate_within(terms.value, terms.charged, None, limits).spend
    return np.linspace(min(_least_cost(terms, limits), most), most, CURVE_POINTS) if most > 0 else np.empty(0)


def _least_cost(terms: Terms, limits: Limits) -> float:
    """A little more than the cheapest way to give every group its least share."""
    least = limits.least
    if least is None:
        return 0.0
    cheapest = np.where(terms.value > -np.inf, terms.charged, np.inf).min(axis=1)
    total = 0.0
    for g, count in enumerate(least.count.tolist()):
        total += float(np.sort(cheapest[least.group == g])[:count].sum())
    return 1.1 * total


def _curve(band: CurveBand) -> list[dict[str, Any]]:
    points = zip(band.budget, band.profit, band.low, band.high, band.dual_price, strict=True)
    return [
        {
            "budget": float(budget),
            "profit": profit.as_json(),
            "band_low": float(low),
            "band_high": float(high),
            "dual_price": float(price),
        }
        for budget, profit, low, high, price in points
    ]


def _largest_safe(band: CurveBand) -> dict[str, Any]:
    if band.largest_safe is not None:
        return {"budget": band.largest_safe}
    return {"budget": None, "reason": "at no budget is the lower edge of the curve's band above zero"}


def _recommended(rows: HeldOutRows, budgets: Floats, customers: int) -> dict[str, Any]:
    """Chosen on a keyed half of the held-out customers, valued on the other."""
    group = np.arange(len(rows.value)) if rows.group is None else rows.group
    chooses = unit_interval(group.astype(str).tolist(), "recommended budget") < 0.5
    if min(chooses.sum(), (~chooses).sum()) < _LEAST_ROWS:
        reason = f"{len(rows.value)} held-out rows are too few to choose on some and value on others"
        return {"budget": None, "profit": not_computed(reason), "reason": reason}
    found = recommended_budget(rows, chooses, budgets, customers)
    return {
        "budget": found.budget,
        "profit": found.profit.as_json(),
        "chosen_on": int(chooses.sum()),
        "valued_on": int((~chooses).sum()),
    }


def _next(definition: CampaignDefinition, rows: HeldOutRows, customers: int) -> dict[str, Any]:
    """What a unit of the next tenth of the budget would bring, by held-out rows."""
    if not definition.budget:
        return not_computed("there is no budget to add to")
    return next_money(rows, definition.budget, _NEXT * definition.budget, customers).as_json()


def _risk(
    definition: CampaignDefinition, rows: HeldOutRows, expected: Floats, customers: int
) -> dict[str, Any] | None:
    """What caution earns beside what expected values earn; None where nobody asked for caution."""
    quantile = definition.policy.cautious
    if quantile is None:
        return None
    budget = math.inf if definition.budget is None else definition.budget
    found = caution_beside_expected(replace(rows, value=expected), rows.value, budget, customers)
    return {
        "cautious_at": quantile,
        "expected": found.expected.as_json(),
        "cautious": found.cautious.as_json(),
        "cost_of_caution": found.cost_of_caution.as_json(),
    }
