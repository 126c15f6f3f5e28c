"""What the customer view asks of the tables beyond the snapshot: months, windows, funnels, one history.

Each question is one query in sql/customer_*.sql; nothing dated at or after `as_of` is read.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import read_query, sql_of
from retention_lab.data.snapshot import utc_instant
from retention_lab.errors import LabError

_MONTHS = pa.schema(
    [("month", pa.int64()), ("starts_at", pa.timestamp("us")), ("ends_at", pa.timestamp("us"))]
)


def cohort_months(tables: Tables, as_of: datetime) -> pa.Table:
    """Cohort, month, customers, orders, revenue: one row per pair with an order or a return in it.

    Months are those of the project's zone, as numbers: 12 x year + month - 1.
    Raises LabError without a zone in `as_of`, and where nothing has been sold before it.
    """
    moment = utc_instant(as_of)
    tables.require("transactions")
    (first,) = tables.query(
        "SELECT min(ordered_at) AS first FROM transactions WHERE ordered_at < $as_of", {"as_of": as_of}
    )["first"].to_pylist()
    if first is None:
        raise LabError("Nothing was sold before that date.", "Choose a later one.", key="as_of")
    tables.connection.register("months", _months(first, moment, tables.timezone))
    try:
        return tables.query(sql_of(read_query("customer_cohorts")), {"as_of": as_of})
    finally:
        tables.connection.unregister("months")


def last_month(as_of: datetime, timezone: str) -> tuple[int, bool]:
    """The month of the last instant before `as_of`, and whether it is over by then.

    >>> last_month(datetime(2026, 3, 1, tzinfo=UTC), "UTC")
    (24313, True)
    """
    local = as_of.astimezone(ZoneInfo(timezone))
    moment = local.replace(tzinfo=None)
    before = moment - timedelta(microseconds=1)
    number = 12 * before.year + before.month - 1
    return number, (moment.year, moment.month) != (before.year, before.month)


def order_windows(tables: Tables, as_of: datetime, window_days: int) -> pa.Table:
    """customer_id, before, now: whether they ordered in the window before the last one, and in the last.

    One row per customer who ever ordered.
    """
    tables.require("transactions")
    window = timedelta(days=window_days)
    params = {"as_of": as_of, "later": as_of - window, "earlier": as_of - 2 * window}
    return tables.query(sql_of(read_query("customer_windows")), params)


def referrals(tables: Tables, as_of: datetime) -> pa.Table | None:
    """customer_id, referrals: how many others each brought in; None where the project does not record it."""
    if not tables.has("customers") or not {"referred_by", "signup_at"} <= set(tables.columns("customers")):
        return None
    return tables.query(sql_of(read_query("customer_referrals")), {"as_of": as_of})


def funnel_steps(tables: Tables, as_of: datetime, window_days: int) -> pa.Table | None:
    """customer_id, viewed, carted, ordered in the window before the date; None without events or orders."""
    if not (tables.has("events") and tables.has("transactions")):
        return None
    return tables.query(sql_of(read_query("customer_funnel")), _since(as_of, window_days))


def funnel_channels(tables: Tables, as_of: datetime, window_days: int) -> pa.Table | None:
    """The same with the channel, one row per customer and channel; None where channels are not recorded."""
    if not (tables.has("events") and tables.has("transactions")):
        return None
    if "channel" not in tables.columns("events") or "channel" not in tables.columns("transactions"):
        return None
    return tables.query(sql_of(read_query("customer_funnel_channels")), _since(as_of, window_days))


def customer_orders(tables: Tables, customer_id: str, as_of: datetime) -> pa.Table | None:
    """One customer's ten latest orders and returns; None without transactions."""
    if not tables.has("transactions"):
        return None
    return tables.query(sql_of(read_query("customer_orders")), {"customer_id": customer_id, "as_of": as_of})


def _since(as_of: datetime, window_days: int) -> dict[str, datetime]:
    return {"as_of": as_of, "since": as_of - timedelta(days=window_days)}


def _months(first: datetime, last: datetime, timezone: str) -> pa.Table:
    """The months of a zone from one naive instant in UTC to another, with their ends in UTC."""
    zone = ZoneInfo(timezone)
    numbers = [
        12 * local.year + local.month - 1
        for local in (moment.replace(tzinfo=UTC).astimezone(zone) for moment in (first, last))
    ]
    edges = [
        datetime(number // 12, number % 12 + 1, 1, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        for number in range(numbers[0], numbers[1] + 2)
    ]
    rows = [list(range(numbers[0], numbers[1] + 1)), edges[:-1], edges[1:]]
    return pa.table(
        [pa.array(row, kind.type) for row, kind in zip(rows, _MONTHS, strict=True)], schema=_MONTHS
    )
