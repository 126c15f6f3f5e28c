"""What lies in one basket: the products of a project's orders, or lines of a file."""

import csv
import gzip
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from retention_lab.data.connect import Tables
from retention_lab.data.queries import read_query, sql_of
from retention_lab.data.read import check_readable
from retention_lab.data.snapshot import utc_instant
from retention_lab.errors import LabError

_GZIP = b"\x1f\x8b"


def order_items(tables: Tables, until: datetime) -> pa.Table:
    """A row for each product of each order: order_id, product_id, ordered_at (UTC, of the first line).

    until: aware; what is dated there or later is left out.
    Raises LabError where there are no transactions, or these name no products.
    """
    if "product_id" not in tables.columns("transactions"):
        raise LabError(
            "The transactions have no column 'product_id', so what was bought together is not known.",
            "Add it: lab data import transactions FILE. Or name a `table:` of baskets.",
            key="data",
        )
    return tables.query(sql_of(read_query("order_items")), {"until": utc_instant(until)})


def read_basket_lines(path: Path) -> pa.Table:
    """basket (the line's number, from 1) and item, from a file with one basket a line, items between commas.

    There is no header. Blanks around an item, and lines and items without a letter, count for nothing.
    Raises LabError for a file that is missing, no UTF-8 text, or without an item.
    """
    packed = check_readable(path).startswith(_GZIP)
    basket, item = [], []
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if packed
            else path.open(encoding="utf-8-sig", newline="") as file
        ):
            for number, line in enumerate(csv.reader(file, skipinitialspace=True), start=1):
                found = [name for name in (cell.strip() for cell in line) if name]
                basket += [str(number)] * len(found)
                item += found
    except (UnicodeDecodeError, csv.Error, OSError, EOFError) as error:
        raise LabError(
            "The file cannot be read as text with one basket a line.",
            "Save it as UTF-8, items between commas; or name the columns of a table with `layout: rows`.",
            file=path,
        ) from error
    if not item:
        raise LabError(
            "The file holds no item.", "Provide one basket a line, items between commas.", file=path
        )
    return pa.table({"basket": basket, "item": item})
