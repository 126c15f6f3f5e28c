import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retention_lab.data.connect import Tables
from retention_lab.data.snapshot import COLUMNS, feature_columns, snapshot, snapshot_at, snapshots
from retention_lab.data.write import table_bytes
from retention_lab.errors import LabError
from retention_lab.features import encode, infer_schema
from retention_lab.simulate import retailer
from retention_lab.uplift.checking.bins import binned
from retention_lab.uplift.checking.leak import leak_check
from tests.data.small_tables import START, day, open_small, random_tables

TIME_OF = {
    "customers": "signup_at",
    "transactions": "ordered_at",
    "events": "at",
    "feedback": "at",
    "feedback_tone": "at",
    "assignments": "assigned_at",
    "redemptions": "redeemed_at",
    "subscriptions": "started_at",
}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Tables]:
    with open_small(tmp_path, random_tables()) as tables:
        yield tables


def snapshot_of(folder: Path, tables: Mapping[str, pa.Table], as_of: datetime) -> pa.Table:
    with open_small(folder, tables) as opened:
        return snapshot(opened, as_of)


def orders(rows: list[tuple[str, str, datetime, float]]) -> pa.Table:
    names = ("order_id", "customer_id", "ordered_at", "amount")
    return pa.table({name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)})


def one(folder: Path, days: list[float], as_of: float, others: int = 0) -> dict[str, object]:
    """Snapshot row of who ordered on these days; `others` ordered twice, 10 days apart, at the start."""
    rows = [(f"o{i}", "a", START + timedelta(days=number), 10.0) for i, number in enumerate(days)]
    for i in range(others):
        rows += [(f"x{i}{k}", f"x{i}", START + timedelta(days=10.0 * k), 5.0) for k in (0, 1)]
    table = snapshot_of(folder, {"transactions": orders(rows)}, day(as_of))
    return table.slice(table.column("customer_id").to_pylist().index("a"), 1).to_pylist()[0]


def after(table: pa.Table, column: str, as_of: datetime) -> pa.Array:
    return pc.greater_equal(table.column(column), pa.scalar(as_of.replace(tzinfo=None), pa.timestamp("us")))


def as_bytes(table: pa.Table) -> bytes:
    """As Parquet, where what lies under a null is not stored."""
    return table_bytes(Path("a.parquet"), table)


def without_future(tables: Mapping[str, pa.Table], as_of: datetime) -> dict[str, pa.Table]:
    """The tables as they were at the date: no later row, and no later end of a subscription."""
    found = {}
    for name, table in tables.items():
        if name in TIME_OF:
            table = table.filter(pc.invert(after(table, TIME_OF[name], as_of)))
        if name == "subscriptions":
            ends = table.column("ended_at")
            known = pc.if_else(after(table, "ended_at", as_of), pa.scalar(None, ends.type), ends)
            table = table.set_column(table.column_names.index("ended_at"), "ended_at", known)
        found[name] = table
    return found


def another_future(
    tables: Mapping[str, pa.Table], as_of: datetime, rng: np.random.Generator
) -> dict[str, pa.Table]:
    """The tables with every later row changed at random, most of them twice or not at all, all rows shuffled.

    Changed: each column takes the value of another row of the table, the time another instant from the date
    on. Customers stay one row each.
    """
    found = {}
    moment = np.datetime64(as_of.replace(tzinfo=None), "us")
    for name, table in tables.items():
        if name not in TIME_OF:
            found[name] = table
            continue
        later = np.flatnonzero(np.asarray(after(table, TIME_OF[name], as_of)))
        copies = later if name == "customers" else rng.choice(later, 2 * len(later)) if len(later) else later
        changed = table.take(copies)
        for place, column in enumerate(table.column_names):
            if column == TIME_OF[name]:
                ahead = rng.integers(0, int(200 * 86400e6), len(copies)).astype("timedelta64[us]")
                values = pa.array(moment + ahead, pa.timestamp("us"))
            elif name == "customers" and column == "customer_id":
                values = changed.column(column)
            else:
                values = table.column(column).take(rng.integers(0, table.num_rows, len(copies)))
            changed = changed.set_column(place, table.schema.field(column), values)
        mixed = pa.concat_tables([table.take(np.setdiff1d(np.arange(table.num_rows), later)), changed])
        found[name] = mixed.take(rng.permutation(mixed.num_rows))
    return found


