from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.data.connect import Tables, open_tables
from retention_lab.data.write import write_table
from retention_lab.errors import LabError

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


def test_csv_tables_become_views_with_the_types_of_the_contract(tmp_path: Path) -> None:
    with opened(project(tmp_path)) as tables:
        assert tables.has("customers")
        assert not tables.has("events")
        assert tables.columns("customers") == ["customer_id", "signup_at", "consent_email", "shoe size"]
        described = {row[0]: row[1] for row in tables.connection.execute("DESCRIBE transactions").fetchall()}
        assert described == {
            "order_id": "VARCHAR",
            "customer_id": "VARCHAR",
            "ordered_at": "TIMESTAMP",
            "amount": "DECIMAL(18,4)",
            "discount": "DECIMAL(18,4)",
        }
        assert tables.query("SELECT customer_id, consent_email FROM customers").to_pylist() == [
            {"customer_id": "001", "consent_email": True},
            {"customer_id": "002", "consent_email": False},
        ]


def test_parquet_csv_and_database_give_the_same_tables(tmp_path: Path) -> None:
    with opened(project(tmp_path), timezone="Europe/Berlin") as tables:
        wanted = tables.query("SELECT * FROM transactions ORDER BY ALL")
    local = pa.table(
        {
            "order_id": [1.0, 1.0, 2.0],
            "customer_id": ["001", "001", "002"],
            "ordered_at": [datetime(2026, 7, 1), datetime(2026, 7, 1), datetime(2026, 1, 2)],
            "amount": [10.5, 4.5, -3.0],
            "discount": [1.0, float("nan"), None],
        }
    )
    with opened(with_lines(tmp_path / "parquet", local), timezone="Europe/Berlin") as tables:
        assert tables.query("SELECT * FROM transactions ORDER BY ALL").equals(wanted)
    with duckdb.connect(str(tmp_path / "shop.db")) as database:
        database.register("local", local)
        database.execute("CREATE TABLE orders AS FROM local")
    for source in ("shop.db", "duckdb://shop.db"):
        with open_tables(
            source, tmp_path, tables={"transactions": "orders"}, timezone="Europe/Berlin", now=NOW
        ) as tables:
            assert tables.query("SELECT * FROM transactions ORDER BY ALL").equals(wanted)
            with pytest.raises(duckdb.Error, match="read-only"):
                tables.connection.execute("DELETE FROM source.orders")


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


def test_contribution_is_given_or_follows_from_the_margin_share(tmp_path: Path) -> None:
    with opened(project(tmp_path), margin_share=0.4) as tables:
        found = tables.query("SELECT contribution FROM order_lines ORDER BY amount DESC")
        assert found.column(0).to_pylist() == [pytest.approx(11.5 * 0.4 - 1), 1.8, -1.2]
        assert tables.without_contribution is None
    given = with_lines(tmp_path / "given", lines(contribution=[0.7, None]))
    with opened(given, margin_share=0.5) as tables:
        found = tables.query("SELECT contribution FROM order_lines ORDER BY ordered_at")
        assert found.column(0).to_pylist() == [0.7, 1.0]


def test_unknown_contribution_is_refused_on_use_and_not_before(tmp_path: Path) -> None:
    for table in (lines(), lines(contribution=[0.7, None])):
        with opened(with_lines(tmp_path, table)) as tables:
            assert tables.query("SELECT count(*) AS n FROM order_lines").to_pylist() == [{"n": 2}]
            with pytest.raises(LabError, match="margin_share") as refused:
                tables.query("SELECT sum(contribution) FROM order_lines")
            assert refused.value.key == "margin_share"
    with opened(with_lines(tmp_path, lines())) as tables, pytest.raises(LabError, match="margin_share"):
        tables.query("SELECT * FROM order_lines")


def test_sums_of_money_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    amounts = [0.1, 1e9, 0.2, -1e9] * 500
    table = pa.table(
        {
            "order_id": [str(i) for i in range(2000)],
            "customer_id": ["001"] * 2000,
            "ordered_at": [datetime(2026, 1, 1)] * 2000,
            "amount": amounts,
        }
    )
    with opened(with_lines(tmp_path, table), threads=2) as tables:
        assert tables.query("SELECT sum(amount) AS s FROM transactions").to_pylist() == [{"s": 150.0}]


def test_aware_times_as_parameters_are_compared_in_utc(tmp_path: Path) -> None:
    berlin_midnight = datetime.fromisoformat("2026-07-01T00:00:00+02:00")
    sql = "SELECT count(*) AS n FROM transactions WHERE ordered_at < $as_of"
    with opened(project(tmp_path), timezone="Europe/Berlin") as tables:
        assert tables.query(sql, {"as_of": berlin_midnight}).to_pylist() == [{"n": 1}]


