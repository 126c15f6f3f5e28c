import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.convert import Reading
from retention_lab.data.importing import Cleaned, clean
from retention_lab.data.presets import PRESETS, read_preset
from retention_lab.data.schema import TABLES
from retention_lab.errors import LabError, UsageError
from tests.shared_data import shared_file

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MICROS = 1_612_069_510_766_593  # 2021-01-31 05:05:10.766593 UTC


def imported(preset: str, table: str, file: Path) -> Cleaned:
    return clean(read_preset(preset, table, file), TABLES[table], {}, Reading(file, "UTC"), NOW)


def ga4_rows() -> list[dict[str, Any]]:
    session = {"key": "ga_session_id", "value": {"string_value": None, "int_value": 77}}
    page = {"key": "page_title", "value": {"string_value": "Home", "int_value": None}}
    items = [
        {"item_id": "sku1", "price": 10.0, "quantity": 2, "item_revenue": 18.0, "coupon": "TEN"},
        {"item_id": "sku2", "price": 5.0, "quantity": 1, "item_revenue": None, "coupon": "(not set)"},
    ]
    base = {
        "event_date": "20210131",
        "event_timestamp": MICROS,
        "user_id": None,
        "user_pseudo_id": "browser.1",
        "event_params": [page, session],
        "traffic_source": {"medium": "cpc", "source": "google"},
    }
    nothing = {"transaction_id": None}
    return [
        base | {"event_name": "page_view", "items": [], "ecommerce": nothing},
        base | {"event_name": "view_item", "user_id": "anna", "items": items[:1], "ecommerce": nothing},
        base | {"event_name": "purchase", "items": items, "ecommerce": {"transaction_id": "t1"}},
        base | {"event_name": "refund", "items": items[1:], "ecommerce": {"transaction_id": "t1"}},
    ]


