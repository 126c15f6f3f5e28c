"""One row per customer with what was known strictly before a date.

The queries are in sql/snapshot_*.sql, one for each subject; a subject whose table a project lacks is left
out, and so is a column that needs one the project lacks. So the columns depend on the project's tables and
columns alone, never on their rows.

Two limits, which come from the tables. Attributes in `customers` and `products` carry no date: they are
today's for a registered customer, whatever the cut-off. And order lines count as often as they are there:
duplicates are removed when a table is imported, not here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

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
from retention_lab.data.snapshot_columns import COLUMNS, feature_columns
from retention_lab.errors import LabError

__all__ = ["COLUMNS", "feature_columns", "known_customers", "snapshot", "snapshot_at"]


@dataclass(frozen=True, slots=True)
class _Subject:
    """One query of a snapshot, and the `table.column` names without which it makes no sense."""

    query: str
    needs: tuple[str, ...]


_SUBJECTS = (
    _Subject("snapshot_rhythm", ("transactions.order_id",)),
    _Subject("snapshot_lines", ("transactions.amount",)),
    _Subject("snapshot_categories", ("transactions.product_id", "products.category")),
    _Subject("snapshot_events", ("events.at",)),
    _Subject("snapshot_feedback", ("feedback.at",)),
    _Subject("snapshot_contacts", ("assignments.assigned_at",)),
    _Subject("snapshot_redemptions", ("redemptions.redeemed_at",)),
    _Subject("snapshot_subscriptions", ("subscriptions.started_at",)),
)
_SIGHTINGS = {
    "snapshot_sightings_customers": "customers.signup_at",
    "snapshot_sightings_transactions": "transactions.amount",
}
_CUTOFFS = pa.schema(
    [("cutoff_row", pa.int64()), ("customer_id", pa.string()), ("as_of", pa.timestamp("us"))]
)


def snapshot(tables: Tables, as_of: datetime) -> pa.Table:
    """One row per customer known before `as_of` (registered or with a first order), sorted by customer_id.

    as_of: with its time zone. Columns: `COLUMNS`, and every further column of `customers`.
    Raises LabError when `as_of` has no zone, when nothing says since when customers are known, and when
    `customers` names one customer twice.
    """
    ids = known_customers(tables, as_of)
    times = pa.repeat(pa.scalar(utc_instant(as_of), pa.timestamp("us")), len(ids))
    return snapshot_at(tables, pa.table({"customer_id": ids, "as_of": times}))


def known_customers(tables: Tables, as_of: datetime) -> pa.ChunkedArray:
    """Sorted ids of the customers known before `as_of`. Raises LabError as `snapshot` does."""
    moment = utc_instant(as_of)
    return tables.query(_known_sql(_available(tables)), {"as_of": moment}).column("customer_id")


def snapshot_at(tables: Tables, cutoffs: pa.Table) -> pa.Table:
    """One row per row of `cutoffs` (customer_id, as_of), in its order, as `snapshot` at that row's instant.

    cutoffs: as_of naive in UTC, or with a zone; a customer may have several. Whoever is not known yet at a
    cut-off has a row too, with zero orders.
    Raises LabError as `snapshot` does, and for a missing cut-off.
    """
    if cutoffs.column("as_of").null_count or cutoffs.column("customer_id").null_count:
        raise LabError(
            "A snapshot was asked for at a missing time or for a missing customer.",
            "Give every row a customer_id and an instant.",
        )
    sql = _snapshot_sql(_available(tables))
    tables.connection.register("cutoffs", _numbered(cutoffs))
    try:
        rows = tables.query(sql)
    finally:
        tables.connection.unregister("cutoffs")
    if rows.num_rows != cutoffs.num_rows:
        raise LabError(
            f"{rows.num_rows} rows came back for {cutoffs.num_rows} customers: customer_id is not unique "
            "in the customers table.",
            "Keep one row per customer (`lab data check` lists the duplicates).",
        )
    return rows


def utc_instant(moment: datetime) -> datetime:
    """The same instant, naive in UTC, as every table has it; LabError without a time zone."""
    if moment.tzinfo is None:
        raise LabError(
            f"The date {moment.isoformat()} has no time zone, so it is not an instant.",
            "Give one, or take the project's.",
        )
    return moment.astimezone(UTC).replace(tzinfo=None)


# A project's columns as (table, columns): all that the text of a query depends on.
_Available = frozenset[tuple[str, frozenset[str]]]


def _available(tables: Tables) -> _Available:
    names = {need.split(".")[0] for subject in _SUBJECTS for need in subject.needs} | {"customers"}
    found = {name: frozenset(tables.columns(name)) for name in names if tables.has(name)}
    if "transactions" in found:
        found["order_lines"] = frozenset(order_line_columns(tables))
    return frozenset(found.items())


@lru_cache(maxsize=8)
def _known_sql(available: _Available) -> str:
    return sql_of(with_first(read_query("snapshot_known"), "sightings", _sightings(dict(available))))


@lru_cache(maxsize=8)
def _snapshot_sql(available: _Available) -> str:
    """Every subject as a common table expression over `cutoffs`, joined row by row."""
    columns = dict(available)
    parts = {"snapshot_tenure": read_query("snapshot_tenure")}
    if "customers" in columns:
        parts = {"snapshot_customers": _customer_query(columns["customers"]), **parts}
    for subject in _SUBJECTS:
        if all(_has(columns, name) for name in subject.needs):
            parts[subject.query] = without_missing_columns(read_query(subject.query), columns)
    query = exp.select("cutoffs.customer_id", "cutoffs.as_of").from_("cutoffs").order_by("cutoffs.cutoff_row")
    query.with_("sightings", as_=_sightings(columns), copy=False)
    for name, part in parts.items():
        query.with_(name, as_=part, copy=False).join(name, using="cutoff_row", copy=False)
        selected = [column for column in part.named_selects if column != "cutoff_row"]
        query.select(*(exp.column(column, table=name, quoted=True) for column in selected), copy=False)
    return sql_of(query)


def _customer_query(columns: Collection[str]) -> exp.Select:
    query = without_missing_columns(read_query("snapshot_customers"), {"customers": columns})
    further = sorted(set(columns) - {"customer_id", "signup_at"})
    clash = next((name for name in further if name in COLUMNS or name == "cutoff_row"), None)
    if clash is not None:
        raise LabError(
            f"The customers table has a column {clash!r}, which is also computed for every snapshot.",
            "Rename it in the table.",
            key=clash,
        )
    return query.select(*(exp.column(name, table="customers", quoted=True) for name in further))


def _sightings(columns: Mapping[str, Collection[str]]) -> exp.Query:
    found = [read_query(name) for name, need in _SIGHTINGS.items() if _has(columns, need)]
    if not found:
        raise LabError(
            "Nothing says since when customers are known: no transactions, and no customers.signup_at.",
            "Import a transactions table, or add signup_at to customers.",
        )
    return exp.union(*found, distinct=False) if len(found) > 1 else found[0]


def _has(columns: Mapping[str, Collection[str]], name: str) -> bool:
    table, column = name.split(".")
    return column in columns.get(table, ())


def _numbered(cutoffs: pa.Table) -> pa.Table:
    times = cutoffs.column("as_of").cast(pa.timestamp("us"))
    ids = cutoffs.column("customer_id").cast(pa.string())
    return pa.table([pa.array(range(len(ids)), pa.int64()), ids, times], schema=_CUTOFFS)
