"""Whether a plan still speaks of today's customers: their data, their consent, the offers' costs."""

from collections.abc import Mapping
from contextlib import nullcontext

import numpy as np
import pyarrow as pa

from retention_lab.config.campaign import CampaignDefinition
from retention_lab.errors import LabError
from retention_lab.row_content import Hashes, row_hashes
from retention_lab.tracking.models import load_version
from retention_lab.tracking.store import Store
from retention_lab.workflows.campaign_audience import Eligible, eligible_customers, eligible_rows
from retention_lab.workflows.campaign_offers import campaign_offers
from retention_lab.workflows.plan_files import PlanFile, PlannedRows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_units import numbers_or_hashes


def seen_hashes(table: pa.Table) -> Hashes:
    """(n,) everything that was known of each customer, as one number.

    Numbers count to seven digits: a database may add them up in another order the next time.
    """
    columns = (numbers_or_hashes(table.column(name)) for name in sorted(table.column_names))
    rounded = (one if one.dtype == np.uint64 else one.astype(np.float32) for one in columns)
    return row_hashes(rounded, table.num_rows)


def refuse_changed(
    lab: Lab, store: Store, definition: CampaignDefinition, plan: PlanFile, rows: PlannedRows
) -> None:
    """Raises LabError with what has changed since the plan was made, in the data as of the plan's date.

    What customers did since that date is no change: the plan never saw it.
    """
    if rows.seen is None:
        return
    reference, version = definition.policy.model, plan.facts["model_version"]
    loaded = None if version is None else load_version(store, reference.name, f"/{version}")
    flat = definition.audience.flat
    with nullcontext() if flat else lab.open_tables() as tables:
        costs = campaign_offers(definition, tables).costs()
        now = (
            eligible_rows(lab, definition, loaded, plan.as_of)
            if tables is None
            else eligible_customers(lab, definition, tables, plan.as_of)
        )
    changes = _changes(rows, now, plan.facts["suppressed"])
    if costs != plan.facts["offers"]:
        changes.append("what the offers cost is not what it was")
    if changes:
        raise LabError(
            f"The data have changed since the plan was made: {'; '.join(changes)}.",
            f"Plan again: `lab campaign plan {definition.name}`.",
            file=plan.path,
        )


def _changes(rows: PlannedRows, now: Eligible, suppressed: Mapping[str, int]) -> list[str]:
    """One phrase for each kind of change; empty where there is none."""
    place = {customer: i for i, customer in enumerate(now.ids.tolist())}
    at = np.array([place.get(customer, -1) for customer in rows.ids.tolist()], dtype=np.int64)
    there = at >= 0
    gone, new = int((~there).sum()), len(now) - int(there.sum())
    other = int((seen_hashes(now.table)[at[there]] != np.asarray(rows.seen)[there]).sum())
    found = []
    if gone:
        why = [
            f"{reason} {count - suppressed.get(reason, 0):+d}"
            for reason, count in now.suppressed.items()
            if count != suppressed.get(reason, 0)
        ]
        found.append(f"{gone} of its customers may not be assigned any more ({', '.join(why) or 'unknown'})")
    if new:
        found.append(f"{new} others may be")
    if other:
        found.append(f"what is known of {other} customers is not what it was")
    return found
