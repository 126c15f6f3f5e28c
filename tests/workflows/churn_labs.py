"""Labs with a churn model: a flat file whose risks are known, and a shop with orders over a year."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from scipy.special import expit

from retention_lab.workflows.project import Lab
from tests.config.labs import lab_in

LEAVE = """\
kind: churn
table: telco.csv
id: customer
label: {column: churn, positive: "Yes"}
models: [logistic, lightgbm, hazard]
duration: tenure
changeable: [calls, contract]
profit: {clv: {column: fee, times: 12}, contact_cost: 1, incentive: 10, acceptance: 0.3}
"""


def customers(rows: int = 4000, seed: int = 1) -> pa.Table:
    """Those with a monthly contract, many calls and a short tenure leave."""
    rng = np.random.default_rng(seed)
    calls, tenure = rng.poisson(2, rows), rng.integers(1, 60, rows)
    monthly = rng.random(rows) < 0.5
    fee = np.round(rng.uniform(20, 100, rows), 2)
    risk = expit(-2.2 + 0.5 * calls + 1.2 * monthly - 0.04 * tenure)
    left = rng.random(rows) < risk
    return pa.table(
        {
            "customer": [f"c{i:05d}" for i in range(rows)],
            "calls": calls,
            "tenure": tenure,
            "contract": np.where(monthly, "monthly", "yearly").tolist(),
            "fee": fee,
            "churn": np.where(left, "Yes", "No").tolist(),
        }
    )


def churn_lab(folder: Path, table: pa.Table | None = None, **definitions: str) -> Lab:
    """A lab with the flat file and, unless others are given, the definition `leave`."""
    pa_csv.write_csv(customers() if table is None else table, folder / "telco.csv")
    return Lab(lab_in(folder, **(definitions or {"leave": LEAVE})))


def shop(folder: Path, **definitions: str) -> Lab:
    """A lab over a table of orders: 600 customers, half of whom stop for good at a moment of their own."""
    rng = np.random.default_rng(3)
    start, ids, times = datetime(2025, 1, 1), [], []
    for i in range(600):
        stops = rng.uniform(100, 500) if i % 2 else 500.0
        days = np.cumsum(rng.exponential(12 + 10 * (i % 3), 60)) + rng.uniform(0, 40)
        for day in days[days < min(stops, 360)]:
            ids.append(f"c{i:04d}")
            times.append(start + timedelta(days=float(day)))
    orders = pa.table(
        {
            "order_id": [f"o{i}" for i in range(len(ids))],
            "customer_id": ids,
            "ordered_at": pa.array(times, pa.timestamp("us")),
            "amount": np.round(rng.lognormal(3, 0.5, len(ids)), 2),
        }
    )
    (folder / "data").mkdir(exist_ok=True)
    pa_csv.write_csv(orders, folder / "data" / "transactions.csv")
    return Lab(lab_in(folder, **definitions))
