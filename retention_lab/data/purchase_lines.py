"""Purchases of a project's customers: what was bought and returned, moment by moment."""

from datetime import datetime

import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import read_query, sql_of
from retention_lab.data.snapshot import utc_instant
from retention_lab.data.zones import local_days


def purchase_lines(tables: Tables, until: datetime) -> pa.Table:
    """customer_id, day (in the project's zone), value (contribution), bought; sorted by customer and time.

    until: aware; what is dated there or later is left out. A moment with returns alone has bought false.
    Raises LabError where there are no transactions, or contribution is not known.
    """
    found = tables.query(sql_of(read_query("purchase_lines")), {"until": utc_instant(until)})
    moments = found.column("ordered_at").cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    days = pa.array(local_days(moments, tables.timezone)).cast(pa.int32()).cast(pa.date32())
    return pa.table({
        "customer_id": found.column("customer_id"),
        "day": days,
        "value": found.column("value"),
        "bought": found.column("bought"),
    })  # fmt: skip
