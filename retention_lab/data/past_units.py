"""What the project's customers did over a past window: units of a test that has not begun."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import order_line_columns, read_query, sql_of, without_missing_columns
from retention_lab.data.snapshot import known_customers, utc_instant
from retention_lab.errors import LabError


def past_units(tables: Tables, ends: datetime, days: int) -> pa.Table:
    """One row per customer known at the start of the `days` before `ends` (aware), sorted by customer_id.

    Columns: as a unit of the project's own experiments, with no costs, since nobody was sent anything by a
    test to come; contribution and profit only where the project knows contribution.
    Raises LabError where nobody was known by then, or nothing says since when customers are.
    """
    tables.require("transactions")
    starts = ends - timedelta(days=days)
    ids = known_customers(tables, starts)
    if len(ids) == 0:
        raise LabError(
            f"No customer was known {days} days before the data end, so there is no past to plan from.",
            "Import a longer history, or shorten `window_days`.",
            key="window_days",
        )
    query = without_missing_columns(
        read_query("experiment_past"), {"order_lines": order_line_columns(tables)}
    )
    tables.connection.register("known_customers", pa.table({"customer_id": ids}))
    try:
        found = tables.query(sql_of(query), {"starts": utc_instant(starts), "ends": utc_instant(ends)})
    finally:
        tables.connection.unregister("known_customers")
    nothing = pa.array(np.zeros(found.num_rows))
    found = found.append_column("redemption_cost", nothing).append_column("contact_cost", nothing)
    if "contribution" in found.column_names:
        found = found.append_column("profit", found["contribution"])
    return found