def test_rows_at_or_after_the_date_leave_no_trace(tmp_path: Path) -> None:
    as_of, tables = day(300), random_tables()
    for name, column in TIME_OF.items():
        assert 0 < pc.sum(after(tables[name], column, as_of)).as_py() < tables[name].num_rows
    expected = as_bytes(snapshot_of(tmp_path / "all", tables, as_of))
    altered = another_future(tables, as_of, np.random.default_rng(5))
    assert as_bytes(snapshot_of(tmp_path / "deleted", without_future(tables, as_of), as_of)) == expected
    assert as_bytes(snapshot_of(tmp_path / "altered", altered, as_of)) == expected


@pytest.mark.slow
@settings(max_examples=5, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), customers=st.integers(4, 12), number=st.floats(40.0, 499.0))
def test_no_future_shows_in_any_small_shop_at_any_date(seed: int, customers: int, number: float) -> None:
    """Through every way to ask: at the date, at several, and row by row."""
    as_of, tables = day(number), random_tables(customers, seed)
    then = without_future(tables, as_of)
    assume(all(then[name].num_rows for name in ("customers", "transactions")))  # a shop has both, or no file
    seen = []
    futures = [
        tables,
        without_future(tables, as_of),
        another_future(tables, as_of, np.random.default_rng(seed)),
    ]
    for future in futures:
        with tempfile.TemporaryDirectory() as folder, open_small(Path(folder), future) as opened:
            first = snapshot(opened, as_of)
            _, second = snapshots(opened, [as_of - timedelta(days=40), as_of])
            third = snapshot_at(opened, first.select(["customer_id", "as_of"]))
        assert first.equals(second)
        assert first.equals(third)
        seen.append(as_bytes(first))
    assert len(set(seen)) == 1


@pytest.mark.slow
def test_no_future_shows_at_the_simulated_retailer(tmp_path: Path) -> None:
    found = retailer(400, 7)
    as_of = found.as_of - timedelta(days=45)
    tables = {name: found.tables[name] for name in found.tables if name != "suppressions"}
    expected = as_bytes(snapshot_of(tmp_path / "all", tables, as_of))
    altered = another_future(tables, as_of, np.random.default_rng(0))
    assert as_bytes(snapshot_of(tmp_path / "deleted", without_future(tables, as_of), as_of)) == expected
    assert as_bytes(snapshot_of(tmp_path / "altered", altered, as_of)) == expected


@pytest.mark.slow
def test_a_planted_column_that_knows_the_future_is_found(tmp_path: Path) -> None:
    """Attributes of customers carry no date, so one that was updated later is let in, and must be noticed."""
    found = retailer(1500, 7)
    as_of = found.as_of - timedelta(days=60)
    with open_small(tmp_path / "honest", found.tables) as tables:
        honest = snapshot(tables, as_of)
        last = tables.query("SELECT customer_id, max(ordered_at) AS last_seen FROM transactions GROUP BY ALL")
    end = pa.scalar(as_of.replace(tzinfo=None), pa.timestamp("us"))
    later = pc.greater_equal(last.column("last_seen"), end)
    buyers = last.column("customer_id").filter(later)
    came_back = pc.is_in(honest.column("customer_id"), value_set=buyers.combine_chunks())
    outcome = came_back.to_numpy().astype(np.float64)
    tier = pc.if_else(pc.is_in(found.tables["customers"]["customer_id"], value_set=buyers), "kept", "lost")
    planted = {**found.tables, "customers": found.tables["customers"].append_column("stage", tier)}
    with open_small(tmp_path / "planted", planted) as tables:
        leaky = snapshot(tables, as_of)
    for table, passed in ((honest, True), (leaky, False)):
        names = feature_columns(table)
        checked = leak_check(binned(encode(table, infer_schema(table, names))), outcome)
        assert checked["passed"] is passed
    assert checked["detail"].startswith("stage: ")


