"""Shapes that tables commonly come in, turned into the contract's columns before they are cleaned.

ga4: Google Analytics 4's BigQuery export, as Parquet or JSON lines. online_retail: the UCI data set
(both editions). shopify: the orders export. woocommerce: the tables wc_order_product_lookup and
wc_customer_lookup. What became of messages is read in `results`. A preset is one function per table: file
in, table with contract names out; other columns may stay, and `refused_because` marks rows that it can tell
are not wanted.
"""

from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.data.importing import REASON
from retention_lab.data.preset_shape import another_shape, need
from retention_lab.data.read import check_readable, read_flat
from retention_lab.data.results import (
    braze_events,
    campaign_events,
    campaign_redemptions,
    customerio_events,
    klaviyo_events,
)
from retention_lab.data.sources import identifier, literal
from retention_lab.errors import LabError, UsageError, did_you_mean

Preset = Callable[[Path], pa.Table]

_GA4_NESTED = ("event_params", "items", "ecommerce", "traffic_source", "collected_traffic_source")
_GA4_PLAIN = {
    "event_timestamp": "BIGINT",
    "event_name": "VARCHAR",
    "user_id": "VARCHAR",
    "user_pseudo_id": "VARCHAR",
}
_SHOPIFY_TEXT = ("Name", "Email", "Discount Code", "Lineitem sku", "Lineitem name", "Financial Status")
_SHOPIFY_OPTIONAL = ("Refunded Amount", "Discount Code", "Lineitem sku")
_SHOPIFY_NEEDED = (
    *("Name", "Email", "Created at", "Financial Status", "Subtotal"),
    *("Lineitem quantity", "Lineitem price", "Lineitem name"),
)
_RETAIL_TEXT = ("InvoiceNo", "Invoice", "StockCode", "CustomerID", "Customer ID")
_RETAIL_NAMES = {"Invoice": "InvoiceNo", "Price": "UnitPrice", "Customer ID": "CustomerID"}
_RETAIL_TIME = "%m/%d/%Y %H:%M"  # how the workbook comes out as CSV


def read_preset(preset: str, table: str, file: Path) -> pa.Table:
    """The file's rows with the contract's names for that table.

    Raises UsageError for a preset or table that is not known, LabError for a file of another shape.
    """
    if preset not in PRESETS:
        raise UsageError(f"No preset is named {preset!r}.", did_you_mean(preset, PRESETS))
    known = PRESETS[preset]
    if table not in known:
        raise UsageError(
            f"The preset {preset!r} does not give the table {table!r}.", did_you_mean(table, known)
        )
    return known[table](file)


