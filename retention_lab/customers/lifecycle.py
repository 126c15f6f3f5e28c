"""Stages of a customer's life, told from the customer's own rhythm of buying.

The rule is applied where the orders are (`data/rhythm.py`): no order yet is a prospect;
recency beyond four of the customer's own mean gaps is churned, beyond two at risk; one order is new; an
order that ended a gap of over four is returned; everybody else is active.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from retention_lab.customers.rates import share
from retention_lab.customers.transitions import Transitions, transitions

STAGES = ("prospect", "new", "active", "at_risk", "churned", "returned")


def stage_rows(stages: Sequence[str | None]) -> list[dict[str, Any]]:
    """One row per stage: how many customers are in it, and their share of all whose stage is known.

    None: nobody has ordered twice yet, so no rhythm is known; those customers have a row of their own.
    Raises LabError where no stage is known.
    """
    found = Counter(stages)
    counts = {stage: found[stage] for stage in STAGES}
    known, unknown = sum(counts.values()), found[None]
    rows: list[dict[str, Any]] = [
        {"stage": stage, "customers": count, "share": share(count, known).as_json()}
        for stage, count in counts.items()
    ]
    if unknown:
        rows.append({"stage": None, "customers": unknown, "share": None})
    return rows


def stage_transitions(before: Sequence[str | None], after: Sequence[str | None]) -> Transitions:
    """Who moved from which stage to which between two dates; None: not a customer yet, or no stage known."""
    return transitions(before, after, STAGES)
