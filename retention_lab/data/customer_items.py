"""Who bought which product when, and what is written about the products."""

from datetime import datetime

import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import read_query, sql_of
from retention_lab.data.snapshot import utc_instant
from retention_lab.errors import LabError

_WORDS = ("title", "description", "brand")


def customer_items(tables: Tables, until: datetime) -> pa.Table:
    """customer_id, product_id, ordered_at, lines; sorted by customer and time.

    until: aware; what is dated there or later is left out.
    Raises LabError where there are no transactions, or these name no products.
    """
    if "product_id" not in tables.columns("transactions"):
        raise LabError(
            "The transactions have no column 'product_id', so who bought what is not known.",
            "Add it: lab data import transactions FILE. Or name a `table:` of interactions.",
            key="data",
        )
    return tables.query(sql_of(read_query("customer_items")), {"until": utc_instant(until)})


def product_texts(tables: Tables) -> pa.Table | None:
    """product_id, text (title, description and brand), category; None where nothing is written anywhere.

    Sorted by product; a text is empty and a category null where there is none.
    """
    if not tables.has("products"):
        return None
    columns = tables.columns("products")
    words = [name for name in _WORDS if name in columns]
    if not words and "category" not in columns:
        return None
    joined = " || ' ' || ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in words) or "''"
    category = "CAST(category AS VARCHAR)" if "category" in columns else "CAST(NULL AS VARCHAR)"
    return tables.query(
        f"SELECT product_id, {joined} AS text, {category} AS category FROM products ORDER BY product_id"
    )
