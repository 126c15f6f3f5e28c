"""What a project sold of each product, category or kind of customer, and whom it contacted meanwhile."""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from sqlglot import exp

from retention_lab.data.connect import Tables
from retention_lab.data.queries import (
    order_line_columns,
    read_query,
    sql_of,
    with_first,
    without_missing_columns,
)
from retention_lab.data.snapshot import utc_instant
from retention_lab.data.zones import local_days
from retention_lab.errors import LabError, did_you_mean

ALL = "all"  # the name of the one series, where no column tells several apart
_NEEDED = ("order_id", "ordered_at", "amount")
_PERHAPS = ("contribution", "quantity")
_KEYS = {"products": "product_id", "customers": "customer_id"}


def demand_lines(tables: Tables, series: str | None, value: str, until: datetime) -> pa.Table:
    """series, day (in the project's zone), value: one row for each series and minute with a sale, sorted.

    series: a column of transactions, products or customers, the first that has it; None: one series `all`.
    value: amount, contribution, quantity or orders. until: aware; what is dated there or later is left out.
    Raises LabError where there is no such column, no transaction, or contribution is not known.
    """
    tables.require("transactions")
    columns = order_line_columns(tables)
    if value == "contribution" and tables.without_contribution is not None:
        tables.query("SELECT contribution FROM order_lines LIMIT 0")  # says why it is not known
    if value not in ("orders", *columns):
        raise LabError(f"The transactions have no column '{value}'.", "Forecast `amount`.", key="value")
    query = without_missing_columns(read_query("demand_lines"), {"sold": (*columns, "series")})
    found = tables.query(
        sql_of(with_first(query, "sold", _sold(tables, series, columns))), {"until": utc_instant(until)}
    )
    if found.num_rows == 0:
        raise LabError("No transaction lies before that date.", "Choose a later one.", key="as_of")
    return pa.table({
        "series": found.column("series"),
        "day": _days(found.column("ordered_at"), tables.timezone),
        "value": found.column(value),
    })  # fmt: skip


def demand_contacts(tables: Tables, until: datetime) -> pa.Table:
    """day (in the project's zone), contacts: customers who were sent an offer; empty where nobody was."""
    if not tables.has("assignments"):
        return pa.table({"day": pa.array([], pa.int64()), "contacts": pa.array([], pa.int64())})
    found = tables.query(sql_of(read_query("demand_contacts")), {"until": utc_instant(until)})
    return pa.table({
        "day": _days(found.column("assigned_at"), tables.timezone),
        "contacts": found.column("contacts"),
    })  # fmt: skip


def _sold(tables: Tables, series: str | None, columns: Sequence[str]) -> exp.Select:
    """The order lines with what tells series apart beside them."""
    kept = [f"order_lines.{name}" for name in (*_NEEDED, *(one for one in _PERHAPS if one in columns))]
    query = exp.select(*kept).from_("order_lines")
    if series is None:
        return query.select(exp.alias_(exp.Literal.string(ALL), "series"))
    if series in columns:
        return query.select(exp.alias_(exp.column(series, "order_lines", quoted=True), "series"))
    known = list(columns)
    for table, key in _KEYS.items():
        if not tables.has(table) or key not in columns:
            continue
        if series in tables.columns(table):
            joined = query.join(table, on=f"{table}.{key} = order_lines.{key}", join_type="left")
            return joined.select(exp.alias_(exp.column(series, table, quoted=True), "series"))
        known += tables.columns(table)
    raise LabError(
        f"No column '{series}' is in transactions, products or customers.",
        did_you_mean(series, dict.fromkeys(known)),
        key="series",
    )


def _days(times: pa.ChunkedArray, timezone: str) -> pa.Array:
    moments = times.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return pa.array(local_days(moments, timezone), pa.int64())
