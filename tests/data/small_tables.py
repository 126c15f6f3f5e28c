"""Small random tables of a retailer, opened from files as a project's are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.data.connect import Tables, open_tables

START = datetime(2025, 1, 1)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def open_small(folder: Path, tables: Mapping[str, pa.Table], **settings: Any) -> Tables:
    """Write the tables as Parquet and open them; times are read as they stand, in UTC."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, data / f"{name}.parquet")
    return open_tables("data", folder, now=NOW, **settings)


def times(rng: np.random.Generator, rows: int, days: float) -> pa.Array:
    micros = rng.integers(0, int(days * 86400e6), rows)
    return pa.array(np.datetime64(START, "us") + micros.astype("timedelta64[us]"), pa.timestamp("us"))


def random_tables(customers: int = 60, seed: int = 1, days: float = 500) -> dict[str, pa.Table]:
    """Every table of the contract that a snapshot reads; lines average 20 a customer, events 50."""
    rng = np.random.default_rng(seed)
    further = np.random.default_rng([seed, 1])  # columns that came later leave the others as they were
    ids = np.array([f"c{i:06d}" for i in range(customers)])

    def some(rows: int) -> pa.Array:
        return pa.array(rng.choice(ids, rows))

    lines, events = customers * 20, customers * 50
    amount = np.round(np.where(rng.random(lines) < 0.08, -1, 1) * rng.gamma(2, 12, lines), 2)
    return {
        "customers": pa.table(
            {
                "customer_id": ids,
                "signup_at": times(rng, customers, days),
                "acquisition_cost": np.round(rng.gamma(2, 5, customers), 2),
                "birth_year": rng.integers(1940, 2005, customers),
                "region": rng.choice(["north", "south"], customers),
                "consent_email": rng.random(customers) < 0.8,
                "referred_by": pa.array(rng.choice(ids, customers), mask=rng.random(customers) < 0.7),
                "shoe size": rng.integers(35, 47, customers),
            }
        ),
        "transactions": pa.table(
            {
                "order_id": np.char.add("o", rng.integers(0, lines // 2, lines).astype(str)),
                "customer_id": some(lines),
                "ordered_at": times(rng, lines, days),
                "amount": amount,
                "contribution": np.round(amount * 0.37, 4),
                "discount": np.round(rng.gamma(1, 1, lines), 2),
                "product_id": np.char.add("p", rng.integers(0, 40, lines).astype(str)),
                "offer_id": pa.array(rng.choice(["coupon", "points"], lines), mask=rng.random(lines) < 0.9),
                "channel": further.choice(["shop", "web"], lines),
            }
        ),
        "products": pa.table(
            {
                "product_id": [f"p{i}" for i in range(40)],
                "category": [f"k{i % 7}" if i % 9 else None for i in range(40)],
            }
        ),
        "events": pa.table(
            {
                "customer_id": some(events),
                "at": times(rng, events, days),
                "kind": rng.choice(["visit", "view", "cart"], events),
                "product_id": np.char.add("p", further.integers(0, 40, events).astype(str)),
                "channel": further.choice(["app", "email", "web"], events),
                "session_id": np.char.add("s", further.integers(0, events // 3, events).astype(str)),
            }
        ),
        "feedback": pa.table(
            {
                "customer_id": some(customers),
                "at": times(rng, customers, days),
                "text": ["fine"] * customers,
                "score": pa.array(rng.integers(1, 6, customers) / 3, mask=rng.random(customers) < 0.2),
            }
        ),
        "feedback_tone": _tones(rng, ids, days),
        "subscriptions": _subscriptions(rng, some(customers // 2), days),
        "assignments": pa.table(
            {
                "experiment": rng.choice(["spring", "summer"], customers),
                "customer_id": ids,
                "arm": rng.choice(["none", "coupon", "points"], customers),
                "propensity": np.full(customers, 1 / 3),
                "assigned_at": times(rng, customers, days),
                "role": ["exploration"] * customers,
                "intended_arm": pa.nulls(customers, pa.string()),
            }
        ),
        "offers": pa.table(
            {
                "offer_id": ["none", "coupon", "points"],
                "kind": ["none", "coupon", "points"],
                "channel": ["none", "email", "email"],
                "cost_per_contact": [0.0, 0.1, 0.2],
                "cost_per_redemption": [0.0, 0.0, 3.0],
            }
        ),
        "redemptions": pa.table(
            {
                "experiment": pa.nulls(customers // 3, pa.string()),
                "customer_id": some(customers // 3),
                "offer_id": ["coupon"] * (customers // 3),
                "redeemed_at": times(rng, customers // 3, days),
            }
        ),
    }


def _tones(rng: np.random.Generator, ids: pa.Array, days: float) -> pa.Table:
    """Its draws are its own, so that the other tables stay as they are."""
    own = np.random.default_rng(int(rng.bit_generator.state["state"]["state"] % 2**32))
    n = 3 * len(ids)
    return pa.table(
        {
            "customer_id": ids.take(pa.array(own.integers(0, len(ids), n))),
            "at": times(own, n, days),
            "tone": own.random(n),
            "topic": own.choice(["price", "service"], n),
        }
    )


def _subscriptions(rng: np.random.Generator, ids: pa.Array, days: float) -> pa.Table:
    started = times(rng, len(ids), days)
    ends = started.to_numpy(zero_copy_only=False) + rng.integers(1, 300, len(ids)).astype("timedelta64[D]")
    return pa.table(
        {
            "customer_id": ids,
            "started_at": started,
            "ended_at": pa.array(ends, pa.timestamp("us"), mask=rng.random(len(ids)) < 0.5),
            "monthly_fee": np.round(rng.gamma(3, 3, len(ids)), 2),
            "plan": np.random.default_rng(len(ids)).choice(["basic", "full"], len(ids)),
        }
    )


def day(number: float) -> datetime:
    """An instant, so many days after the start of the tables."""
    return (START + timedelta(days=number)).replace(tzinfo=UTC)
