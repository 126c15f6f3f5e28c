"""One row per customer with what was known strictly before a date.

Two kinds of columns. What the order lines say (rhythm.py, money.py) comes from one pass over the lines that
serves every cut-off: when orders were placed, and the money added up between the edges of all windows. The
rest is in sql/snapshot_*.sql, one query for each subject. A subject whose table a project lacks is left out,
and so is a column that needs one the project lacks: the columns depend on the project's tables and columns
alone, never on their rows.

Two limits, which come from the tables. Attributes in `customers` and `products` carry no date: they are
today's for a registered customer, whatever the cut-off. And order lines count as often as they are there:
duplicates are removed when a table is imported, not here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from retention_lab.arrays import Ints
from retention_lab.data.connect import Tables
from retention_lab.data.ledger import DAY
from retention_lab.data.money import MONEY
from retention_lab.data.purchases import Purchases, instant, purchase_columns, purchases_at, read_purchases
from retention_lab.data.queries import (
    order_line_columns,
    read_query,
    sql_of,
    with_first,
    without_missing_columns,
)
from retention_lab.data.rhythm import RHYTHM
from retention_lab.data.snapshot_columns import COLUMNS, feature_columns
from retention_lab.errors import LabError, did_you_mean

__all__ = ["COLUMNS", "feature_columns", "known_customers", "snapshot", "snapshot_at", "snapshots"]


@dataclass(frozen=True, slots=True)
class _Subject:
    """One query of a snapshot, and the `table.column` names without which it makes no sense."""

    query: str
    needs: tuple[str, ...]


_SUBJECTS = (
    _Subject("snapshot_categories", ("transactions.product_id", "products.category")),
    _Subject("snapshot_purchase_channel", ("transactions.channel",)),
    _Subject("snapshot_events", ("events.at",)),
    _Subject("snapshot_visit_channel", ("events.channel",)),
    _Subject("snapshot_marks", ("events.kind",)),
    _Subject("snapshot_feedback", ("feedback.at",)),
    _Subject("snapshot_feedback_tone", ("feedback_tone.at", "feedback_tone.tone")),
    _Subject("snapshot_contacts", ("assignments.assigned_at",)),
    _Subject("snapshot_redemptions", ("redemptions.redeemed_at",)),
    _Subject("snapshot_subscriptions", ("subscriptions.started_at",)),
)
_SIGHTINGS = {
    "snapshot_sightings_customers": "customers.signup_at",
    "snapshot_sightings_transactions": "transactions.amount",
}
_PURCHASES = frozenset((*RHYTHM, *MONEY))
_ALWAYS = ("customer_id", "as_of")
_NOT_YET = np.iinfo(np.int64).max // 2
_CUTOFFS = pa.schema(
    [("cutoff_row", pa.int64()), ("customer_id", pa.string()), ("as_of", pa.timestamp("us"))]
)


def snapshot(tables: Tables, as_of: datetime, columns: Collection[str] | None = None) -> pa.Table:
    """One row per customer known before `as_of` (registered or with a first order), sorted by customer_id.

    as_of: with its time zone. columns: those wanted beside customer_id and as_of, which are always there;
    None: `COLUMNS`, and every further column of `customers`. Only what the wanted ones need is read.
    Raises LabError when `as_of` has no zone, when nothing says since when customers are known, when
    `customers` names one customer twice, and for a column that there is not.
    """
    return next(snapshots(tables, [as_of], columns))


def snapshots(
    tables: Tables, moments: Sequence[datetime], columns: Collection[str] | None = None
) -> Iterator[pa.Table]:
    """`snapshot` at each of these instants, in their order, equal to the bit; the order lines are read once.

    One table is made at a time: who writes or reduces each before asking for the next, and keeps no name
    for it, needs the memory of one.

    Raises LabError as `snapshot` does.
    """
    instants = [utc_instant(moment) for moment in moments]
    if not instants:
        return
    wanted = _wanted(tables, columns)
    cutoffs = np.array(instants, dtype="datetime64[us]").astype(np.int64)
    bought = [name for name in wanted if name in _PURCHASES]
    purchases = read_purchases(tables, cutoffs, bought) if bought else None
    people = _sightings_before(tables, max(instants), purchases)
    for cutoff in cutoffs:
        yield _at_one(tables, people, purchases, cutoff, wanted)  # kept by nobody here while the next is made


def known_customers(tables: Tables, as_of: datetime) -> pa.ChunkedArray:
    """Sorted ids of the customers known before `as_of`. Raises LabError as `snapshot` does."""
    return _sightings_before(tables, utc_instant(as_of), None).ids


def snapshot_at(tables: Tables, cutoffs: pa.Table, columns: Collection[str] | None = None) -> pa.Table:
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
    wanted = _wanted(tables, columns)
    times = cutoffs.column("as_of").cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    rows = _numbered(cutoffs.column("customer_id").cast(pa.string()), times)
    ids = rows.column("customer_id")
    bought = [name for name in wanted if name in _PURCHASES]
    people = _sightings_before(tables, instant(times.max(initial=0)), None)
    place = pc.index_in(ids, value_set=people.ids).fill_null(len(people.ids)).to_numpy()
    tenure = _tenure(times, np.append(people.seen, _NOT_YET)[place])
    purchases = purchases_at(tables, ids, times, bought)
    return _assembled(tables, rows, {"tenure_days": tenure, **purchases}, wanted)


def utc_instant(moment: datetime) -> datetime:
    """The same instant, naive in UTC, as every table has it; LabError without a time zone."""
    if moment.tzinfo is None:
        raise LabError(
            f"The date {moment.isoformat()} has no time zone, so it is not an instant.",
            "Give one, or take the project's.",
        )
    return moment.astimezone(UTC).replace(tzinfo=None)


def _wanted(tables: Tables, columns: Collection[str] | None) -> list[str]:
    """Names of the columns to compute, in a snapshot's order."""
    available = _available(tables)
    subjects = _subject_columns(available)
    known = [*subjects.get("snapshot_customers", ()), "tenure_days", *purchase_columns(tables)]
    known += [
        name for subject, names in subjects.items() if subject != "snapshot_customers" for name in names
    ]
    if columns is None:
        return known
    missing = next((name for name in columns if name not in known and name not in _ALWAYS), None)
    if missing is not None:
        raise LabError(
            f"The snapshot has no column {missing!r}.",
            f"`lab customers columns` lists them. {did_you_mean(missing, known)}",
            key=missing,
        )
    return [name for name in known if name in columns]


