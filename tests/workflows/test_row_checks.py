from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from retention_lab.checks import Check, hard_failures
from retention_lab.config.loading import read_definition
from retention_lab.workflows.flat_rows import read_flat_rows
from retention_lab.workflows.project import Lab
from retention_lab.workflows.row_checks import row_checks
from retention_lab.workflows.train_uplift import read_rows, uplift_definition
from retention_lab.workflows.uplift_rows import UpliftRows
from tests.workflows.flat_labs import customers, define, flat_lab

DAYS = np.datetime64("2026-01-01") + np.arange(2000) // 20


def rows_of(folder: Path, table: pa.Table, **changes: object) -> UpliftRows:
    lab = flat_lab(folder, table.slice(0, 0))
    define(folder, table="mail.parquet", **changes)
    pq.write_table(table, folder / "mail.parquet")
    return read_flat_rows(lab.project, read_definition(lab.project, "mail"))  # type: ignore[arg-type]


def verdicts(rows: UpliftRows) -> dict[str, Check]:
    return {one["name"]: one for one in row_checks(rows)}


def test_a_clean_table_passes_all_that_can_be_asked(tmp_path: Path) -> None:
    table = customers(2000).append_column("sent", pa.array(DAYS))
    joined = pa.array(DAYS - np.random.default_rng(11).integers(1, 900, 2000))
    rows = rows_of(tmp_path, table.append_column("joined", joined), time="sent")
    found = verdicts(rows)
    assert {name for name, one in found.items() if one["passed"] is None} == {"sample_ratio"}
    assert [name for name, one in found.items() if one["passed"] is False] == []
    assert found["unique_units"]["detail"] == "2000 rows, each of its own."


def test_the_plan_of_the_definition_is_compared_with_the_counts(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, customers(2000), planned_shares={"none": 0.6, "coupon": 0.4})
    assert hard_failures(row_checks(rows)) == ["sample_ratio"]


def test_a_date_that_was_written_after_the_row_and_a_clock_are_found(tmp_path: Path) -> None:
    table = customers(2000).append_column("sent", pa.array(DAYS))
    delivered = pa.array(DAYS + np.random.default_rng(11).integers(0, 5, 2000))
    table = table.append_column("delivered", delivered).append_column("batch", pa.array(np.arange(2000)))
    found = verdicts(rows_of(tmp_path, table, time="sent"))
    assert found["dated_after_time"]["detail"].startswith("delivered: ")
    assert "batch" in found["time_leak"]["detail"]
    assert "delivered" in found["time_leak"]["detail"]


def test_customers_of_several_experiments_are_no_repeated_units(lab: Lab) -> None:
    rows, _ = read_rows(lab, uplift_definition(lab, "winback-uplift"), None)
    found = verdicts(rows)["unique_units"]
    assert found["passed"]
    assert found["value"] == len(rows) - len(np.unique(rows.unit))
    assert "stay together" in found["detail"]
