"""What limits offers: stock and margin of products, consent, and what was shown or sent of late."""

from datetime import datetime

import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import order_line_columns
from retention_lab.data.snapshot import utc_instant

CONSENT = "consent_profiling"


def product_facts(tables: Tables, until: datetime) -> pa.Table:
    """product_id, stock, margin, category of every product listed or sold; null where not known.

    until: aware. margin: contribution of what was sold before, as a share of what was paid for it. Stock and
    category are the table's own, which keeps no past.
    """
    listed = tables.columns("products") if tables.has("products") else []
    stock = "CAST(stock AS DOUBLE)" if "stock" in listed else "CAST(NULL AS DOUBLE)"
    category = "CAST(category AS VARCHAR)" if "category" in listed else "CAST(NULL AS VARCHAR)"
    lines = order_line_columns(tables)
    margin = "sum(contribution) / sum(amount)" if "contribution" in lines else "CAST(NULL AS DOUBLE)"
    sold = f"""
        SELECT product_id, CAST({margin} AS DOUBLE) AS margin FROM order_lines
        WHERE ordered_at < $until AND amount > 0 AND product_id IS NOT NULL GROUP BY product_id"""
    if not listed:
        found = f"SELECT product_id, {stock} AS stock, margin, {category} AS category FROM ({sold}) AS sold"
        return tables.query(f"{found} ORDER BY product_id", {"until": utc_instant(until)})
    return tables.query(
        f"""
        WITH sold AS ({sold}), listed AS (
            SELECT product_id, {stock} AS stock, {category} AS category FROM products)
        SELECT product_id, stock, margin, category FROM listed FULL JOIN sold USING (product_id)
        ORDER BY product_id""",
        {"until": utc_instant(until)},
    )


def tracks_stock(tables: Tables) -> bool:
    """Whether the project says how many there are of its products."""
    return tables.has("products") and "stock" in tables.columns("products")


def tracks_profiling(tables: Tables) -> bool:
    """Whether the project asks its customers for consent to be profiled."""
    return tables.has("customers") and CONSENT in tables.columns("customers")


def profiling_agreed(tables: Tables) -> pa.Array:
    """Ids of the customers who agree to be profiled, sorted; who is not asked does not agree."""
    found = tables.query(f"SELECT customer_id FROM customers WHERE {CONSENT} ORDER BY customer_id")
    return found.column("customer_id").combine_chunks()


def contacts_made(tables: Tables, until: datetime) -> pa.Table:
    """customer_id, assigned_at: every offer that was drawn for a customer before `until` (aware)."""
    if not tables.has("assignments"):
        kinds = {"customer_id": pa.string(), "assigned_at": pa.timestamp("us")}
        return pa.schema(kinds).empty_table()
    return tables.query(
        "SELECT customer_id, assigned_at FROM assignments "
        "WHERE arm <> 'none' AND assigned_at < $until ORDER BY customer_id, assigned_at",
        {"until": utc_instant(until)},
    )


def products_shown(tables: Tables, kind: str, until: datetime) -> pa.Table:
    """customer_id, product_id, shown_at: events of that kind with a product, before `until` (aware)."""
    return tables.query(
        "SELECT customer_id, product_id, events.at AS shown_at FROM events WHERE kind = $kind "
        "AND product_id IS NOT NULL AND events.at < $until ORDER BY customer_id, shown_at, product_id",
        {"kind": kind, "until": utc_instant(until)},
    )