def test_an_end_of_subscription_at_or_after_the_date_is_not_known_yet(tmp_path: Path) -> None:
    tables, as_of = random_tables(), day(300)
    masked = without_future(tables, as_of)["subscriptions"]
    begun = tables["subscriptions"].filter(pc.invert(after(tables["subscriptions"], "started_at", as_of)))
    assert masked.column("ended_at").null_count > begun.column("ended_at").null_count
    found = snapshot_of(tmp_path / "a", tables, as_of)
    assert found.equals(snapshot_of(tmp_path / "b", {**tables, "subscriptions": masked}, as_of))
    assert 0 < pc.sum(found.column("subscription_active")).as_py() < found.num_rows


@pytest.mark.parametrize("table", [name for name in TIME_OF if name != "customers"])
def test_an_instant_before_the_date_counts_and_the_date_itself_does_not(table: str, tmp_path: Path) -> None:
    as_of, tables = day(300), random_tables(customers=3)
    moment = as_of.replace(tzinfo=None)
    found = {}
    for side, when in (("at", moment), ("before", moment - timedelta(microseconds=1))):
        row = {field: [tables[table].column(field)[0].as_py()] for field in tables[table].column_names}
        row |= {"customer_id": ["c000000"], TIME_OF[table]: [when]}
        if table == "transactions":
            row |= {"order_id": ["new"], "amount": [7.0], "product_id": ["p1"]}
        if table == "assignments":
            row |= {"experiment": ["new"], "arm": ["coupon"]}
        if table == "subscriptions":
            row |= {"ended_at": [None]}
        more = pa.concat_tables([tables[table], pa.table(row, schema=tables[table].schema)])
        found[side] = snapshot_of(tmp_path / side, {**tables, table: more}, as_of)
    without = snapshot_of(tmp_path / "without", tables, as_of)
    assert as_bytes(found["at"]) == as_bytes(without)
    assert as_bytes(found["before"]) != as_bytes(without)


def test_who_is_known_registered_or_ordered_strictly_before(tmp_path: Path) -> None:
    moment, early = START + timedelta(days=10), START + timedelta(days=10, microseconds=-1)
    customers = pa.table(
        {"customer_id": ["at", "before", "guest", "returned"], "signup_at": [moment, early, None, None]}
    )
    lines = orders([("1", "guest", early, 5.0), ("2", "returned", early, -5.0), ("3", "late", moment, 5.0)])
    found = snapshot_of(tmp_path, {"customers": customers, "transactions": lines}, day(10))
    assert found.column("customer_id").to_pylist() == ["before", "guest"]
    assert found.column("tenure_days").to_pylist() == pytest.approx([1e-6 / 86400, 1e-6 / 86400])


def test_attributes_of_someone_who_registers_later_are_not_known(tmp_path: Path) -> None:
    customers = pa.table(
        {
            "customer_id": ["a"],
            "signup_at": [START + timedelta(days=20)],
            "region": ["north"],
            "tier": ["gold"],
        }
    )
    lines = orders([("1", "a", START, 5.0)])
    for as_of, region in ((20, None), (20.001, "north")):
        found = snapshot_of(tmp_path, {"customers": customers, "transactions": lines}, day(as_of))
        assert found.column("region").to_pylist() == [region]


def test_several_cutoffs_give_what_each_date_gives_alone_in_their_order(small: Tables) -> None:
    dates = (120.0, 300.5, 480.25)
    alone = [snapshot(small, day(number)) for number in dates]
    rows = pa.concat_tables(alone)
    order = np.random.default_rng(3).permutation(rows.num_rows)
    cutoffs = rows.select(["customer_id", "as_of"]).take(order)
    assert snapshot_at(small, cutoffs).equals(rows.take(order))
    assert len(set(cutoffs.column("customer_id").to_pylist())) < cutoffs.num_rows


