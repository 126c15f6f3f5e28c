from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from retention_lab.abtest.specification import Specification, specification
from retention_lab.abtest.summarise import summarise
from retention_lab.abtest.summary import Part, Summary
from retention_lab.abtest.terms import demand
from retention_lab.data import unit_summary
from retention_lab.data.unit_query import portions
from retention_lab.data.unit_summary import UnitTable, summarise_table
from retention_lab.errors import LabError


def units(rows: int = 4_000, *, dirty: bool = False, offset: float = 0.0, seed: int = 1) -> pa.Table:
    rng = np.random.default_rng(seed)
    before = rng.lognormal(2.0, 1.0, rows) + offset
    spend = before + rng.lognormal(1.0, 1.0, rows)
    orders = rng.poisson(2.0, rows).astype(float) + 1
    columns = {
        "unit": np.arange(rows),
        "arm": rng.choice(["a", "b", "c"], rows),
        "day": np.datetime64("2026-03-01") + rng.integers(0, 9, rows).astype("timedelta64[D]"),
        "store": rng.integers(0, 6, rows).astype(str),
        "tier": rng.choice(["gold", "silver"], rows),
        "bought": (rng.random(rows) < 0.2).astype(float),
        "spend": spend,
        "orders": orders,
        "before": before,
        "orders_before": rng.poisson(2.0, rows).astype(float) + 1,
    }
    if dirty:
        for name in ("bought", "spend", "orders", "before"):
            columns[name][rng.random(rows) < 0.05] = np.nan
    return pa.table(columns)


def spec(**more: object) -> Specification:
    return specification(
        {
            "unit": "unit",
            "arm": "arm",
            "control": "a",
            "metrics": [
                {"name": "bought", "type": "proportion", "column": "bought", "role": "primary"},
                {"name": "cut", "type": "mean", "column": "spend", "winsorise": 0.99},
                {
                    "name": "spend",
                    "type": "mean",
                    "column": "spend",
                    "covariates": ["before", "orders_before"],
                },
                {
                    "name": "basket",
                    "type": "ratio",
                    "numerator": "spend",
                    "denominator": "orders",
                    "before": {"numerator": "before", "denominator": "orders_before"},
                },
                {"name": "net", "type": "profit", "contribution": "spend", "contact_cost": "orders"},
                {"name": "p90", "type": "quantile", "column": "spend", "q": 0.9},
            ],
            **more,
        }
    )


def in_duckdb(table: pa.Table) -> UnitTable:
    connection = duckdb.connect()
    connection.register("units", table)
    kinds = {field.name: field.type for field in table.schema}
    return UnitTable("units", lambda sql: connection.sql(sql).to_arrow_table(), kinds)


def assert_same(one: Summary, two: Summary) -> None:
    assert one.arms == two.arms
    np.testing.assert_array_equal(one.assigned, two.assigned)
    assert one.caps == pytest.approx(two.caps, rel=1e-12)
    assert_same_part(one.main, two.main)
    for name, part in one.segments.items():
        assert_same_part(part, two.segments[name])
    for name, histograms in one.histograms.items():
        for mine, other in zip(histograms, two.histograms[name], strict=True):
            assert mine is not None
            assert other is not None
            np.testing.assert_array_equal(mine.keys, other.keys)
            np.testing.assert_array_equal(mine.counts, other.counts)


def assert_same_part(one: Part, two: Part) -> None:
    assert (one.days, one.levels) == (two.days, two.levels)
    for arm in range(3):
        for level in range(len(one.levels)):
            for name in one.moments:
                mine, other = (part.sums(name, arm, level=level, until=3) for part in (one, two))
                assert (mine.count, mine.missing) == (other.count, other.missing)
                if mine.count > 1:
                    np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-9)
                    np.testing.assert_allclose(mine.covariance, other.covariance, rtol=1e-9, atol=1e-9)
                    np.testing.assert_allclose(mine.shape, other.shape, rtol=1e-6)