def _at_one(
    tables: Tables, people: "_Known", purchases: Purchases | None, cutoff: np.int64, wanted: Sequence[str]
) -> pa.Table:
    """The snapshot at one of the cut-offs for which the purchases were read."""
    known = people.seen < cutoff
    rows = _numbered(people.ids.filter(pa.array(known)), np.full(known.sum(), cutoff))
    found = {"tenure_days": _tenure(cutoff, people.seen[known])}
    if purchases is not None:
        bought = [name for name in wanted if name in _PURCHASES]
        found |= purchases.at(int(cutoff), people.places.filter(pa.array(known)), bought)
    return _assembled(tables, rows, found, wanted)


def _assembled(
    tables: Tables, rows: pa.Table, found: Mapping[str, pa.Array], wanted: Sequence[str]
) -> pa.Table:
    """The wanted columns side by side: those found, and those of the subjects' queries."""
    sql = _subjects_sql(_available(tables), frozenset(wanted))
    others = _of_subjects(tables, rows, sql) if sql else None
    columns = {"customer_id": rows.column("customer_id"), "as_of": rows.column("as_of")}
    for name in wanted:
        columns[name] = found[name] if others is None or name in found else others.column(name)
    return pa.table(columns)


def _of_subjects(tables: Tables, rows: pa.Table, sql: str) -> pa.Table:
    tables.connection.register("cutoffs", rows)
    try:
        found = tables.query(sql)
    finally:
        tables.connection.unregister("cutoffs")
    if found.num_rows != rows.num_rows:
        raise LabError(
            f"{found.num_rows} rows came back for {rows.num_rows} customers: customer_id is not unique "
            "in the customers table.",
            "Keep one row per customer (`lab data check` lists the duplicates).",
        )
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """The n customers known before an instant, sorted by id.

    ids: (n,) text. seen: (n,) since when, in microseconds. places: (n,) where their purchases are, null for
    whoever bought nothing, and where no purchases were read.
    """

    ids: pa.ChunkedArray
    seen: Ints
    places: pa.ChunkedArray