def test_snapshots_are_what_each_date_gives_alone(small: Tables) -> None:
    dates = [day(480.25), day(120), day(300.5), day(120)]
    for found, date in zip(snapshots(small, dates), dates, strict=True):
        assert found.equals(snapshot(small, date))
    assert list(snapshots(small, [])) == []


def test_only_the_columns_asked_for_come_and_they_are_the_same(small: Tables) -> None:
    everything = snapshot(small, day(300))
    for names in (
        ["revenue_30"],
        ["orders", "region"],
        ["last_score", "tenure_days", "mean_order_value"],
        [],
    ):
        found = snapshot(small, day(300), names)
        assert set(found.column_names) == {"customer_id", "as_of", *names}
        assert found.equals(everything.select(found.column_names))
    with pytest.raises(LabError, match=r"'recensy_days'.*|recency_days"):
        snapshot(small, day(300), ["recensy_days"])


@pytest.mark.parametrize(("timezone", "days"), [("UTC", 2), ("Asia/Shanghai", 1), ("America/New_York", 2)])
def test_days_with_an_order_are_those_of_the_shops_calendar(tmp_path: Path, timezone: str, days: int) -> None:
    hours = (17, 30)  # 1 January at 17:00 and 2 January at 06:00 in UTC: one day in Shanghai
    lines = orders([(f"o{h}", "a", START + timedelta(hours=h), 5.0) for h in hours])
    with open_small(tmp_path, {"transactions": lines}, timezone="UTC") as tables:
        found = snapshot(dataclasses.replace(tables, timezone=timezone), day(40))
    assert found.column("order_days").to_pylist() == [days]
    assert found.column("order_days_30").to_pylist() == [0]


def test_a_day_that_the_windows_start_cuts_counts_by_the_orders_inside(tmp_path: Path) -> None:
    lines = orders([(f"o{h}", "a", START + timedelta(hours=h), 5.0) for h in (3, 12, 40)])
    for hours, expected in ((2, 2), (6, 2), (13, 1), (41, 0)):
        found = snapshot_of(tmp_path / str(hours), {"transactions": lines}, day(30 + hours / 24))
        assert found.column("order_days_30").to_pylist() == [expected]


