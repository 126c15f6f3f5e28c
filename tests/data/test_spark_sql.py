from datetime import date

import pyarrow as pa
import pytest
import sqlglot

from retention_lab.data.spark_sql import spark_sql
from retention_lab.data.unit_summary import UnitTable, summarise_table
from tests.data.test_unit_summary import in_duckdb, spec, units


def test_a_quantile_becomes_sparks_exact_one() -> None:
    asked = 'SELECT quantile_cont(nullif("x", 1.0), 0.99) AS q0 FROM (SELECT * FROM units)'
    assert (
        spark_sql(asked) == "SELECT PERCENTILE(NULLIF(`x`, 1.0), 0.99) AS `q0` FROM (SELECT * FROM `units`)"
    )


def test_names_keep_their_signs() -> None:
    assert (
        spark_sql('SELECT "prix.é `1`" AS _arm FROM units') == "SELECT `prix.é ``1``` AS `_arm` FROM `units`"
    )


@pytest.mark.parametrize("dirty", [False, True])
def test_every_query_of_a_summary_is_one_that_spark_parses(dirty: bool) -> None:
    table = in_duckdb(units(dirty=dirty, offset=1e9))
    asked = []

    def run(sql: str) -> pa.Table:
        asked.append(sql)
        return table.run(sql)

    more = {"strata": "tier", "exposed_at": "day", "window_days": 2, "analysis": {"segments": ["store"]}}
    summarise_table(UnitTable(table.relation, run, table.kinds), spec(**more), as_of=date(2026, 3, 9))
    assert len(asked) > 8
    for sql in asked:
        text = spark_sql(sql)
        assert sqlglot.parse_one(text, read="spark").sql("spark", identify=True) == text
        assert not [word for word in ("QUANTILE", "PERCENTILE_CONT", "APPROX") if word in text.upper()]
