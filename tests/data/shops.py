"""A small project with a table of customers and one of orders, for the tests of tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.data.connect import Tables, open_tables

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CUSTOMERS = "customer_id,signup_at,consent_email,shoe size\n001,2026-01-01,true,43\n002,2026-01-02,false,\n"
LINES = (
    "order_id,customer_id,ordered_at,amount,discount\n"
    "1,001,2026-07-01T00:00:00,10.50,1\n1,001,2026-07-01T00:00:00,4.50,\n2,002,2026-01-02,-3,\n"
)


def project(folder: Path, **tables: str | pa.Table) -> Path:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, content in ({"customers": CUSTOMERS, "transactions": LINES} | tables).items():
        if isinstance(content, str):
            (data / f"{name}.csv").write_text(content)
        else:
            pq.write_table(content, data / f"{name}.parquet")
    return folder


def opened(folder: Path, **settings: Any) -> Tables:
    return open_tables("data/", folder, **({"now": NOW} | settings))


def lines(**columns: list[Any]) -> pa.Table:
    whole = {
        "order_id": ["1", "2"],
        "customer_id": ["001", "002"],
        "ordered_at": [datetime(2026, 1, 1), datetime(2026, 1, 2)],
        "amount": [1.0, 2.0],
    }
    return pa.table(whole | columns)


def with_lines(folder: Path, table: pa.Table) -> Path:
    project(folder, transactions=table)
    (folder / "data" / "transactions.csv").unlink(missing_ok=True)
    return folder
