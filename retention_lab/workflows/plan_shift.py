"""Whether a plan's audience is like the customers of the experiments that value it."""

import math
from typing import Any

import numpy as np

from retention_lab.data.snapshot_columns import GROWING
from retention_lab.targeting.shift import Difference, shifts, side_by_side
from retention_lab.workflows.campaign_offers import Offers
from retention_lab.workflows.campaign_policy import Policy
from retention_lab.workflows.held_out import HeldOut
from retention_lab.workflows.plan_choice import Choice

_NAMED = 3  # columns in the sentence; all are in the document


def shift_facts(choice: Choice, policy: Policy, evidence: HeldOut, offers: Offers) -> dict[str, Any]:
    """The columns, and what the model says of the customers, in which the audience is another population."""
    if choice.features is None or choice.effect is None:
        return {"found": None, "columns": [], "reason": "no model knows the audience"}
    ours, theirs = side_by_side(choice.features, evidence.features)
    columns, known = policy.columns(offers.names), policy.knows(offers.names)
    effect = evidence.predicted.effect[:, columns] * policy.per_unit
    ours["the model's outcome without an offer"] = choice.baseline
    theirs["the model's outcome without an offer"] = evidence.predicted.baseline * policy.per_unit
    for k in np.flatnonzero(known):
        ours[f"the model's effect of {offers.names[k]}"] = choice.effect[:, k]
        theirs[f"the model's effect of {offers.names[k]}"] = effect[:, k]
    found = shifts(ours, theirs, GROWING)
    return {"found": bool(found), "columns": [_shown(one) for one in found]}


def shift_note(facts: dict[str, Any]) -> str | None:
    """The sentence for the reader of a plan; None where nothing was found."""
    columns = facts["columns"]
    if not columns:
        return None
    named = ", ".join(
        one["name"] if one["difference"] is None else f"{one['name']} ({one['difference']:+.2f})"
        for one in columns[:_NAMED]
    )
    more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
    return (
        f"The audience is not like the customers of the experiments in {named}{more}, in standard "
        "deviations: what the plan is expected to earn is seen among customers like those, and may not "
        "hold for these."
    )


def _shown(one: Difference) -> dict[str, Any]:
    """difference: None where the column varies in neither group."""
    return {"name": one.name, "difference": one.value if math.isfinite(one.value) else None}
