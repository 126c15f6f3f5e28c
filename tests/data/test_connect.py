from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from retention_lab.data.connect import open_tables
from retention_lab.data.write import write_table
from retention_lab.errors import LabError
from tests.data.shops import CUSTOMERS, LINES, NOW, lines, opened, project, with_lines


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


def test_no_cell_of_a_customer_stands_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        opened(with_lines(tmp_path, lines(amount=["1", "secret"])))
    assert "secret" not in str(refused.value)