def _sightings_before(tables: Tables, until: datetime, purchases: Purchases | None) -> _Known:
    """Who is known before an instant.

    purchases: those before the instant, where they were read already: they need not be looked for again.
    """
    _refuse_undated(dict(_available(tables)))
    if purchases is None:
        return _known(tables, tuple(_SIGHTINGS), until)
    tables.connection.register("first_orders", purchases.first_orders())
    try:
        return _known(tables, ("snapshot_sightings_customers", "snapshot_sightings_orders"), until)
    finally:
        tables.connection.unregister("first_orders")


def _known(tables: Tables, sources: tuple[str, ...], until: datetime) -> _Known:
    found = tables.query(_known_sql(_available(tables), sources), {"as_of": until})
    seen = found.column("seen_at").cast(pa.int64()).to_numpy()
    return _Known(found.column("customer_id"), seen, found.column("place"))


def _tenure(cutoffs: Ints | np.int64, seen: Ints) -> pa.Array:
    return pa.array((cutoffs - seen) / float(DAY), mask=seen >= cutoffs)


# A project's columns as (table, columns): all that the text of a query depends on.
_Available = frozenset[tuple[str, frozenset[str]]]


def _available(tables: Tables) -> _Available:
    names = {need.split(".")[0] for subject in _SUBJECTS for need in subject.needs} | {"customers"}
    found = {name: frozenset(tables.columns(name)) for name in names if tables.has(name)}
    if "transactions" in found:
        found["order_lines"] = frozenset(order_line_columns(tables))
    return frozenset(found.items())


@lru_cache(maxsize=8)
def _known_sql(available: _Available, sources: tuple[str, ...]) -> str:
    """Who is known, by those of these sightings that the tables have."""
    columns = dict(available)
    found = [
        read_query(name) for name in sources if name not in _SIGHTINGS or _has(columns, _SIGHTINGS[name])
    ]
    sightings = exp.union(*found, distinct=False) if len(found) > 1 else found[0]
    return sql_of(with_first(read_query("snapshot_known"), "sightings", sightings))


def _parts(available: _Available) -> dict[str, exp.Select]:
    """The query of every subject that the project's tables can answer."""
    columns = dict(available)
    parts = {}
    if "customers" in columns:
        parts["snapshot_customers"] = _customer_query(columns["customers"])
    for subject in _SUBJECTS:
        if all(_has(columns, name) for name in subject.needs):
            parts[subject.query] = without_missing_columns(read_query(subject.query), columns)
    return parts


@lru_cache(maxsize=8)
def _subject_columns(available: _Available) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(column for column in part.named_selects if column != "cutoff_row")
        for name, part in _parts(available).items()
    }


@lru_cache(maxsize=32)
def _subjects_sql(available: _Available, wanted: frozenset[str]) -> str | None:
    """The wanted subjects as common table expressions over `cutoffs`, joined row by row; None without any."""
    query = exp.select().from_("cutoffs").order_by("cutoffs.cutoff_row")
    for name, part in _parts(available).items():
        selected = [column for column in part.named_selects if column in wanted]
        if selected:
            query.with_(name, as_=part, copy=False).join(name, using="cutoff_row", copy=False)
            query.select(*(exp.column(column, table=name, quoted=True) for column in selected), copy=False)
    return sql_of(query) if query.expressions else None


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


def _refuse_undated(columns: Mapping[str, Collection[str]]) -> None:
    if not any(_has(columns, need) for need in _SIGHTINGS.values()):
        raise LabError(
            "Nothing says since when customers are known: no transactions, and no customers.signup_at.",
            "Import a transactions table, or add signup_at to customers.",
        )


def _has(columns: Mapping[str, Collection[str]], name: str) -> bool:
    table, column = name.split(".")
    return column in columns.get(table, ())


def _numbered(ids: pa.ChunkedArray, cutoffs: Ints) -> pa.Table:
    times = pa.array(cutoffs, pa.timestamp("us"))
    return pa.table([pa.array(np.arange(len(ids))), ids, times], schema=_CUTOFFS)
