"""What the order lines say of many customers at many cut-offs: one pass for the orders, one for the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Bools, Ints
from retention_lab.data.connect import Tables
from retention_lab.data.ledger import MEASURES, Ledger, LedgerAt, add_up, edges_of
from retention_lab.data.money import MONEY
from retention_lab.data.order_times import OrdersAt, OrderTimes, order_times, orders_at
from retention_lab.data.queries import order_line_columns, read_query, sql_of
from retention_lab.data.rhythm import RHYTHM, Rhythm
from retention_lab.data.zones import local_days

_EPOCH = datetime(1970, 1, 1)
_TIME = pa.timestamp("us")


@dataclass(frozen=True, slots=True)
class Purchases:
    """The purchases of n customers, added up for a few cut-offs.

    ids: (n,) text. columns: names, of `purchase_columns`. orders, ledger: None where no column needs them.
    """

    ids: pa.ChunkedArray
    columns: Sequence[str]
    orders: OrderTimes | None
    ledger: Ledger | None

    def at(self, cutoff: int, rows: Bools) -> dict[str, pa.Array]:
        """The columns of some of the customers, (n,) which, at one of the cut-offs (microseconds)."""
        ids = self.ids.filter(pa.array(rows))
        orders = orders_at(self.orders, ids, np.full(len(ids), cutoff)) if self.orders else None
        return _values(self.columns, orders, self.ledger.at(cutoff, rows) if self.ledger else None)


def purchase_columns(tables: Tables) -> list[str]:
    """The columns that the project's order lines can tell, in a snapshot's order."""
    if not tables.has("transactions"):
        return []
    lacking = {"discount", "contribution"} - set(order_line_columns(tables))
    return [*RHYTHM, *(name for name, column in MONEY.items() if not lacking & set(column.measures))]


def read_purchases(
    tables: Tables,
    ids: pa.ChunkedArray,
    cutoffs: Ints,
    columns: Sequence[str],
    orders: OrderTimes | None,
) -> Purchases:
    """Read what these columns need of these n customers for a few cut-offs (microseconds).

    orders: as `read_orders` gives them for the last of the cut-offs.
    """
    until, edges = instant(cutoffs.max()), edges_of(cutoffs.tolist(), _windows(columns))
    zero, end = (pa.repeat(pa.scalar(moment, _TIME), len(ids)) for moment in (_EPOCH, until))
    ledger = _read_ledger(tables, _ledger_rows(ids, zero, end), edges, columns)
    return Purchases(ids, columns, orders, ledger)


def purchases_at(
    tables: Tables,
    ids: pa.ChunkedArray,
    cutoffs: Ints,
    columns: Sequence[str],
    times: OrderTimes | None,
) -> dict[str, pa.Array]:
    """The columns of n customers, each at a cut-off of its own, (n,) microseconds.

    times: as `read_orders` gives them for the last of the cut-offs.
    """
    own = pa.array(cutoffs, _TIME)
    ledger = _read_ledger(tables, _ledger_rows(ids, own, own), edges_of([0], _windows(columns)), columns)
    orders = orders_at(times, ids, cutoffs) if times else None
    return _values(columns, orders, ledger.at(0, np.ones(len(ids), dtype=np.bool_)) if ledger else None)


def read_orders(tables: Tables, columns: Sequence[str], until: datetime) -> OrderTimes | None:
    """Every customer's orders before an instant; None where none of the columns needs them."""
    if not any(name in RHYTHM or MONEY[name].needs_orders for name in columns):
        return None
    lists = tables.query(sql_of(read_query("snapshot_orders")), {"until": until})
    return order_times(lists, partial(local_days, timezone=tables.timezone))


def _values(columns: Sequence[str], orders: OrdersAt | None, ledger: LedgerAt | None) -> dict[str, pa.Array]:
    rhythm = Rhythm(orders) if orders else None
    number = rhythm.number if rhythm else np.zeros(0, dtype=np.int64)
    values = {}
    for name in columns:
        if name in RHYTHM and rhythm:
            values[name] = RHYTHM[name](rhythm)
        elif name in MONEY and ledger:
            values[name] = MONEY[name].of(ledger, number)
    return values


def _read_ledger(tables: Tables, rows: pa.Table, edges: Ints, columns: Sequence[str]) -> Ledger | None:
    """rows: place, customer_id, zero (where its time begins), until."""
    wanted = {measure for name in columns if name in MONEY for measure in MONEY[name].measures}
    if not wanted:
        return None
    query = read_query("snapshot_lines")
    read = {"place", "moment", "amount", *wanted}
    query.select(*(item for item in query.expressions if item.alias in read), append=False, copy=False)
    measures = [measure for measure in MEASURES if measure in wanted]
    tables.connection.register("ledger_rows", rows)
    try:
        return add_up(tables.batches(sql_of(query)), rows.num_rows, edges, measures)
    finally:
        tables.connection.unregister("ledger_rows")


def _ledger_rows(ids: pa.ChunkedArray, zero: pa.Array, until: pa.Array) -> pa.Table:
    places = pa.array(np.arange(len(ids), dtype=np.int32))
    return pa.table({"place": places, "customer_id": ids, "zero": zero, "until": until})


def _windows(columns: Sequence[str]) -> set[int]:
    return {days for name in columns if name in MONEY for days in MONEY[name].windows}


def instant(microseconds: np.int64) -> datetime:
    """Microseconds since 1970 as a naive time in UTC."""
    return _EPOCH + timedelta(microseconds=int(microseconds))