def test_the_queries_agree_with_a_plain_reading_of_the_rows(tmp_path: Path) -> None:
    """Every customer counted again in Python, row by row, with nothing shared but the words."""
    tables = random_tables(customers=25, seed=9)
    cut = day(333).replace(tzinfo=None)
    rows = {name: table.to_pylist() for name, table in tables.items()}
    category = {row["product_id"]: row["category"] for row in rows["products"]}
    for found in snapshot_of(tmp_path, tables, day(333)).to_pylist():
        own = {
            name: [
                row for row in rows[name] if row["customer_id"] == found["customer_id"] and row[column] < cut
            ]
            for name, column in TIME_OF.items()
        }
        placed: dict[str, datetime] = {}
        for row in own["transactions"]:
            if row["amount"] > 0:
                earlier = placed.get(row["order_id"], row["ordered_at"])
                placed[row["order_id"]] = min(earlier, row["ordered_at"])
        moments = sorted(placed.values())
        gaps = [(b - a) / timedelta(days=1) for a, b in pairwise(moments)]
        recent = [row for row in own["transactions"] if row["ordered_at"] >= cut - timedelta(days=90)]
        bought = {category[row["product_id"]] for row in own["transactions"] if row["amount"] > 0} - {None}
        offers = [row for row in own["assignments"] if row["arm"] != "none"]
        runs = [row for row in own["subscriptions"] if row["ended_at"] is None or row["ended_at"] >= cut]
        visits = [row for row in own["events"] if row["at"] >= cut - timedelta(days=90)]
        said = sorted(own["feedback"], key=lambda row: row["at"])
        scored = [row["score"] for row in said if row["score"] is not None]
        scores = [row["score"] for row in own["feedback"] if row["score"] is not None]
        tones = [row["tone"] for row in own["feedback_tone"]]
        complained = [row for row in own["feedback_tone"] if row["tone"] < 0.5]
        last_complaint = max(complained, key=lambda row: row["at"], default={"topic": None})
        expected = {
            "orders": len(moments),
            "orders_90": sum(moment >= cut - timedelta(days=90) for moment in moments),
            "recency_days": (cut - moments[-1]) / timedelta(days=1),
            "mean_gap_days": np.mean(gaps),
            "gap_cv": pytest.approx(np.std(gaps, ddof=1) / np.mean(gaps), rel=1e-3),  # gaps in whole minutes
            "revenue_90": pytest.approx(sum(row["amount"] for row in recent)),
            "orders_7": sum(moment >= cut - timedelta(days=7) for moment in moments),
            "order_days_90": len({m.date() for m in moments if m >= cut - timedelta(days=90)}),
            "longest_gap_days": pytest.approx(max(gaps), abs=1 / 1440),
            "last_gap_days": gaps[-1],
            "lines_90": sum(row["amount"] > 0 for row in recent),
            "returns_90": sum(row["amount"] < 0 for row in recent),
            "contribution_90": pytest.approx(sum(row["contribution"] for row in recent)),
            "categories": len(bought),
            "sessions_90": len({row["session_id"] for row in visits}),
            "visit_channels_90": len({row["channel"] for row in visits}),
            "products_seen_90": len({row["product_id"] for row in visits}),
            "last_score": pytest.approx(scored[-1], abs=1e-4) if scored else None,
            "subscriptions": len(own["subscriptions"]),
            "carts_30": sum(
                row["kind"] == "cart" and row["at"] >= cut - timedelta(days=30) for row in own["events"]
            ),
            "last_visit_days": (cut - max(row["at"] for row in own["events"])) / timedelta(days=1),
            "feedbacks": len(own["feedback"]),
            "mean_score": pytest.approx(np.mean(scores), abs=1e-4) if scores else None,  # 4 decimal places
            "mean_tone": pytest.approx(np.mean(tones), abs=1e-6) if tones else None,  # 6 decimal places
            "lowest_tone": pytest.approx(min(tones), abs=1e-6) if tones else None,
            "complaints": len(complained),
            "complaints_365": sum(row["at"] >= cut - timedelta(days=365) for row in complained),
            "last_complaint_topic": last_complaint["topic"],
            "contacts_365": sum(row["assigned_at"] >= cut - timedelta(days=365) for row in offers),
            "redemptions": len(own["redemptions"]),
            "subscription_active": bool(runs),
            "subscription_monthly_fee": pytest.approx(sum(row["monthly_fee"] for row in runs)),
        }
        for name, value in expected.items():
            if isinstance(value, float):
                value = pytest.approx(value, rel=1e-9)
            assert found[name] == value, name


def test_marks_of_leaving_are_counted_by_kind_and_are_no_visits(tmp_path: Path) -> None:
    tables = random_tables()
    kinds = {
        f"{kind}s_90": kind for kind in ("defect_report", "service_call", "price_comparison", "rival_visit")
    }
    visits = tables["events"]
    rng = np.random.default_rng(4)
    marks = visits.slice(0, 600).set_column(2, "kind", pa.array(rng.choice(list(kinds.values()), 600)))
    with open_small(tmp_path / "plain", tables) as opened:
        plain = snapshot(opened, day(450))
    with open_small(tmp_path / "marked", {**tables, "events": pa.concat_tables([marks, visits])}) as opened:
        marked = snapshot(opened, day(450))
    assert marked.drop_columns(list(kinds)).equals(plain.drop_columns(list(kinds)))
    start, end = (day(at).replace(tzinfo=None) for at in (360, 450))
    for column, kind in kinds.items():
        own = marks.filter((pc.field("kind") == kind) & (pc.field("at") >= start) & (pc.field("at") < end))
        counts = Counter(own["customer_id"].to_pylist())
        assert sum(counts.values()) > 10
        assert marked[column].to_pylist() == [counts[one] for one in marked["customer_id"].to_pylist()]
        assert plain[column].to_pylist() == [0] * plain.num_rows


