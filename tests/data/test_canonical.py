from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from retention_lab.errors import LabError
from tests.data.shops import NOW, lines, opened, project, with_lines


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-07-01", datetime(2026, 6, 30, 22)),
        ("2026-01-01", datetime(2025, 12, 31, 23)),
        ("2026-07-01T12:30:00", datetime(2026, 7, 1, 10, 30)),
        ("2026-07-01T12:30:00Z", datetime(2026, 7, 1, 12, 30)),
        ("2026-07-01 12:30:00.25 +05:30", datetime(2026, 7, 1, 7, 0, 0, 250_000)),
    ],
)
def test_times_become_utc_from_their_own_zone_or_the_projects(
    tmp_path: Path, written: str, instant: datetime
) -> None:
    as_csv = f"order_id,customer_id,ordered_at,amount\n1,001,{written},1\n"
    as_text = pa.table({"order_id": ["1"], "customer_id": ["001"], "ordered_at": [written], "amount": [1.0]})
    for folder in (project(tmp_path / "a", transactions=as_csv), with_lines(tmp_path / "b", as_text)):
        with opened(folder, timezone="Europe/Berlin") as tables:
            assert tables.query("SELECT ordered_at FROM transactions").to_pylist() == [
                {"ordered_at": instant}
            ]
            assert tables.data_end() == instant.replace(tzinfo=UTC)


def text_lines(**columns: str) -> str:
    row = {"order_id": "1", "customer_id": "001", "ordered_at": "2026-01-01", "amount": "1"} | columns
    good = "1,001,2026-01-01,1" + ",x" * (len(row) - 4)
    return f"{','.join(row)}\n{good}\n{','.join(row.values())}\n"


WRONG: dict[str, tuple[Mapping[str, str | pa.Table], str]] = {
    "missing column": (
        {"transactions": "order_id,customer_id,ordered_at,amout\n1,001,2026-01-01,1\n"},
        r"transactions\.csv.*no column 'amount'.*Did you mean 'amout'",
    ),
    "text as money": ({"transactions": text_lines(amount="ten")}, r"'amount'.*numbers; 1 rows.*row 2 first"),
    "text as time": ({"transactions": text_lines(ordered_at="01.02.2026")}, r"'ordered_at'.*row 2 first"),
    "no such day": ({"transactions": text_lines(ordered_at="2026-02-30")}, r"'ordered_at'.*row 2 first"),
    "numbers as time": (
        {"transactions": "order_id,customer_id,ordered_at,amount\n1,001,20260101,1\n"},
        r"'ordered_at'.*type BIGINT",
    ),
    "future": ({"transactions": text_lines(ordered_at="2027-01-01")}, "1 rows whose ordered_at .* future"),
    "mixed zones": ({"transactions": text_lines(ordered_at="2026-01-01T00:00Z")}, "1 times with a zone"),
    "no boolean": (
        {"customers": "customer_id,signup_at,consent_email\n1,2026-01-01,perhaps\n"},
        "true or false; 1 rows",
    ),
    "wrong delimiter": ({"events": "customer_id:at:kind\n1:2026-01-01:x\n"}, "one column"),
    "zero bytes": ({"feedback": ""}, "0 bytes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_tables_are_refused_by_name_with_the_row(tmp_path: Path, name: str) -> None:
    tables, found = WRONG[name]
    project(tmp_path, **tables)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(LabError, match=f"(?s){found}") as refused:
        opened(tmp_path)
    assert refused.value.exit_code == 3
    assert refused.value.file is not None
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


WRONG_PARQUET: dict[str, tuple[pa.Table, str]] = {
    "infinite": (lines(amount=[1.0, float("inf")]), r"finite numbers; 1 rows.*row 2"),
    "too large": (lines(amount=[1.0, 1e17]), r"finite numbers; 1 rows.*row 2"),
    "text as money": (lines(amount=["1.5", "2,5"]), r"numbers; 1 rows.*row 2 first \(type VARCHAR"),
    "mixed zones": (
        lines(ordered_at=["2026-01-01T00:00Z", "2026-01-01"]),
        "1 times with a zone and 1 without",
    ),
    "text as time": (lines(ordered_at=["2026-01-01", "yesterday"]), "row 2 first"),
    "yes as time": (lines(ordered_at=[True, False]), "type BOOLEAN"),
}


@pytest.mark.parametrize("name", WRONG_PARQUET)
def test_wrong_parquet_columns_are_refused_with_the_row(tmp_path: Path, name: str) -> None:
    table, found = WRONG_PARQUET[name]
    with pytest.raises(LabError, match=found):
        opened(with_lines(tmp_path, table))


def test_subscriptions_may_end_in_the_future(tmp_path: Path) -> None:
    running = "customer_id,started_at,ended_at\n001,2026-01-01,2030-01-01\n"
    with opened(project(tmp_path, subscriptions=running)) as tables:
        assert tables.query("SELECT ended_at FROM subscriptions").column(0).to_pylist()[0].year == 2030


def test_names_are_mapped_and_case_does_not_matter(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "data" / "transactions.csv").unlink()
    (tmp_path / "data" / "orders.csv").write_text(
        "Order_ID;Customer_Id;ordered_at;total_eur;amount\n1;001;2026-01-01;2,50;ignored\n"
    )
    settings = {
        "tables": {"transactions": "orders.csv"},
        "columns": {"transactions": {"amount": "total_eur"}, "customers": {"size": "shoe size"}},
    }
    with opened(tmp_path, **settings) as tables:
        assert tables.query("SELECT amount FROM transactions").to_pylist() == [{"amount": 2.5}]
        assert tables.columns("customers")[-1] == "size"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Honolulu", "Pacific/Auckland"])
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_time_in_the_future_is_refused_to_the_second_in_every_zone(
    tmp_path: Path, zone: str, seconds: int
) -> None:
    """A Parquet file says when its last time is; that is enough only where no zone could make it later."""
    ahead = (NOW + timedelta(days=1, seconds=seconds)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    table = pa.table({"order_id": ["1"], "customer_id": ["a"], "ordered_at": [ahead], "amount": [1.0]})
    folder = with_lines(tmp_path, table)
    if seconds > 0:
        with pytest.raises(LabError, match="1 rows whose ordered_at lies in the future"):
            opened(folder, timezone=zone)
    else:
        with opened(folder, timezone=zone) as tables:
            assert tables.data_end() == NOW + timedelta(days=1, seconds=seconds)


def test_a_time_without_end_is_in_the_future(tmp_path: Path) -> None:
    times = pa.array([0, 2**63 - 1], pa.timestamp("us"))  # as DuckDB writes infinity
    table = pa.table({"order_id": ["1", "2"], "customer_id": ["a", "a"], "ordered_at": times})
    folder = with_lines(tmp_path, table.append_column("amount", pa.array([1.0, 1.0])))
    for zone in ("UTC", "Europe/Berlin"):
        with pytest.raises(LabError, match="1 rows whose ordered_at lies in the future"):
            opened(folder, timezone=zone)
