from importlib import resources

import pytest
import sqlglot
from sqlglot import exp

from retention_lab.data.queries import read_query, sql_of, with_first, without_missing_columns

NAMES = sorted(
    path.name.removesuffix(".sql")
    for path in resources.files("retention_lab.data").joinpath("sql").iterdir()
    if path.name.startswith(("snapshot", "experiment", "eligibility"))
)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_transpiles_to_spark(name: str) -> None:
    query = read_query(name)
    spark = query.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    again = sqlglot.parse_one(spark, read="spark")
    assert isinstance(again, exp.Select)
    assert again.named_selects == query.named_selects
    # these do not transpile, or transpile wrongly
    assert not [word for word in ("epoch_us", "percentile_cont", "quantile") if word in sql_of(query).lower()]


def test_a_query_is_fresh_every_time_and_loses_its_comments() -> None:
    first = read_query("snapshot_known").limit(1, copy=False)
    assert "LIMIT" in sql_of(first)
    assert "LIMIT" not in sql_of(read_query("snapshot_known"))
    assert "--" not in sql_of(first)
    assert "/*" not in sql_of(first)


def test_what_a_missing_column_feeds_goes_with_it_and_nothing_else() -> None:
    query = sqlglot.parse_one(
        "WITH part AS (SELECT lines.a, sum(lines.b) AS total FROM lines GROUP BY lines.a) "
        "SELECT part.a, part.total, part.total / 2 AS half, other.b FROM part JOIN other USING (a)",
        read="duckdb",
        into=exp.Select,
    )
    found = without_missing_columns(query, {"lines": ["a"]})
    assert found.named_selects == ["a", "b"]
    assert "total" not in sql_of(found)


def test_a_part_put_first_is_there_for_the_others() -> None:
    query = sqlglot.parse_one("WITH b AS (SELECT x FROM a) SELECT x FROM b", into=exp.Select)
    found = with_first(query, "a", sqlglot.parse_one("SELECT 1 AS x", into=exp.Select))
    assert [part.alias for part in found.ctes] == ["a", "b"]