def launch(folder: Path, name: str, *, with_assignments: bool = True) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    rows = pa.table(
        {
            "experiment": [name],
            "customer_id": ["001"],
            "arm": ["none"],
            "propensity": [0.5],
            "assigned_at": pa.array([at], pa.timestamp("us", "UTC")),
            "role": ["holdout"],
            "intended_arm": ["coupon"],
        }
    )
    feasible = rows.select(["experiment", "customer_id", "arm", "propensity"])
    write_table(folder / "data" / "propensities" / f"{name}.parquet", feasible)
    if with_assignments:
        write_table(folder / "data" / "assignments" / f"{name}.parquet", rows)


def test_launches_join_the_table_of_assignments(tmp_path: Path) -> None:
    older = (
        "experiment,customer_id,arm,propensity,assigned_at,role,intended_arm,stratum\n"
        "old,002,1,,2026-02-01,exploration,,north\n"
    )
    project(tmp_path, assignments=older)
    launch(tmp_path, "june")
    launch(tmp_path, "half", with_assignments=False)
    (tmp_path / "data" / "assignments" / ".july.parquet").write_text("another program's leftovers")
    with opened(tmp_path, timezone="Europe/Berlin") as tables:
        found = tables.query("SELECT * FROM assignments ORDER BY assigned_at").to_pylist()
        assert [(row["experiment"], row["arm"], row["stratum"]) for row in found] == [
            ("old", "1", "north"),
            ("june", "none", None),
        ]
        assert found[1]["assigned_at"] == datetime(2026, 3, 1)
        experiments = tables.query("SELECT DISTINCT experiment FROM propensities").to_pylist()
        assert experiments == [{"experiment": "june"}]


def test_only_the_tables_that_are_wanted_are_read(tmp_path: Path) -> None:
    project(tmp_path, events="broken")
    with opened(tmp_path, only=["customers"]) as tables:
        assert list(tables.places) == ["customers"]


def test_tables_that_may_be_empty_may_be_and_others_not(tmp_path: Path) -> None:
    with opened(project(tmp_path, suppressions="customer_id,reason\n")) as tables:
        assert tables.query("SELECT * FROM suppressions").num_rows == 0
    for empty in ("customers", "transactions"):
        header = (CUSTOMERS if empty == "customers" else LINES).split("\n")[0] + "\n"
        with pytest.raises(LabError, match="is empty"):
            opened(project(tmp_path, **{empty: header}))
        project(tmp_path)


def test_a_missing_table_is_refused_when_it_is_asked_for(tmp_path: Path) -> None:
    with opened(project(tmp_path)) as tables:
        for ask in (lambda: tables.query("SELECT * FROM events"), lambda: tables.columns("events")):
            with pytest.raises(LabError, match=r"no table 'events'.*lab data import events"):
                ask()
        assert tables.query("WITH events AS (SELECT 1 AS x) SELECT x FROM events").num_rows == 1


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


def test_no_cell_of_a_customer_stands_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        opened(with_lines(tmp_path, lines(amount=["1", "secret"])))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1 cut short"])
def test_a_damaged_parquet_file_is_refused(tmp_path: Path, content: bytes) -> None:
    project(tmp_path)
    (tmp_path / "data" / "events.parquet").write_bytes(content)
    with pytest.raises(LabError, match=r"0 bytes|not a whole Parquet"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("source", "settings", "found"),
    [
        ("nowhere", {}, "does not exist"),
        ("spark://host/db", {}, r"spark://.*What works now"),
        ("postgres://host/db", {}, r"postgres://.*What works now"),
        ("data/customers.csv", {}, "neither a folder nor a DuckDB file"),
        ("data", {"tables": {"transactoins": "x.csv"}}, "Did you mean 'transactions'"),
        ("data", {"tables": {"transactions": "x.csv"}}, "no such file"),
        ("data", {"columns": {"transactions": {"amout": "x"}}}, "Did you mean 'amount'"),
        ("data", {"columns": {"transactions": {"amount": "x"}}}, "no column 'x'"),
        ("data", {"columns": {"customers": {"size": "x"}}}, "no column 'x'"),
        ("data", {"timezone": "Europe/Berlyn"}, "No time zone"),
    ],
)
def test_wrong_settings_are_refused(
    tmp_path: Path, source: str, settings: dict[str, Any], found: str
) -> None:
    with pytest.raises(LabError, match=found) as refused:
        open_tables(source, project(tmp_path), now=NOW, **settings)
    assert refused.value.exit_code == 3


def test_two_files_for_one_table_are_refused(tmp_path: Path) -> None:
    project(tmp_path, transactions=lines())
    write_table(tmp_path / "data" / "transactions.csv", lines())
    with pytest.raises(LabError, match="there 2 times"):
        opened(tmp_path)


def test_subscriptions_may_end_in_the_future(tmp_path: Path) -> None:
    running = "customer_id,started_at,ended_at\n001,2026-01-01,2030-01-01\n"
    with opened(project(tmp_path, subscriptions=running)) as tables:
        assert tables.query("SELECT ended_at FROM subscriptions").column(0).to_pylist()[0].year == 2030
