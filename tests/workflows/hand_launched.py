"""A small project with a launch written by hand: quick to make, and everything about it is known."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.config.loading import read_project
from retention_lab.data.assignments import write_launch
from retention_lab.workflows.launch_campaign import launched_plan
from retention_lab.workflows.plan_files import PlannedRows, write_plan
from retention_lab.workflows.project import Lab

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
LAUNCH = "may-2026-03-01"
OFFERS = ("coupon", "text")
DEFINITION = """\
kind: campaign
audience: {audience}
offers: [coupon, text]
policy: {{uplift: any-model}}
export: {export}
"""


def hand_launched(
    folder: Path,
    customers: Sequence[dict[str, Any]],
    *,
    export: str = "{to: generic}",
    audience: str = "{}",
    settings: str = "",
    suppressions: pa.Table | None = None,
    assigned_at: datetime = AS_OF,
) -> Lab:
    """customers: rows of the table, with `arm` and `role` beside; who has no arm was not in the launch."""
    (folder / "campaigns").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "lab.yaml").write_text(f"name: shop\n{settings}")
    (folder / "campaigns" / "may.yaml").write_text(DEFINITION.format(audience=audience, export=export))
    lab = Lab(read_project(folder))
    _tables(folder / "data", customers, suppressions)
    _launch(lab, [one for one in customers if one.get("arm")], assigned_at)
    return lab


def _tables(data: Path, customers: Sequence[dict[str, Any]], suppressions: pa.Table | None) -> None:
    names = [name for name in customers[0] if name not in ("arm", "role")]
    signup = pa.array([datetime(2025, 1, 1)] * len(customers), pa.timestamp("us"))
    columns = {name: [one.get(name) for one in customers] for name in names}
    pq.write_table(pa.table({**columns, "signup_at": signup}), data / "customers.parquet")
    orders = {
        "order_id": ["1"],
        "customer_id": [customers[0]["customer_id"]],
        "ordered_at": pa.array([datetime(2026, 2, 28)], pa.timestamp("us")),
        "amount": [10.0],
        "contribution": [3.0],
    }
    pq.write_table(pa.table(orders), data / "transactions.parquet")
    offers = {
        "offer_id": list(OFFERS),
        "kind": ["coupon", "message"],
        "channel": ["email", "sms"],
        "cost_per_contact": [0.1, 0.2],
    }
    pq.write_table(pa.table(offers), data / "offers.parquet")
    if suppressions is not None:
        pq.write_table(suppressions, data / "suppressions.parquet")


def _launch(lab: Lab, rows: Sequence[dict[str, Any]], assigned_at: datetime) -> None:
    arms = ("none", *OFFERS)
    n = len(rows)
    ids = [one["customer_id"] for one in rows]
    share = np.full((n, len(arms)), 1 / len(arms))
    planned = PlannedRows(
        np.array(ids), OFFERS, np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n), share, np.full(n, 0.5)
    )
    facts = {
        "as_of": assigned_at.isoformat(),
        "flat": False,
        "model": None,
        "model_version": "7",
        "budget": None,
        "notes": ["A note of the plan."],
        "horizon_days": 30,
    }
    path = write_plan(lab, "may", assigned_at, planned, facts)
    experiment = f"may-{assigned_at:%Y-%m-%d}"
    kept = launched_plan(lab, "may", experiment)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(path.read_bytes())
    at = assigned_at.replace(tzinfo=None)
    assignments = pa.table(
        {
            "experiment": [experiment] * n,
            "customer_id": ids,
            "arm": [one["arm"] for one in rows],
            "propensity": [1 / len(arms)] * n,
            "assigned_at": pa.array([at] * n, pa.timestamp("us")),
            "role": [one["role"] for one in rows],
            "intended_arm": ["none"] * n,
        }
    )
    propensities = pa.table(
        {
            "experiment": [experiment] * (n * len(arms)),
            "customer_id": [customer for customer in ids for _ in arms],
            "arm": list(arms) * n,
            "propensity": [1 / len(arms)] * (n * len(arms)),
        }
    )
    write_launch(lab.folder, experiment, assignments, propensities)