def test_a_cutoff_with_a_zone_is_the_same_instant(small: Tables) -> None:
    ids = pa.array(["c000000", "c000001"])
    moment = pa.array([day(200)] * 2, pa.timestamp("us", tz="Asia/Shanghai"))
    plain = pa.array([day(200).replace(tzinfo=None)] * 2, pa.timestamp("us"))
    zoned = snapshot_at(small, pa.table({"customer_id": ids, "as_of": moment}))
    assert zoned.equals(snapshot_at(small, pa.table({"customer_id": ids, "as_of": plain})))


def test_what_became_of_messages_to_a_customer_is_no_visit(tmp_path: Path) -> None:
    tables = random_tables()
    events = tables["events"]
    message = events.set_column(
        events.column_names.index("kind"), "kind", pa.array(["message_opened"] * events.num_rows)
    )
    told = tables | {"events": pa.concat_tables([events, message])}
    before = snapshot_of(tmp_path / "before", tables, day(400))
    assert snapshot_of(tmp_path / "told", told, day(400)).equals(before)


def test_someone_unknown_has_a_row_with_nothing_in_it(small: Tables) -> None:
    cutoffs = pa.table({"customer_id": ["nobody"], "as_of": pa.array([START], pa.timestamp("us"))})
    row = snapshot_at(small, cutoffs).to_pylist()[0]
    assert (row["orders"], row["lifecycle"], row["revenue"]) == (0, "prospect", 0.0)
    assert row["recency_days"] is None


def test_columns_are_those_described_and_the_attributes(small: Tables) -> None:
    found = snapshot(small, day(300)).column_names
    attributes = set(small.columns("customers"))
    assert set(found) - attributes == set(COLUMNS) - attributes
    assert attributes < set(found)
    assert len(set(found)) == len(found)


def test_columns_depend_on_the_tables_and_not_on_their_rows(tmp_path: Path) -> None:
    tables = random_tables()
    early, late = snapshot_of(tmp_path, tables, day(1)), snapshot_of(tmp_path, tables, day(400))
    assert early.schema == late.schema
    fewer = {name: tables[name] for name in ("customers", "transactions", "products")}
    fewer["transactions"] = fewer["transactions"].drop_columns(["discount", "product_id", "contribution"])
    found = snapshot_of(tmp_path / "fewer", fewer, day(400)).column_names
    gone = {"discount_share", "categories", "top_category", "contribution_365", "events_30", "contacts_365"}
    assert gone & set(found) == set()
    assert {"orders", "revenue", "region", "tenure_days"} < set(found)


def test_returns_are_money_and_no_orders(tmp_path: Path) -> None:
    lines = orders(
        [
            ("1", "a", START, 30.0),
            ("1", "a", START, 10.0),
            ("1", "a", START + timedelta(days=80), -10.0),
            ("2", "a", START + timedelta(days=50), 20.0),
        ]
    )
    row = snapshot_of(tmp_path, {"transactions": lines}, day(100)).to_pylist()[0]
    assert (row["orders"], row["orders_30"], row["orders_90"]) == (2, 0, 1)
    assert (row["revenue"], row["revenue_30"], row["revenue_90"]) == (50.0, -10.0, 10.0)
    assert row["recency_days"] == 50.0
    assert row["mean_order_value"] == 30.0
    assert row["return_share"] == pytest.approx(10 / 60)


def test_the_rhythm_of_known_gaps(tmp_path: Path) -> None:
    row = one(tmp_path, [0, 10, 40], 60)
    assert row["mean_gap_days"] == 20.0
    assert row["gap_cv"] == pytest.approx(np.std([10, 30], ddof=1) / 20)
    assert row["overdue"] == 1.0