def ga4_file(folder: Path, form: str) -> Path:
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(ga4_rows()), folder / "events.parquet")
        return folder / "events.parquet"
    path = folder / "events.json"
    # BigQuery writes 64-bit numbers as text, and leaves nulls out
    rows = [
        {key: value for key, value in row.items() if value is not None}
        | {"event_timestamp": str(row["event_timestamp"])}
        for row in ga4_rows()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_ga4_events_are_flattened(tmp_path: Path, form: str) -> None:
    found = imported("ga4", "events", ga4_file(tmp_path, form))
    assert found.refused.num_rows == 0
    rows = found.table.to_pylist()
    at = datetime(2021, 1, 31, 5, 5, 10, 766593, UTC)
    assert rows[0] == {
        "customer_id": "browser.1",
        "at": at,
        "kind": "page_view",
        "product_id": None,
        "channel": "cpc",
        "session_id": "browser.1.77",
    }
    assert [(row["customer_id"], row["kind"], row["product_id"]) for row in rows[1:]] == [
        ("anna", "view_item", "sku1"),
        ("browser.1", "purchase", "sku1"),
        ("browser.1", "purchase", "sku2"),
        ("browser.1", "refund", "sku2"),
    ]


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_ga4_purchases_become_order_lines_and_refunds_returns(tmp_path: Path, form: str) -> None:
    rows = imported("ga4", "transactions", ga4_file(tmp_path, form)).table.to_pylist()
    assert [
        (row["order_id"], row["product_id"], row["amount"], row["quantity"], row["offer_id"]) for row in rows
    ] == [
        ("t1", "sku1", 18.0, 2.0, "TEN"),
        ("t1", "sku2", 5.0, 1.0, None),
        ("t1", "sku2", -5.0, -1.0, None),
    ]


def test_ga4_refuses_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(LabError, match="'event_name'"):
        read_preset("ga4", "events", path)
    path.write_text("no json, no parquet")
    with pytest.raises(LabError, match="GA4"):
        read_preset("ga4", "events", path)


RETAIL = (
    "{invoice},StockCode,Description,Quantity,InvoiceDate,{price},{customer},Country\n"
    "536365,85123A,LANTERN,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
    "536365,85123A,LANTERN,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
    "C536379,D,Discount,-1,12/1/2010 9:41,27.50,14527.0,United Kingdom\n"
    "536414,22139,,56,12/1/2010 11:52,0.0,,United Kingdom\n"
)


@pytest.mark.parametrize(
    "names",
    [
        {"invoice": "InvoiceNo", "price": "UnitPrice", "customer": "CustomerID"},
        {"invoice": "Invoice", "price": "Price", "customer": "Customer ID"},
    ],
)
def test_online_retail_in_both_editions(tmp_path: Path, names: dict[str, str]) -> None:
    path = tmp_path / "retail.csv"
    path.write_text(RETAIL.format(**names))
    found = imported("online_retail", "transactions", path)
    assert (found.duplicates, found.reasons) == (1, {"customer_id is missing": 1})
    assert [(row["order_id"], row["amount"], row["quantity"]) for row in found.table.to_pylist()] == [
        ("536365", 15.3, 6.0),
        ("C536379", -27.5, -1.0),
    ]
    assert found.table.column("ordered_at").to_pylist()[0] == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert imported("online_retail", "customers", path).table.num_rows == 2


def test_the_real_online_retail_adds_up() -> None:
    file = shared_file("online_retail/online_retail_sample.parquet")
    found = imported("online_retail", "transactions", file)
    # the data's own README: 281,096 rows, 67,556 of them without a customer
    assert found.table.num_rows + found.duplicates + found.refused.num_rows == 281_096
    anonymous = found.reasons["customer_id is missing"]
    assert list(found.reasons) == ["customer_id is missing"]
    assert 0 <= 67_556 - anonymous <= found.duplicates
    assert len(set(found.table.column("customer_id").to_pylist())) == 2_200
    assert imported("online_retail", "customers", file).table.num_rows == 2_200


SHOPIFY = (
    "Name,Email,Financial Status,Created at,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount\n"
    "#1,Anna@Example.org,paid,2026-01-01 10:00:00 +0100,90.00,5,0,95.00,TEN,10.00,2,Cup,25.00,cup,0.00\n"
    "#1,Anna@Example.org,,,,,,,,,1,Pot,50.00,pot,\n"
    "#2,bob@example.org,partially_refunded,2026-01-02 10:00:00 +0100,30.00,0,0,30.00,,0.00,"
    "1,Cup,30.00,,12.00\n"
    "#3,eve@example.org,voided,2026-01-03 10:00:00 +0100,30.00,0,0,30.00,,0.00,1,Cup,30.00,cup,0.00\n"
)


def test_shopify_orders_become_lines_that_sum_to_what_was_paid(tmp_path: Path) -> None:
    path = tmp_path / "orders_export.csv"
    path.write_text(SHOPIFY)
    found = imported("shopify", "transactions", path)
    assert found.reasons == {"order was never paid": 1}
    rows = [
        (
            row["order_id"],
            row["customer_id"],
            row["product_id"],
            row["amount"],
            row["discount"],
            row["offer_id"],
        )
        for row in found.table.to_pylist()
    ]
    assert rows == [
        ("#1", "anna@example.org", "cup", 45.0, 5.0, "TEN"),
        ("#1", "anna@example.org", "pot", 45.0, 5.0, "TEN"),
        ("#2", "bob@example.org", "Cup", 30.0, 0.0, None),
        ("#2", "bob@example.org", None, -12.0, 0.0, None),
    ]
    assert found.table.column("ordered_at").to_pylist()[1] == datetime(2026, 1, 1, 9, tzinfo=UTC)
    customers = imported("shopify", "customers", path).table.column("customer_id").to_pylist()
    assert customers == ["anna@example.org", "bob@example.org", "eve@example.org"]


def test_woocommerce_lookup_tables(tmp_path: Path) -> None:
    orders = tmp_path / "wc_order_product_lookup.csv"
    orders.write_text(
        "order_item_id,order_id,product_id,variation_id,customer_id,date_created,product_qty,"
        "product_net_revenue,product_gross_revenue,coupon_amount\n"
        "1,10,5,0,3,2026-01-01 10:00:00,2,18.0,21.4,2.0\n2,11,5,0,3,2026-01-05 10:00:00,-1,-9.0,-10.7,0\n"
    )
    rows = imported("woocommerce", "transactions", orders).table.to_pylist()
    assert [(row["order_id"], row["amount"], row["discount"]) for row in rows] == [
        ("10", 18.0, 2.0),
        ("11", -9.0, 0.0),
    ]
    customers = tmp_path / "wc_customer_lookup.csv"
    customers.write_text(
        "customer_id,user_id,date_last_active,date_registered,country\n"
        "3,1,2026-02-01 00:00:00,2025-01-01 00:00:00,DE\n4,,2026-02-02 00:00:00,,FR\n"
    )
    found = imported("woocommerce", "customers", customers).table.column("signup_at").to_pylist()
    assert found == [datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)]


def test_presets_and_tables_that_are_not_known_come_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'shopify'"):
        read_preset("shopfy", "transactions", tmp_path)
    with pytest.raises(UsageError, match="Did you mean 'customers'"):
        read_preset("shopify", "customer", tmp_path)


@pytest.mark.parametrize("preset", ["campaign_results", "online_retail", "shopify", "woocommerce"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    for table in PRESETS[preset]:
        with pytest.raises(LabError, match="preset expects a column"):
            read_preset(preset, table, path)
