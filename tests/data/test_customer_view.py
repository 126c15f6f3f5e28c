from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from retention_lab.data.connect import Tables
from retention_lab.data.customer_view import (
    cohort_months,
    customer_orders,
    funnel_channels,
    funnel_steps,
    last_month,
    order_windows,
    referrals,
)
from retention_lab.errors import LabError
from tests.data.small_tables import open_small, random_tables

AS_OF = datetime(2026, 1, 15, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return open_small(tmp_path_factory.mktemp("view"), in_utc(random_tables()), timezone="Europe/Berlin")


def in_utc(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The same with times that say so: those that do not are read in the project's zone."""
    return {
        name: table.cast(
            pa.schema(
                [
                    pa.field(
                        field.name,
                        pa.timestamp("us", "UTC") if pa.types.is_timestamp(field.type) else field.type,
                    )
                    for field in table.schema
                ]
            )
        )
        for name, table in tables.items()
    }


def month(moment: datetime) -> int:
    local = moment.replace(tzinfo=UTC).astimezone(BERLIN)
    return 12 * local.year + local.month - 1


def before(rows: list[dict], as_of: datetime = AS_OF, time: str = "ordered_at") -> list[dict]:
    return [row for row in rows if row[time] < as_of.replace(tzinfo=None)]


def placed(lines: list[dict]) -> dict[tuple[str, str], datetime]:
    """(customer, order) -> its first positive line."""
    found: dict[tuple[str, str], datetime] = {}
    for line in lines:
        if line["amount"] > 0:
            key = (line["customer_id"], line["order_id"])
            found[key] = min(found.get(key, line["ordered_at"]), line["ordered_at"])
    return found


def test_cohorts_are_what_a_loop_over_the_lines_finds(tables: Tables) -> None:
    lines = before(random_tables()["transactions"].to_pylist())
    first: dict[str, int] = {}
    orders: Counter[tuple[str, int]] = Counter()
    for (customer, _), at in placed(lines).items():
        first[customer] = min(first.get(customer, 10**9), month(at))
        orders[customer, month(at)] += 1
    revenue: defaultdict[tuple[int, int], float] = defaultdict(float)
    for line in lines:
        customer, when = line["customer_id"], month(line["ordered_at"])
        if customer in first and when >= first[customer]:
            revenue[first[customer], when] += line["amount"]
    customers = Counter((first[customer], when) for customer, when in orders)
    found = {(row["cohort"], row["month"]): row for row in cohort_months(tables, AS_OF).to_pylist()}
    assert set(found) == set(revenue)
    for key, row in found.items():
        assert row["customers"] == customers[key]
        assert row["orders"] == sum(
            n for (customer, when), n in orders.items() if (first[customer], when) == key
        )
        assert row["revenue"] == pytest.approx(revenue[key], abs=1e-9)


def test_a_month_begins_at_midnight_of_the_projects_zone(tmp_path: Path) -> None:
    line = {"order_id": "a", "customer_id": "x", "amount": 1.0}
    late = datetime(2025, 6, 30, 22, 30)  # half past midnight in Berlin
    lines = pa.Table.from_pylist([{**line, "ordered_at": late}])
    for zone, first in (("UTC", 5), ("Europe/Berlin", 6)):
        with open_small(tmp_path / zone, in_utc({"transactions": lines}), timezone=zone) as tables:
            assert cohort_months(tables, AS_OF)["cohort"].to_pylist() == [12 * 2025 + first]


def test_the_future_changes_nothing(tables: Tables, tmp_path: Path) -> None:
    whole = random_tables()
    limit = pa.scalar(AS_OF.replace(tzinfo=None), pa.timestamp("us"))
    times = {"transactions": "ordered_at", "events": "at", "customers": "signup_at"}
    past = {
        name: table.filter(pa.compute.less(table[times[name]], limit))
        for name, table in whole.items()
        if name in times
    }
    with open_small(tmp_path, in_utc(past), timezone="Europe/Berlin") as cut:
        for ask in (
            lambda t: cohort_months(t, AS_OF),
            lambda t: order_windows(t, AS_OF, 90),
            lambda t: funnel_steps(t, AS_OF, 90),
            lambda t: funnel_channels(t, AS_OF, 90),
            lambda t: referrals(t, AS_OF),
            lambda t: customer_orders(t, "c000003", AS_OF),
        ):
            one, other = ask(tables), ask(cut)
            assert (one is None) == (other is None)
            if one is not None:
                assert one.equals(other)


def test_an_order_lies_in_the_window_of_its_first_line(tables: Tables) -> None:
    orders = placed(before(random_tables()["transactions"].to_pylist()))
    later, earlier = (AS_OF.replace(tzinfo=None) - timedelta(days=n) for n in (60, 120))
    found = {row["customer_id"]: row for row in order_windows(tables, AS_OF, 60).to_pylist()}
    assert set(found) == {customer for customer, _ in orders}
    for customer, row in found.items():
        own = [at for (who, _), at in orders.items() if who == customer]
        assert row["now"] == any(at >= later for at in own)
        assert row["before"] == any(earlier <= at < later for at in own)


def test_a_funnel_has_everybody_who_took_any_step(tables: Tables) -> None:
    since = AS_OF.replace(tzinfo=None) - timedelta(days=30)
    whole = random_tables()
    events = [row for row in before(whole["events"].to_pylist(), time="at") if row["at"] >= since]
    orders = placed(before(whole["transactions"].to_pylist()))
    found = {row["customer_id"]: row for row in funnel_steps(tables, AS_OF, 30).to_pylist()}  # type: ignore[union-attr]
    for kind, step in (("view", "viewed"), ("cart", "carted")):
        assert {c for c, row in found.items() if row[step]} == {
            row["customer_id"] for row in events if row["kind"] == kind
        }
    bought = {customer for (customer, _), at in orders.items() if at >= since}
    assert {c for c, row in found.items() if row["ordered"]} == bought


def test_a_customer_counts_once_in_every_channel(tmp_path: Path) -> None:
    at = datetime(2026, 1, 10)
    events = [("x", "view", "web"), ("x", "cart", "web"), ("x", "view", "app"), ("y", "view", None)]
    rows = [{"customer_id": c, "at": at, "kind": k, "channel": w} for c, k, w in events]
    line = {"order_id": "a", "customer_id": "x", "ordered_at": at, "amount": 1.0, "channel": "web"}
    with open_small(
        tmp_path, {"events": pa.Table.from_pylist(rows), "transactions": pa.Table.from_pylist([line])}
    ) as tables:
        found = funnel_channels(tables, AS_OF, 30)
    assert found is not None
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("x", "app", True, False, False),
        ("x", "web", True, True, True),
    ]


def test_what_a_project_does_not_record_is_none(tmp_path: Path) -> None:
    lines = random_tables()["transactions"]
    with open_small(tmp_path, {"transactions": lines}) as tables:
        assert funnel_steps(tables, AS_OF, 30) is None
        assert funnel_channels(tables, AS_OF, 30) is None
        assert referrals(tables, AS_OF) is None


def test_one_customers_orders_come_with_what_was_returned(tables: Tables) -> None:
    lines = [
        row for row in before(random_tables()["transactions"].to_pylist()) if row["customer_id"] == "c000003"
    ]
    found = customer_orders(tables, "c000003", AS_OF)
    assert found is not None
    assert found.num_rows == min(10, len({row["order_id"] for row in lines}))
    for row in found.to_pylist():
        own = [line["amount"] for line in lines if line["order_id"] == row["order_id"]]
        assert row["paid"] == pytest.approx(sum(x for x in own if x > 0))
        assert row["returned"] == pytest.approx(-sum(x for x in own if x < 0))
        assert row["lines"] == sum(x > 0 for x in own)


@pytest.mark.parametrize(
    ("as_of", "month_of_year", "over"),
    [
        (datetime(2026, 3, 1, tzinfo=BERLIN), 2, True),
        (datetime(2026, 3, 1, 0, 1, tzinfo=BERLIN), 3, False),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), 3, False),  # half past midnight on 1 March in Berlin
    ],
)
def test_the_last_month_is_the_one_before_the_date(as_of: datetime, month_of_year: int, over: bool) -> None:
    assert last_month(as_of, "Europe/Berlin") == (12 * 2026 + month_of_year - 1, over)


def test_a_date_before_the_first_sale_is_refused(tables: Tables) -> None:
    with pytest.raises(LabError, match="Nothing was sold"):
        cohort_months(tables, datetime(2020, 1, 1, tzinfo=UTC))