@pytest.mark.parametrize("dirty", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e9])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"strata": "tier", "exposed_at": "day", "window_days": 2},
        {"analysis": {"segments": ["tier", "store"]}},
    ],
)
def test_a_query_says_the_same_as_arrays_in_memory(
    dirty: bool, offset: float, more: dict[str, object]
) -> None:
    table = units(dirty=dirty, offset=offset)
    assert_same(summarise(table, spec(**more)), summarise_table(in_duckdb(table), spec(**more)))


@pytest.mark.parametrize("dirty", [False, True])
def test_many_columns_are_read_in_portions_that_give_the_same_sums(
    dirty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = units(dirty=dirty).set_column(4, "tier", pa.array([None, 1.0, np.nan, 2.5] * 1_000))
    asked = spec(strata="tier", exposed_at="day", window_days=2)
    whole = summarise_table(in_duckdb(table), asked)
    monkeypatch.setattr(unit_summary, "portions", lambda demands: portions(demands, most=1))
    in_parts = summarise_table(in_duckdb(table), asked)
    assert_same(whole, in_parts)
    np.testing.assert_array_equal(whole.main.cells.units, in_parts.main.cells.units)


def test_a_table_that_grows_between_two_portions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_summary, "portions", lambda demands: portions(demands, most=1))
    table, asked = units(), spec()
    sums: list[str] = []

    def run(sql: str) -> pa.Table:
        sums.extend([sql] if "GROUP BY" in sql and "units" in sql.partition("FROM")[0] else [])
        return in_duckdb(table if len(sums) < 3 else table.slice(1)).run(sql)

    with pytest.raises(LabError, match="changed while it was read"):
        summarise_table(UnitTable("units", run, in_duckdb(table).kinds), asked)


def test_portions_keep_the_order_and_at_most_one_metric_has_more_columns() -> None:
    demands = {metric.name: demand(metric) for metric in spec().metrics if metric.type != "quantile"}
    found = portions(demands, most=3)
    assert [name for some in found for name in some] == list(demands)
    widths = [len({c for one in some.values() for c in one.columns}) for some in found]
    assert widths == [2, 3, 4, 2]
    assert all(len(some) == 1 for some, width in zip(found, widths, strict=True) if width > 3)
    assert portions({}) == [{}]


def test_days_can_be_added_one_by_one() -> None:
    table, asked = units(), spec(exposed_at="day", strata="tier")
    whole = summarise_table(in_duckdb(table), asked, as_of=date(2026, 3, 9))
    early = table.filter(pa.array(table["day"].to_numpy() < np.datetime64("2026-03-06")))
    late = table.filter(pa.array(table["day"].to_numpy() >= np.datetime64("2026-03-06")))
    first = summarise_table(in_duckdb(early), asked, as_of=date(2026, 3, 5))
    joined = first.joined(summarise_table(in_duckdb(late), asked, known=first, as_of=date(2026, 3, 9)))
    assert joined.days == whole.days
    np.testing.assert_array_equal(joined.assigned, whole.assigned)
    for arm in range(3):
        for name in ("bought", "spend", "basket"):
            mine, other = joined.main.sums(name, arm), whole.main.sums(name, arm)
            np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-9)
            np.testing.assert_allclose(mine.covariance, other.covariance, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": np.repeat(np.arange(2_000), 2)}, "2000 units stand in more than one row"),
        ({"bought": np.full(4_000, 0.5)}, "neither 0 nor 1"),
        ({"spend": np.r_[np.inf, np.ones(3_999)]}, "infinite value"),
        ({"spend": np.array(["much"] * 4_000)}, "holds string"),
        ({"arm": np.array(["a"] * 4_000)}, "one arm"),
    ],
)
def test_rows_that_cannot_be_analyzed_are_refused_in_both_ways(
    change: dict[str, np.ndarray], message: str
) -> None:
    table = units()
    for name, values in change.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    with pytest.raises(LabError, match=message):
        summarise_table(in_duckdb(table), spec())
    with pytest.raises(LabError, match=message):
        summarise(table, spec())
