"""`engine: spark`: a definition whose table Spark adds up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.errors import ConfigurationError, LabError
from retention_lab.workflows.analyze_experiment import analyze_experiment
from retention_lab.workflows.check_experiment import check_experiment
from retention_lab.workflows.design_experiment import DesignQuestion, design_experiment
from retention_lab.workflows.project import Lab
from retention_lab.workflows.simulate_experiment import SimulationQuestion, simulate_experiment
from tests.abtest.same import assert_equal
from tests.spark import spark_or_skip
from tests.workflows.abtest_labs import abtest_lab, define, players
from tests.workflows.conftest import silent


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with spark_or_skip() as found:
        yield found


def lab_of_parts(folder: Path, rows: pa.Table) -> Lab:
    """Two Parquet files in a folder, and the same rows in one file."""
    lab = abtest_lab(folder, rows)
    (folder / "parts").mkdir()
    half = len(rows) // 2
    pq.write_table(rows.slice(0, half), folder / "parts" / "1.parquet")
    pq.write_table(rows.slice(half), folder / "parts" / "2.parquet")
    pq.write_table(rows, folder / "players.parquet")
    return lab


@pytest.mark.slow
def test_an_analysis_on_spark_is_that_on_duckdb_and_says_which_content_it_read(
    tmp_path: Path, session: Any
) -> None:
    lab = lab_of_parts(tmp_path, players(effect=0.1))
    dated = {"exposed_at": "entered", "window_days": 7}
    define(tmp_path, "here", table="players.parquet", **dated)
    define(tmp_path, "there", table="parts", engine="spark", **dated)
    here, there = (analyze_experiment(lab, name, say=silent) for name in ("here", "there"))
    assert_equal(there.analysis.as_json(), here.analysis.as_json())
    again = analyze_experiment(lab, "there", say=silent)  # from what was stored
    assert_equal(again.analysis.as_json(), there.analysis.as_json())
    assert check_experiment(lab, "there", say=silent).units == {"30": 2_000, "40": 2_000}


@pytest.mark.slow
def test_a_folder_without_parquet_is_refused(tmp_path: Path, session: Any) -> None:
    lab = abtest_lab(tmp_path, table="experiments", engine="spark")
    with pytest.raises(LabError, match="cannot read this as Parquet"):
        analyze_experiment(lab, "gate", say=silent)


def test_what_needs_rows_in_memory_says_so(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, engine="spark")
    with pytest.raises(ConfigurationError, match="needs its rows in memory") as caught:
        simulate_experiment(lab, "gate", SimulationQuestion(replications=10), say=silent)
    assert caught.value.key == "engine"
    with pytest.raises(ConfigurationError, match="--history FILE"):
        design_experiment(lab, "gate", DesignQuestion(), say=silent)


def test_a_table_that_is_not_there_is_named_before_spark_starts(tmp_path: Path) -> None:
    lab = abtest_lab(tmp_path, table="nothing.parquet", engine="spark")
    with pytest.raises(ConfigurationError, match="The table is not there"):
        check_experiment(lab, "gate", say=silent)
