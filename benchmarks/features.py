"""Snapshots of many customers: one cut-off and six, beside pandas."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

TITLE = "Snapshots"
NOTE = """\
20,000,000 order lines of 8,000,000 orders over two years, 840,000 customers of unequal zeal, one line in
twenty returned; one Parquet file in the order of time. Each row is one process with one thread, run
once; opening the tables is counted, imports are not, and memory is the process's whole peak. Core
windows: recency, tenure, order lines and revenue over 7, 30, 90, 180, 365 days and so far, mean value,
returns. With orders and days: also orders and distinct days with an order (by the shop's calendar) over
windows. Six cut-offs are 30 days apart, each table let go before the next is made."""
BESIDE = ("pandas",)
LINES, CUSTOMERS = 20_000_000, 840_000
CORE = [
    "tenure_days",
    "last_line_days",
    "mean_line_value",
    "return_share",
    "lines",
    "revenue",
    *(f"{name}_{days}" for name in ("lines", "revenue") for days in (7, 30, 90, 180, 365)),
]
DAYS = [
    "recency_days",
    "mean_order_value",
    "orders",
    "order_days",
    *(f"orders_{days}" for days in (7, 30, 90, 180, 365)),
    *(f"order_days_{days}" for days in (30, 90, 365)),
]
MEASURED = """
import json, os, sys, time
from datetime import UTC, datetime, timedelta
wanted = json.loads(sys.argv[2])
folder, last = sys.argv[1], datetime(2026, 1, 1, tzinfo=UTC)
{imports}
start, clock = os.times(), time.perf_counter()
{code}
used, wall = os.times(), time.perf_counter() - clock
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps([used.user + used.system - start.user - start.system, wall, int(peak) / 1024]))
"""
OURS = """
from pathlib import Path
from retention_lab.data import line_loops, text_code_loops  # load the compiler, or the first snapshot does
from retention_lab.data.connect import open_tables
from retention_lab.data.snapshot import snapshots
# begins
moments = [last - timedelta(days=30 * i) for i in range(wanted["cutoffs"])]
with open_tables("data", Path(folder), timezone="Asia/Shanghai", threads=1) as tables:
    for table in snapshots(tables, moments, wanted["columns"]):
        rows = table.num_rows
        del table  # as if it were written, before the next is made
"""
PANDAS = """
import pandas as pd
# begins
lines = pd.read_parquet(folder + "/data/transactions.parquet")
end = last.replace(tzinfo=None)
lines = lines[lines["ordered_at"] < end]
lines["amount"] = lines["amount"].astype("float64")
lines["sold"] = lines["amount"] > 0
lines["paid"] = lines["amount"].where(lines["sold"], 0.0)
by = {"sold": "sum", "amount": "sum", "paid": "sum"}
parts = [lines.groupby("customer_id").agg(by)]
for days in (7, 30, 90, 180, 365):
    recent = lines[lines["ordered_at"] >= end - timedelta(days=days)]
    parts.append(recent.groupby("customer_id")[["sold", "amount"]].sum().add_suffix(f"_{days}"))
sold = lines[lines["sold"]]
parts.append(sold.groupby("customer_id")["ordered_at"].agg(["min", "max"]))
if wanted["columns"]:
    placed = sold.groupby(["customer_id", "order_id"])["ordered_at"].min().reset_index()
    placed["day"] = (placed["ordered_at"] + timedelta(hours=8)).dt.floor("D")
    for days in (7, 30, 90, 180, 365, 10_000):
        recent = placed[placed["ordered_at"] >= end - timedelta(days=days)].groupby("customer_id")
        parts += [recent.size().rename(f"orders_{days}"), recent["day"].nunique().rename(f"days_{days}")]
table = pd.concat(parts, axis=1)
"""


def table() -> list[list[str]]:
    """Rows of what, CPU s, wall s, peak MiB; the first row is the head."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_lines(folder, LINES, CUSTOMERS)
        rows = [["what", "CPU s", "wall s", "peak MiB"]]
        for name, code, columns, cutoffs in (
            ("core windows", OURS, CORE, 1),
            ("with orders and days", OURS, [*CORE, *DAYS], 1),
            ("every column", OURS, None, 1),
            ("core windows, six cut-offs", OURS, CORE, 6),
            ("with orders and days, six cut-offs", OURS, [*CORE, *DAYS], 6),
            ("pandas, core windows", PANDAS, [], 1),
            ("pandas, with orders and days", PANDAS, DAYS, 1),
        ):
            print(name, file=sys.stderr)
            rows.append([name, *measured(folder, code, columns, cutoffs)])
    return rows


def write_lines(folder: Path, lines: int, customers: int) -> None:
    """data/transactions.parquet: five lines make two orders; who orders is drawn with unequal chances."""
    (folder / "data").mkdir()
    duckdb.sql(f"""
        COPY (
          WITH numbered AS (SELECT i, (i // 5) * 2 + (i % 5 >= 2)::BIGINT AS o FROM range({lines}) AS t(i)),
          placed AS (
            SELECT
              i,
              o,
              floor({customers} * power(hash(o) % 1000003 / 1000003, 1.5))::BIGINT AS customer,
              TIMESTAMP '2024-01-01' + to_microseconds((hash(o + 7) % 63072000000000)::BIGINT) AS moment,
              hash(i + 3) % 20 = 0 AS back
            FROM numbered
          )
          SELECT
            'o' || lpad(o::VARCHAR, 8, '0') AS order_id,
            'c' || lpad(customer::VARCHAR, 7, '0') AS customer_id,
            CASE WHEN back THEN moment + INTERVAL 9 DAY ELSE moment END AS ordered_at,
            ((CASE WHEN back THEN -1 ELSE 1 END) * (1 + hash(i + 5) % 8000 / 100))::DECIMAL(18, 4) AS amount
          FROM placed
          ORDER BY moment
        ) TO '{folder / "data" / "transactions.parquet"}' (FORMAT parquet)
    """)


def measured(folder: Path, code: str, columns: list[str] | None, cutoffs: int) -> list[str]:
    wanted = json.dumps({"columns": columns, "cutoffs": cutoffs})
    imports, _, body = code.strip().partition("# begins\n")
    script = MEASURED.format(imports=imports, code=body)
    command = [sys.executable, "-c", script, str(folder), wanted]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    cpu, wall, peak = json.loads(done.stdout.splitlines()[-1])
    return [f"{cpu:.1f}", f"{wall:.1f}", f"{peak:,.0f}"]
