"""The same query text on a real Spark session says what DuckDB says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention_lab.abtest.analyze import analyze
from retention_lab.data.spark_table import content_sha256, open_spark_table
from retention_lab.data.unit_summary import summarise_table
from retention_lab.data.unit_table import open_unit_file
from retention_lab.errors import LabError
from tests.abtest.same import assert_equal
from tests.abtest.units import MEAN
from tests.abtest.units import spec as abtest_spec
from tests.data.test_unit_summary import assert_same, in_duckdb, spec, units
from tests.spark import on_spark, spark_or_skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Any]:
    with spark_or_skip() as found:
        yield found


@pytest.mark.parametrize(
    ("dirty", "offset", "more"),
    [
        (False, 0.0, {"strata": "tier", "exposed_at": "day", "window_days": 2}),
        (True, 1e9, {"strata": "tier", "exposed_at": "day", "window_days": 2}),
        (True, 0.0, {"analysis": {"segments": ["tier", "store"]}}),
        (False, 1e12, {"analysis": {"score": "before", "score_groups": 5}, "cluster": "store"}),
    ],
)
def test_spark_says_the_same_as_duckdb(
    tmp_path: Path, dirty: bool, offset: float, more: dict[str, object]
) -> None:
    table = units(dirty=dirty, offset=offset)
    with on_spark(table, tmp_path) as there:
        assert_same(summarise_table(in_duckdb(table), spec(**more)), summarise_table(there, spec(**more)))


def test_a_later_day_is_added_on_spark_to_what_duckdb_stored(tmp_path: Path) -> None:
    table, asked = units(), spec(exposed_at="day", strata="tier")
    whole = summarise_table(in_duckdb(table), asked, as_of=date(2026, 3, 9))
    first = summarise_table(in_duckdb(table), asked, as_of=date(2026, 3, 5))
    with on_spark(table, tmp_path) as there:
        later = summarise_table(there, asked, known=first, as_of=date(2026, 3, 9), after=date(2026, 3, 5))
    joined = first.joined(later)
    assert joined.days == whole.days
    np.testing.assert_array_equal(joined.assigned, whole.assigned)
    for arm in range(3):
        mine, other = joined.main.sums("spend", arm), whole.main.sums("spend", arm)
        np.testing.assert_allclose(mine.covariance, other.covariance, rtol=1e-9)


def test_centres_come_from_the_same_first_rows_also_where_values_drift(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = 20_000
    before = np.linspace(0.0, 50.0, rows) + rng.random(rows)  # the first 4,096 rows are not like the others
    spend = before + rng.random(rows)
    before[rng.random(rows) < 0.2] = np.nan  # set to the centre, which therefore decides
    table = pa.table({"arm": rng.choice(["a", "b"], rows), "spend": spend, "before": before})
    asked = abtest_spec({**MEAN, "covariates": ["before"]})
    expected = analyze(summarise_table(in_duckdb(table), asked), asked)
    pq.write_table(table, tmp_path / "units.parquet", row_group_size=5_000)
    with open_spark_table(str(tmp_path / "units.parquet")) as there:
        found = analyze(summarise_table(there, asked), asked)
    assert_equal(found.as_json(), expected.as_json())


def test_columns_of_other_types_are_the_numbers_arms_and_days_that_duckdb_sees(tmp_path: Path) -> None:
    plain = units(600)
    clock = pa.array(plain["day"].to_numpy().astype("datetime64[us]") + np.timedelta64(82_800, "s"))
    kinds = {
        "unit": pa.array([f"käufer-{i} 顾客" for i in range(600)]),
        "arm": pa.array(np.where(plain["arm"].to_numpy() == "a", 0, 1).astype(np.int8)),
        "day": clock.cast(pa.timestamp("us", "UTC")),
        "bought": pa.array(plain["bought"].to_numpy() == 1),
        "orders": pa.array(plain["orders"].to_numpy().astype(np.uint16)),
        "before": pa.array(plain["before"].to_numpy().round(2)).cast(pa.decimal128(18, 2)),
        "orders_before": pa.array([None if i % 7 == 0 else i % 5 + 1 for i in range(600)], pa.int32()),
        "tier": plain["tier"].combine_chunks().dictionary_encode(),
    }
    table = plain
    for name, column in kinds.items():
        table = table.set_column(table.column_names.index(name), name, column)
    asked = spec(control="0", strata="tier", exposed_at="day", window_days=1)
    pq.write_table(table, tmp_path / "units [1] é*.parquet")
    with open_unit_file(tmp_path / "units [1] é*.parquet") as here:
        expected = summarise_table(here, asked)
    with open_spark_table(str(tmp_path / "units [1] é*.parquet")) as there:
        found = summarise_table(there, asked)
    assert (found.arms, found.days) == (("0", "1"), expected.days)
    for name, moments in expected.main.moments.items():
        for arm in range(2):
            mine, other = (one.main.sums(name, arm) for one in (found, expected))
            assert (mine.count, mine.missing) == (other.count, other.missing), name
            np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-9)
            np.testing.assert_allclose(mine.covariance, other.covariance, rtol=1e-9, atol=1e-9)
        assert len(moments.count)


@pytest.mark.parametrize(
    "values",
    [
        [1e70, -1e70, 1.0],
        [5e-324, -0.0, 0.0],
        [1e12 + 0.25, 1e12 - 0.25, np.nan],
        [2**53 + 1, 2**62, -(2**62)],
        [None, 1.0, np.nan],
    ],
)
def test_numbers_at_the_edge_are_answered_or_refused_alike(tmp_path: Path, values: list[Any]) -> None:
    rng = np.random.default_rng(3)
    spend = [values[i] for i in rng.integers(0, 3, 400)]
    table = pa.table({"arm": np.repeat(["a", "b"], 200), "spend": spend, "before": rng.random(400)})
    median = {"name": "median", "type": "quantile", "column": "spend", "q": 0.5}
    asked = abtest_spec({**MEAN, "covariates": ["before"]}, median)
    expected = analyze(summarise_table(in_duckdb(table), asked), asked)
    with on_spark(table, tmp_path) as there:
        found = analyze(summarise_table(there, asked), asked)
    assert_equal(found.as_json(), expected.as_json())


@pytest.mark.parametrize(
    "change",
    [
        {"unit": np.repeat(np.arange(2_000), 2)},
        {"bought": np.full(4_000, 0.5)},
        {"spend": np.r_[np.inf, np.ones(3_999)]},
        {"spend": np.r_[np.inf, -np.inf, np.ones(3_998)]},
        {"spend": np.array(["much"] * 4_000)},
        {"arm": np.array(["a"] * 4_000)},
        {"arm": pa.array([None, *["a", "b"] * 1_999, "a"])},
        {"unit": pa.array([None, *range(3_999)])},
        {"day": np.array(["yesterday"] * 4_000)},
    ],
)
def test_what_duckdb_refuses_spark_refuses_in_the_same_words(tmp_path: Path, change: dict[str, Any]) -> None:
    table = units()
    for name, values in change.items():
        column = values if isinstance(values, pa.Array) else pa.array(values)
        table = table.set_column(table.column_names.index(name), name, column)
    asked = spec(exposed_at="day")
    pq.write_table(table, tmp_path / "whole.parquet")
    with pytest.raises(LabError) as here, open_unit_file(tmp_path / "whole.parquet") as file:
        summarise_table(file, asked)
    (tmp_path / "parts").mkdir()
    with pytest.raises(LabError) as there, on_spark(table, tmp_path / "parts") as rows:
        summarise_table(rows, asked)
    assert (there.value.found, there.value.next_step) == (here.value.found, here.value.next_step)


def test_a_cell_that_cannot_be_cast_is_not_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = units(10).set_column(2, "day", pa.array(["anna@example.org"] * 10))
    with (
        pytest.raises(LabError, match="neither a number nor a date") as caught,
        on_spark(table, tmp_path) as t,
    ):
        summarise_table(t, spec(exposed_at="day"))
    assert "anna" not in str(caught.value)
    shown = capfd.readouterr()
    assert "anna" not in shown.out + shown.err


def test_files_that_are_no_parquet_are_refused(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("a,b\n1,2\n")
    with pytest.raises(LabError, match="Spark reads Parquet"), open_spark_table(str(tmp_path / "units.csv")):
        pass
    (tmp_path / "units.parquet").write_text("a,b\n1,2\n")
    for name in ("units.parquet", "nothing.parquet"):
        with (
            pytest.raises(LabError, match="cannot read this as Parquet"),
            open_spark_table(str(tmp_path / name)),
        ):
            pass


def test_the_content_has_one_name_whatever_its_order_and_files(tmp_path: Path) -> None:
    table = units(300, dirty=True).append_column("tags", pa.array([[i, None] for i in range(300)]))
    names = {}
    moved = table.set_column(8, "before", table["orders_before"]).set_column(
        9, "orders_before", table["before"]
    )
    for name, rows in {
        "same": table,
        "turned": table.take(pa.array(np.arange(300)[::-1])),
        "shorter": table.slice(1),
        "moved": moved,
    }.items():
        (tmp_path / name).mkdir()
        with on_spark(rows, tmp_path / name) as there:
            names[name] = content_sha256(there)
    assert names["same"] == names["turned"]
    assert len(set(names.values())) == 3
