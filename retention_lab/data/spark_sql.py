"""The queries of an A/B test, written in DuckDB's dialect, as text that Spark reads the same way."""

import sqlglot
from sqlglot import exp


def spark_sql(sql: str) -> str:
    """A SELECT of DuckDB in Spark's dialect, every name quoted.

    Raises sqlglot's UnsupportedError for what Spark cannot say.

    >>> spark_sql('SELECT quantile_cont("spend", 0.5) AS q FROM units')
    'SELECT PERCENTILE(`spend`, 0.5) AS `q` FROM `units`'
    """
    query = sqlglot.parse_one(sql, read="duckdb").transform(_exact_quantile)
    return query.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, identify=True)


def _exact_quantile(node: exp.Expr) -> exp.Expr:
    """Spark's `percentile` interpolates as DuckDB does; sqlglot would name a function that Spark lacks."""
    if isinstance(node, exp.PercentileCont) and node.expression is not None:
        return exp.Anonymous(this="PERCENTILE", expressions=[node.this, node.expression])
    return node
