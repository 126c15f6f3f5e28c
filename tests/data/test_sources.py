from pathlib import Path
from typing import Any

import pytest

from retention_lab.data.connect import open_tables
from retention_lab.data.write import write_table
from retention_lab.errors import LabError
from tests.data.shops import NOW, lines, opened, project


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
