"""What the order lines say of many customers at many cut-offs, from one pass over the lines."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Ints
from retention_lab.data.connect import Tables
from retention_lab.data.ledger import Ledger, LedgerAt, LedgerSums, Lines, add_up, edges_of
from retention_lab.data.money import MONEY
from retention_lab.data.order_times import OrderSums, OrderTimes, orders_at
from retention_lab.data.queries import order_line_columns, read_query, sql_of
from retention_lab.data.rhythm import RHYTHM, Rhythm
from retention_lab.data.text_codes import TextCodes, make_longer
from retention_lab.data.zones import local_days

_EPOCH = datetime(1970, 1, 1)
_TIME = pa.timestamp("us")
NEVER_YET = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Purchases:
    """The purchases of c customers, who have lines before an instant or at it.

    ids: (c,) text, in no order. first_sold: (c,) when the first line was sold, or `NEVER_YET`.
    orders, ledger: None where no column needs them; a ledger has one row more, for whoever has no lines.
    """

    ids: pa.ChunkedArray
    first_sold: Ints
    orders: OrderTimes | None
    ledger: Ledger | None

    def first_orders(self) -> pa.Table:
        """customer_id, seen_at and place (the position) of the customers to whom something was sold."""
        sold = np.flatnonzero(self.first_sold < NEVER_YET)
        seen = pa.array(self.first_sold[sold], _TIME)
        return pa.table({"customer_id": self.ids.take(pa.array(sold)), "seen_at": seen, "place": sold})

    def places(self, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """(r,) position of each id among the customers; null for whoever is not among them."""
        return pc.index_in(ids, value_set=self.ids)

    def at(self, cutoff: int, places: pa.ChunkedArray, columns: Sequence[str]) -> dict[str, pa.Array]:
        """The columns (of `purchase_columns`) of (r,) customers at one of the cut-offs (microseconds).

        places: their positions; null for whoever has no lines.
        """
        rows = self.rows(places)
        values, number = _of_orders(columns, self.orders, rows, np.full(len(rows), cutoff))
        return values | _of_money(columns, self.ledger.at(cutoff, rows) if self.ledger else None, number)

    def rows(self, places: pa.ChunkedArray) -> Ints:
        """(r,) positions in orders and ledger, where whoever has no lines comes after all others."""
        return np.asarray(pc.fill_null(places, len(self.ids)).to_numpy(), dtype=np.int64)


def purchase_columns(tables: Tables) -> list[str]:
    """The columns that the project's order lines can tell, in a snapshot's order."""
    if not tables.has("transactions"):
        return []
    lacking = {"discount", "contribution"} - set(order_line_columns(tables))
    return [*RHYTHM, *(name for name, column in MONEY.items() if not lacking & set(column.measures))]


def read_purchases(tables: Tables, cutoffs: Ints, columns: Sequence[str]) -> Purchases:
    """Read what these columns need of every customer for a few cut-offs (microseconds)."""
    edges = {measure: edges_of(cutoffs.tolist(), days) for measure, days in _windows(columns).items()}
    return _read(tables, edges, int(cutoffs.max()), with_orders=_need_orders(columns))


def purchases_at(
    tables: Tables, ids: pa.ChunkedArray, cutoffs: Ints, columns: Sequence[str]
) -> dict[str, pa.Array]:
    """The columns of n customers, each at a cut-off of its own, (n,) microseconds."""
    times: OrderTimes | None = None
    rows = np.zeros(0, dtype=np.int64)
    if _need_orders(columns):  # everyone's, for the population's rhythm
        found = _read(tables, {}, int(cutoffs.max(initial=0)), with_orders=True)
        times, rows = found.orders, found.rows(found.places(ids))
    values, number = _of_orders(columns, times, rows, cutoffs)
    edges = {measure: edges_of([0], days) for measure, days in _windows(columns).items()}
    ledger = _own_ledger(tables, ids, cutoffs, edges) if edges else None
    return values | _of_money(columns, ledger.at(0, np.arange(len(ids))) if ledger else None, number)


def _of_orders(
    columns: Sequence[str], times: OrderTimes | None, rows: Ints, cutoffs: Ints
) -> tuple[dict[str, pa.Array], Ints]:
    """The columns that orders tell of (r,) rows, and how many orders each has; what else it took is freed."""
    if times is None:
        return {}, np.zeros(0, dtype=np.int64)
    rhythm = Rhythm(orders_at(times, rows, cutoffs))
    return {name: RHYTHM[name](rhythm) for name in columns if name in RHYTHM}, rhythm.number


def _of_money(columns: Sequence[str], ledger: LedgerAt | None, number: Ints) -> dict[str, pa.Array]:
    if ledger is None:
        return {}
    return {name: MONEY[name].of(ledger, number) for name in columns if name in MONEY}


def _read(tables: Tables, edges: dict[str, Ints], until: int, *, with_orders: bool) -> Purchases:
    """One pass over the lines before an instant: who, since when, the orders and the sums."""
    from retention_lab.data.line_loops import keep_earliest  # loads the compiler

    customers, sums, orders = TextCodes(), LedgerSums(edges), OrderSums()
    first_sold = np.zeros(0, dtype=np.int64)
    read = {"customer_id", "moment", "amount", *edges, *(["order_id"] if with_orders else [])}
    for batch in _batches(tables, "snapshot_lines", read):
        lines, ids = Lines.of(batch), batch.column("customer_id")
        early = ids.is_valid().to_numpy(zero_copy_only=False) & (lines.moment < until)
        known = len(customers)
        customer = customers.codes(ids, np.zeros(len(ids), dtype=np.int32), early)
        make_longer(first_sold, len(customers))
        first_sold[known : len(customers)] = NEVER_YET
        keep_earliest(first_sold, np.where(lines.amount > 0, customer, np.int32(-1)), lines.moment)
        sums.add(customer, lines)
        if with_orders:
            orders.add(customer, batch.column("order_id"), lines)
    count = len(customers)
    times = orders.times(count, partial(local_days, timezone=tables.timezone)) if with_orders else None
    ledger = sums.ledger(count + 1) if edges else None
    return Purchases(customers.texts(), first_sold[:count], times, ledger)


def _own_ledger(tables: Tables, ids: pa.ChunkedArray, cutoffs: Ints, edges: dict[str, Ints]) -> Ledger:
    """The ledger of rows whose time begins at their own cut-off."""
    places = pa.array(np.arange(len(ids), dtype=np.int32))
    rows = pa.table({"place": places, "customer_id": ids, "until": pa.array(cutoffs, _TIME)})
    tables.connection.register("ledger_rows", rows)
    try:
        read = {"place", "moment", "amount", *edges}
        return add_up(_batches(tables, "snapshot_lines_at", read), len(ids), edges)
    finally:
        tables.connection.unregister("ledger_rows")


def _batches(tables: Tables, name: str, read: Collection[str]) -> Iterator[pa.RecordBatch]:
    """The columns to read of a query."""
    query = read_query(name)
    query.select(
        *(item for item in query.expressions if item.alias_or_name in read), append=False, copy=False
    )
    return tables.batches(sql_of(query))


def _need_orders(columns: Sequence[str]) -> bool:
    return any(name in RHYTHM or MONEY[name].needs_orders for name in columns)


def _windows(columns: Sequence[str]) -> dict[str, set[int]]:
    """Measure of the ledger -> windows over which a column wants it."""
    found: dict[str, set[int]] = {}
    for column in (MONEY[name] for name in columns if name in MONEY):
        for measure in column.measures:
            found.setdefault(measure, set()).update(column.windows)
    return found


def instant(microseconds: np.int64) -> datetime:
    """Microseconds since 1970 as a naive time in UTC."""
    return _EPOCH + timedelta(microseconds=int(microseconds))