def _online_retail(file: Path) -> pa.Table:
    source = read_flat(file, as_text=_RETAIL_TEXT)
    source = source.rename_columns([_RETAIL_NAMES.get(name, name) for name in source.column_names])
    need(source, ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"), file)
    when = source.column("InvoiceDate")
    if pa.types.is_string(when.type):
        source = _with(source, "InvoiceDate", pc.strptime(when, _RETAIL_TIME, "us", error_is_null=True))
    return source


def _online_retail_transactions(file: Path) -> pa.Table:
    """Cancellations (invoices that start with C) have negative quantities, and so become returns."""
    source = _online_retail(file)
    names = {
        "InvoiceNo": "order_id",
        "CustomerID": "customer_id",
        "InvoiceDate": "ordered_at",
        "StockCode": "product_id",
        "Quantity": "quantity",
    }
    renamed = source.rename_columns([names.get(name, name) for name in source.column_names])
    amount = _sql('SELECT round("Quantity" * "UnitPrice", 4) AS amount FROM source', source=source)
    return renamed.append_column("amount", amount.column("amount"))


def _online_retail_customers(file: Path) -> pa.Table:
    """Signed up with the first invoice, in the country of it; rows without a customer are nobody's."""
    return _sql(
        'SELECT "CustomerID" AS customer_id, min("InvoiceDate") AS signup_at, '
        'arg_min("Country", "InvoiceDate") AS region FROM source WHERE "CustomerID" IS NOT NULL '
        "GROUP BY ALL ORDER BY customer_id",
        source=_online_retail(file),
    )


def _online_retail_products(file: Path) -> pa.Table:
    return _sql(
        'SELECT "StockCode" AS product_id, mode("Description") AS title, '
        'round(median("UnitPrice"), 4) AS price FROM source '
        'WHERE "UnitPrice" > 0 GROUP BY ALL ORDER BY product_id',
        source=_online_retail(file),
    )


def _shopify(file: Path) -> pa.Table:
    source = read_flat(file, as_text=_SHOPIFY_TEXT)
    for name in _SHOPIFY_OPTIONAL:
        if name not in source.column_names:
            source = source.append_column(name, pa.nulls(source.num_rows, pa.string()))
    need(source, _SHOPIFY_NEEDED, file)
    return source


def _shopify_transactions(file: Path) -> pa.Table:
    table = _sql(_packaged("import_shopify_transactions"), shopify=_shopify(file))
    # equal lines of one order are two pieces of the same thing, not an export's slip
    return table.append_column("line", pa.array(range(table.num_rows), pa.int64()))


def _shopify_customers(file: Path) -> pa.Table:
    """Signed up with the first order."""
    return _sql(
        'SELECT lower(trim("Email")) AS customer_id, min("Created at") AS signup_at FROM shopify '
        'WHERE "Email" IS NOT NULL AND "Created at" IS NOT NULL GROUP BY ALL ORDER BY customer_id',
        shopify=_shopify(file),
    )


def _woocommerce_transactions(file: Path) -> pa.Table:
    """Refunds are rows of their own with negative quantity, and so become returns."""
    return _renamed(
        file,
        {
            "order_id": "order_id",
            "customer_id": "customer_id",
            "date_created": "ordered_at",
            "product_net_revenue": "amount",
            "coupon_amount": "discount",
            "product_id": "product_id",
            "product_qty": "quantity",
        },
    )


def _woocommerce_customers(file: Path) -> pa.Table:
    """Guests have no registration; they signed up when they were last active, for want of better."""
    source = read_flat(file, as_text=("customer_id",))
    need(source, ("customer_id", "date_registered", "date_last_active"), file)
    country = "country" if "country" in source.column_names else "NULL::VARCHAR"
    return _sql(
        "SELECT customer_id, coalesce(date_registered, date_last_active) AS signup_at, "
        f"{country} AS region FROM source",
        source=source,
    )


def _ga4_events(file: Path) -> pa.Table:
    return _ga4(file, "import_ga4_events")


def _ga4_transactions(file: Path) -> pa.Table:
    table = _ga4(file, "import_ga4_transactions")
    return table.append_column("line", pa.array(range(table.num_rows), pa.int64()))


def _ga4(file: Path, statement: str) -> pa.Table:
    """Nested columns become JSON first, so that exports of any age and either format read alike."""
    start = check_readable(file)
    is_parquet = start.startswith(b"PAR1")
    relation = f"read_parquet({literal(str(file))})" if is_parquet else _json_lines(file)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            there = {str(row[0]) for row in described}
            lacking = {"event_timestamp", "event_name", "user_pseudo_id"} - there
            if lacking:
                raise another_shape(file, sorted(lacking)[0], sorted(there))
            columns = [_or_null(name, kind, there) for name, kind in _GA4_PLAIN.items()]
            columns += [_as_json(name, there) for name in _GA4_NESTED]
            connection.execute(f"CREATE TABLE ga4 AS SELECT {', '.join(columns)} FROM {relation}")
        except duckdb.Error as error:
            raise LabError(
                "This is neither a Parquet file nor JSON lines of a GA4 export.",
                "Export the events table from BigQuery as Parquet or JSON (newline delimited).",
                file=file,
            ) from error
        return _plain(connection.sql(_packaged(statement)).to_arrow_table())


def _json_lines(file: Path) -> str:
    nested = dict.fromkeys(_GA4_NESTED, "JSON")
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in (_GA4_PLAIN | nested).items())
    return f"read_json({literal(str(file))}, format = 'newline_delimited', columns = {{{columns}}})"


def _or_null(name: str, kind: str, there: set[str]) -> str:
    return f"CAST({name} AS {kind}) AS {name}" if name in there else f"NULL::{kind} AS {name}"


def _as_json(name: str, there: set[str]) -> str:
    return f"to_json({name}) AS {name}" if name in there else f"NULL::JSON AS {name}"


def _renamed(file: Path, names: Mapping[str, str]) -> pa.Table:
    ids = [name for name, canonical in names.items() if canonical.endswith("_id")]
    source = read_flat(file, as_text=ids)
    need(source, tuple(names), file)
    return source.rename_columns([names.get(name, name) for name in source.column_names])


def _with(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _packaged(statement: str) -> str:
    return (resources.files("retention_lab.data") / "sql" / f"{statement}.sql").read_text(encoding="utf-8")


def _sql(statement: str, **tables: pa.Table) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            connection.register(identifier(name).strip('"'), table)
        return _plain(connection.sql(statement).to_arrow_table())


def _plain(table: pa.Table) -> pa.Table:
    if REASON in table.column_names and pa.types.is_null(table.schema.field(REASON).type):
        table = _with(table, REASON, table.column(REASON).cast(pa.string()))
    return table


PRESETS: Mapping[str, Mapping[str, Preset]] = {
    "braze": {"events": braze_events},
    "campaign_results": {"events": campaign_events, "redemptions": campaign_redemptions},
    "customerio": {"events": customerio_events},
    "ga4": {"events": _ga4_events, "transactions": _ga4_transactions},
    "klaviyo": {"events": klaviyo_events},
    "online_retail": {
        "transactions": _online_retail_transactions,
        "customers": _online_retail_customers,
        "products": _online_retail_products,
    },
    "shopify": {"transactions": _shopify_transactions, "customers": _shopify_customers},
    "woocommerce": {"transactions": _woocommerce_transactions, "customers": _woocommerce_customers},
}
