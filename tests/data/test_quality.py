from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.connect import open_tables
from retention_lab.data.quality import Quality, check_tables
from retention_lab.data.schema import TABLES

NOW = datetime(2026, 11, 1, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
N = 200


def times(rows: int, first_day: int = 0) -> list[datetime]:
    return [START + timedelta(days=first_day + i % 120) for i in range(rows)]


def good_tables() -> dict[str, dict[str, list[Any]]]:
    ids = [f"c{i}" for i in range(N)]
    arms = ["coupon" if i % 2 else "none" for i in range(N)]
    assignments: dict[str, list[Any]] = {
        "experiment": ["e"] * N,
        "customer_id": list(ids),
        "arm": arms,
        "propensity": [0.4 if arm == "coupon" else 0.6 for arm in arms],
        "assigned_at": times(N),
        "role": ["exploration"] * N,
        "intended_arm": ["none"] * N,
    }
    return {
        "customers": {"customer_id": list(ids), "signup_at": [START] * N, "consent_email": [True] * N},
        "transactions": {
            "order_id": [f"o{i}" for i in range(N)],
            "customer_id": list(ids),
            "ordered_at": times(N),
            "amount": [10.0 + i for i in range(N)],
        },
        "offers": {
            "offer_id": ["coupon"],
            "kind": ["coupon"],
            "channel": ["email"],
            "cost_per_contact": [0.1],
        },
        "assignments": assignments,
        "propensities": {
            "experiment": ["e"] * (2 * N),
            "customer_id": ids * 2,
            "arm": ["none"] * N + ["coupon"] * N,
            "propensity": [0.6] * N + [0.4] * N,
        },
        "products": {"product_id": ["p1"], "price": [2.5]},
        "events": {"customer_id": list(ids), "at": times(N), "kind": ["visit"] * N},
        "feedback": {"customer_id": ["c1"], "at": [START], "text": ["fine"]},
        "feedback_tone": {"customer_id": ["c1"], "at": [START], "tone": [0.9]},
        "suppressions": {"customer_id": ["c2", None], "email": [None, "a@example.org"]},
        "subscriptions": {"customer_id": list(ids), "started_at": [START] * N, "ended_at": [None] * N},
        "redemptions": {
            "experiment": ["e"],
            "customer_id": ["c1"],
            "offer_id": ["coupon"],
            "redeemed_at": [START + timedelta(days=3)],
        },
    }


def quality(folder: Path, tables: dict[str, dict[str, list[Any]]]) -> Quality:
    (folder / "data").mkdir(exist_ok=True)
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / "data" / f"{name}.parquet")
    with open_tables("data", folder, margin_share=0.3, now=NOW) as opened:
        return check_tables(opened)


def failed(found: Quality) -> dict[str, str]:
    return {check["name"]: check["severity"] for check in found.checks if check["passed"] is False}


def test_good_tables_pass_every_check(tmp_path: Path) -> None:
    found = quality(tmp_path, good_tables())
    assert failed(found) == {}
    assert found.passed
    assert found.tables["transactions"] == {
        "rows": N,
        "without_customer": 0,
        "duplicates": 0,
        "missing": {},
        "first": "2026-01-01T00:00:00Z",
        "last": "2026-04-30T00:00:00Z",
    }


def change(table: str, column: str, values: dict[int, Any]) -> dict[str, dict[str, list[Any]]]:
    tables = good_tables()
    cells = tables[table][column]
    for row, value in values.items():
        cells[row] = value
    return tables


TEN = range(10)  # of 200 rows: 5 %


@pytest.mark.parametrize(
    ("table", "column", "values", "check", "severity"),
    [
        ("customers", "customer_id", {0: "c1"}, "customers.unique", "hard"),
        ("customers", "customer_id", {0: None}, "customers.missing", "hard"),
        ("customers", "signup_at", dict.fromkeys(TEN), "customers.missing", "soft"),
        ("transactions", "ordered_at", dict.fromkeys(TEN), "transactions.missing", "soft"),
        ("transactions", "customer_id", dict.fromkeys(TEN, "nobody"), "transactions.customers", "soft"),
        ("transactions", "customer_id", dict.fromkeys(range(N), "x"), "transactions.customers", "hard"),
        ("transactions", "amount", {3: -5.0}, "transactions.returns", "soft"),
        ("transactions", "amount", {3: 1e8}, "transactions.amounts", "soft"),
        ("transactions", "ordered_at", {0: START + timedelta(days=200)}, "transactions.gap", "soft"),
        ("transactions", "ordered_at", dict.fromkeys(range(N), START), "transactions.span", "soft"),
        (
            "customers",
            "signup_at",
            dict.fromkeys(range(100, 110), START + timedelta(days=300)),
            "transactions.before_signup",
            "soft",
        ),
        (
            "subscriptions",
            "ended_at",
            dict.fromkeys(TEN, START - timedelta(days=1)),
            "subscriptions.order",
            "soft",
        ),
        ("redemptions", "experiment", {0: "other"}, "redemptions.assigned", "soft"),
        ("offers", "offer_id", {0: "other"}, "assignments.offers", "soft"),
        ("assignments", "propensity", {0: 0.0}, "assignments.propensity", "hard"),
        ("assignments", "propensity", {0: None}, "assignments.known_propensity", "soft"),
        ("assignments", "propensity", {0: 0.5}, "propensities.drawn", "hard"),
        ("assignments", "role", {0: "chosen"}, "assignments.role", "hard"),
        ("assignments", "role", {1: "holdout"}, "assignments.holdout", "hard"),
        ("propensities", "propensity", {0: 0.5}, "propensities.sum", "hard"),
    ],
)
def test_what_is_wrong_is_found(
    tmp_path: Path, table: str, column: str, values: dict[int, Any], check: str, severity: str
) -> None:
    found = quality(tmp_path, change(table, column, values))
    assert failed(found).get(check) == severity
    assert found.passed == ("hard" not in failed(found).values())


def test_every_table_of_the_contract_can_be_checked(tmp_path: Path) -> None:
    assert set(quality(tmp_path, good_tables()).tables) == set(TABLES)


def test_order_lines_that_are_equal_are_counted(tmp_path: Path) -> None:
    tables = good_tables()
    tables["transactions"] = {name: values + values[:20] for name, values in tables["transactions"].items()}
    found = quality(tmp_path, tables)
    assert found.tables["transactions"]["duplicates"] == 20
    assert failed(found) == {"transactions.duplicates": "soft"}


def test_a_project_that_tracks_no_consent_hears_of_it(tmp_path: Path) -> None:
    tables = good_tables()
    del tables["customers"]["consent_email"]
    assert failed(quality(tmp_path, tables)) == {"customers.consent": "soft"}


def test_tables_alone_are_checked_as_far_as_that_goes(tmp_path: Path) -> None:
    found = quality(tmp_path, {"customers": good_tables()["customers"]})
    assert list(found.tables) == ["customers"]
    assert found.tables["customers"]["without_customer"] == 0