@pytest.mark.parametrize(
    ("days", "as_of", "others", "stage"),
    [
        ([500.0], 100, 3, "prospect"),
        ([90.0], 100, 3, "new"),  # 10 days ago, which is one rhythm of the population
        ([75.0], 100, 3, "at_risk"),
        ([50.0], 100, 3, "churned"),
        ([60.0, 70.0, 80.0], 90, 0, "active"),
        ([60.0, 70.0, 80.0], 100, 0, "active"),  # overdue is exactly 2
        ([60.0, 70.0, 80.0], 100.001, 0, "at_risk"),
        ([60.0, 70.0, 80.0], 120.001, 0, "churned"),
        ([0.0, 30.0, 60.0], 100, 0, "active"),  # the same silence, of someone slower
        ([0.0, 10.0, 20.0, 61.0], 65, 0, "returned"),
        ([0.0, 10.0, 20.0, 60.0], 65, 0, "active"),  # a gap of exactly 4 rhythms
        ([90.0], 100, 0, None),  # nobody ever ordered twice, so no rhythm is known
    ],
)
def test_lifecycle_follows_the_own_rhythm(
    tmp_path: Path, days: list[float], as_of: float, others: int, stage: str | None
) -> None:
    if stage == "prospect":
        rows = [("1", "a", START + timedelta(days=days[0]), 5.0)]
        with open_small(tmp_path, {"transactions": orders(rows)}) as tables:
            cutoffs = pa.table({"customer_id": ["a"], "as_of": pa.array([START], pa.timestamp("us"))})
            assert snapshot_at(tables, cutoffs).column("lifecycle").to_pylist() == ["prospect"]
        return
    assert one(tmp_path, days, as_of, others)["lifecycle"] == stage


def test_orders_without_a_customer_are_nobodys(tmp_path: Path) -> None:
    rows = [("1", "a", START + timedelta(days=90), 10.0)]
    rows += [(f"x{i}{k}", f"x{i}", START + timedelta(days=10.0 * k), 5.0) for i in range(2) for k in (0, 1)]
    guests = [(f"g{k}", None, START + timedelta(days=40.0 * k), 5.0) for k in range(3)]
    plain = snapshot_of(tmp_path / "plain", {"transactions": orders(rows)}, day(100))
    lines = orders([*rows, *guests])  # type: ignore[list-item]
    assert as_bytes(snapshot_of(tmp_path / "guests", {"transactions": lines}, day(100))) == as_bytes(plain)


def test_the_top_category_has_most_money_and_ties_go_by_name(tmp_path: Path) -> None:
    lines = orders([(f"{i}", "a", START, amount) for i, amount in enumerate((5.0, 3.0, 2.0))])
    lines = lines.append_column("product_id", pa.array(["tea", "cup", "pot"]))
    products = pa.table({"product_id": ["tea", "cup", "pot"], "category": ["drinks", "china", "china"]})
    row = snapshot_of(tmp_path, {"transactions": lines, "products": products}, day(1)).to_pylist()[0]
    assert (row["categories"], row["top_category"]) == (2, "china")


def test_money_is_summed_exactly(tmp_path: Path) -> None:
    lines = orders([(f"{i}", "a", START, 0.1) for i in range(1000)])
    assert snapshot_of(tmp_path, {"transactions": lines}, day(1)).column("revenue").to_pylist() == [100.0]


def test_a_date_without_a_zone_is_refused(small: Tables) -> None:
    with pytest.raises(LabError, match="no time zone"):
        snapshot(small, START)


def test_nothing_that_dates_customers_is_refused(tmp_path: Path) -> None:
    with (
        open_small(tmp_path, {"events": random_tables()["events"]}) as tables,
        pytest.raises(LabError, match="since when"),
    ):
        snapshot(tables, day(300))


def test_a_customer_named_twice_is_refused(tmp_path: Path) -> None:
    tables = random_tables(customers=3)
    tables["customers"] = pa.concat_tables([tables["customers"], tables["customers"].slice(0, 1)])
    with pytest.raises(LabError, match="not unique"):
        snapshot_of(tmp_path, tables, day(499))


def test_an_attribute_named_like_a_computed_column_is_refused(tmp_path: Path) -> None:
    tables = random_tables(customers=3)
    tables["customers"] = tables["customers"].append_column("orders", pa.array([1, 2, 3]))
    with pytest.raises(LabError, match="'orders'"):
        snapshot_of(tmp_path, tables, day(499))
