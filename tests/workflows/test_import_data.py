import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from retention_lab.config.loading import read_project
from retention_lab.config.project import Project
from retention_lab.data.connect import open_tables
from retention_lab.data.read import read_flat
from retention_lab.errors import LabError
from retention_lab.workflows.import_data import ImportReport, ImportSource, Mode, import_data

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDERS = (
    "Bestellung;Kunde;Datum;Summe;Notiz\n"
    "1;007;2026-01-01;1.234,50;x\n"
    "1;007;2026-01-01;1.234,50;x\n"
    "2;008;2026-01-02;oops;x\n"
    "3;;2026-01-03;5,00;x\n"
    "4;009;2026-01-04;-5,00;x\n"
)
MAP = {"order_id": "Bestellung", "customer_id": "Kunde", "ordered_at": "Datum", "amount": "Summe"}


def project(folder: Path, settings: str = "") -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lab.yaml").write_text(f"name: shop\ntimezone: Europe/Berlin\n{settings}")
    return read_project(folder)


def run(
    lab: Project, content: str, table: str = "transactions", mode: Mode = "new", **source: Any
) -> ImportReport:
    file = lab.folder / "source.csv"
    file.write_text(content)
    found = import_data(lab, table, ImportSource(file, **({"mapping": MAP} | source)), mode, NOW)
    assert file.read_text() == content
    return found


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "source.csv"
    }


def test_a_foreign_file_becomes_a_table_and_its_bad_rows_are_set_apart(tmp_path: Path) -> None:
    lab = project(tmp_path)
    report = run(lab, ORDERS)
    assert (report.rows_read, report.rows_written, report.duplicates) == (5, 2, 1)
    assert report.refused == {"amount is no number": 1, "customer_id is missing": 1}
    assert report.ignored == ("Notiz",)
    assert report.retyped == {"amount": "string"}
    with open_tables("data", tmp_path, timezone="Europe/Berlin", now=NOW) as tables:
        rows = tables.query("SELECT * FROM transactions ORDER BY order_id").to_pylist()
    assert [(row["customer_id"], row["amount"]) for row in rows] == [("007", 1234.5), ("009", -5.0)]
    assert rows[0]["ordered_at"] == datetime(2025, 12, 31, 23)
    assert report.refused_file == tmp_path / "data" / "rejected" / "transactions-20261101T120000Z.csv"
    refused = read_flat(report.refused_file).to_pylist()
    assert [(row["row"], row["Summe"], row["refused_because"]) for row in refused] == [
        (3, "oops", "amount is no number"),
        (4, "5,00", "customer_id is missing"),
    ]


def test_every_row_is_accounted_for_in_the_report(tmp_path: Path) -> None:
    found = run(project(tmp_path), ORDERS).as_json()
    assert found["rows_read"] == found["rows_written"] + found["duplicates"] + found["rows_refused"]
    json.dumps({name: str(value) for name, value in found.items()})


def test_a_table_that_is_there_is_neither_replaced_nor_added_to_unasked(tmp_path: Path) -> None:
    lab = project(tmp_path)
    run(lab, ORDERS)
    before = everything(tmp_path)
    with pytest.raises(LabError, match=r"already there.*--append.*--replace"):
        run(lab, ORDERS)
    assert everything(tmp_path) == before


def test_appending_adds_only_lines_that_are_not_there(tmp_path: Path) -> None:
    lab = project(tmp_path)
    run(lab, ORDERS)
    more = "Bestellung;Kunde;Datum;Summe;Notiz\n1;007;2026-01-01;1.234,50;x\n5;009;2026-02-04;7,25;x\n"
    report = run(lab, more, mode="append")
    assert (report.rows_written, report.already_there, report.rows) == (1, 1, 3)
    again = run(lab, more, mode="append")
    assert (again.rows_written, again.already_there, again.rows) == (0, 2, 3)


