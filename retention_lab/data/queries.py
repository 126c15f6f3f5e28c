"""The SQL files beside this package, read once and fitted to the columns that a project has."""

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

import sqlglot
from sqlglot import exp


@cache
def sql_text(name: str) -> str:
    """The text of sql/<name>.sql."""
    return resources.files("retention_lab.data").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def read_query(name: str) -> exp.Select:
    """A fresh tree of sql/<name>.sql, one SELECT in DuckDB's dialect."""
    return _parsed(name).copy()


def without_missing_columns(query: exp.Select, available: Mapping[str, Collection[str]]) -> exp.Select:
    """Leave out the selected expressions that need a column their table lacks.

    available: columns of the tables that are written as `table.column`; other qualifiers are left alone.
    """
    kept = [item for item in query.expressions if not _lacks(item, available)]
    return query.select(*kept, append=False)


@cache
def _parsed(name: str) -> exp.Select:
    return sqlglot.parse_one(sql_text(name), read="duckdb", into=exp.Select)


def _lacks(item: exp.Expression, available: Mapping[str, Collection[str]]) -> bool:
    return any(
        column.table in available and column.name not in available[column.table]
        for column in item.find_all(exp.Column)
    )