def test_appending_refuses_a_second_row_of_a_key_and_keeps_the_first(tmp_path: Path) -> None:
    lab = project(tmp_path)
    run(lab, "customer_id,signup_at\na,2026-01-01\n", "customers", mapping={})
    report = run(
        lab, "customer_id,signup_at\na,2026-05-05\nb,2026-02-02\n", "customers", "append", mapping={}
    )
    assert report.refused == {"customer_id is already there, with other values": 1}
    assert pq.read_table(report.path).column("customer_id").to_pylist() == ["a", "b"]


def test_replacing_leaves_nothing_of_the_old_rows(tmp_path: Path) -> None:
    lab = project(tmp_path)
    run(lab, ORDERS)
    report = run(lab, ORDERS.replace("\n4;009", "\n40;009"), mode="replace")
    assert pq.read_table(report.path).column("order_id").to_pylist() == ["1", "40"]


def test_an_import_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = project(tmp_path / "a"), project(tmp_path / "b")
    run(first, ORDERS)
    run(second, ORDERS)
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


def test_the_tables_own_file_name_is_kept(tmp_path: Path) -> None:
    lab = project(tmp_path, "data: {source: tables, tables: {transactions: orders.parquet}}\n")
    assert run(lab, ORDERS).path == tmp_path / "tables" / "orders.parquet"


@pytest.mark.parametrize(
    ("settings", "content", "source", "found"),
    [
        ("", "", {}, "0 bytes"),
        ("", "a,b\n", {}, "no rows"),
        ("", "order_id:amount\n1:2\n", {}, "one column"),
        ("", ORDERS, {"mapping": {}}, "no column 'order_id'"),
        ("", ORDERS.replace("2026-", "31.12."), {}, r"No row can be used.*--time-format"),
        ("", ORDERS.replace("2026-01-02", "2026-01-02T00:00Z"), {}, "1 times with a zone"),
        ("data: {source: 'duckdb://shop.db'}\n", ORDERS, {}, "never written to"),
        ("data: {columns: {transactions: {amount: Summe}}}\n", ORDERS, {}, "other names"),
        ("data: {tables: {transactions: orders.csv}}\n", ORDERS, {}, "writes Parquet"),
    ],
)
def test_what_cannot_be_imported_changes_nothing(
    tmp_path: Path, settings: str, content: str, source: dict[str, Any], found: str
) -> None:
    lab = project(tmp_path, settings)
    before = everything(tmp_path)
    with pytest.raises(LabError, match=found) as refused:
        run(lab, content, **source)
    assert refused.value.exit_code == 3
    assert everything(tmp_path) == before


def test_an_unknown_table_comes_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="Did you mean 'transactions'"):
        run(project(tmp_path), ORDERS, "transaction")


def test_a_csv_table_that_is_there_is_not_shadowed(tmp_path: Path) -> None:
    lab = project(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "transactions.csv").write_text("order_id\n")
    with pytest.raises(LabError, match=r"kept in transactions\.csv"):
        run(lab, ORDERS)


def test_what_became_of_messages_is_added_once_however_often_it_is_imported(tmp_path: Path) -> None:
    lab = project(tmp_path)
    results = (
        "customer_id,experiment,offer,channel,sent_at,opened_at,redeemed_at\n"
        "007,may-2026-03-01,coupon_10,email,2026-03-02 09:00,2026-03-02 10:00,2026-03-05 10:00\n"
        "008,may-2026-03-01,coupon_10,email,2026-03-02 09:00,,\n"
    )
    told: dict[str, Any] = {"mode": "append", "mapping": {}, "preset": "campaign_results"}
    assert run(lab, results, "events", **told).rows_written == 3
    again = run(lab, results, "events", **told)
    assert (again.rows_written, again.already_there, again.rows) == (0, 3, 3)
    assert run(lab, results, "redemptions", **told).rows == 1
    with open_tables("data", tmp_path, timezone="Europe/Berlin", now=NOW) as tables:
        rows = tables.query("SELECT customer_id, offer_id, redeemed_at FROM redemptions").to_pylist()
    assert rows == [{"customer_id": "007", "offer_id": "coupon_10", "redeemed_at": datetime(2026, 3, 5, 9)}]
