"""The SQL files beside this package, read once and fitted to the tables and columns that a project has."""

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

import sqlglot
from sqlglot import exp

from retention_lab.data.connect import Tables


def read_query(name: str) -> exp.Select:
    """A fresh tree of sql/<name>.sql, one SELECT in DuckDB's dialect."""
    return _parsed(name).copy()


def sql_of(query: exp.Query) -> str:
    """The query in DuckDB's dialect; comments stay in the files."""
    return query.sql("duckdb", comments=False)


def order_line_columns(tables: Tables) -> list[str]:
    """Columns of `order_lines`; contribution is one only where every line has it or can be given it."""
    found = [name for name in tables.columns("transactions") if name != "contribution"]
    return found if tables.without_contribution else [*found, "contribution"]


def with_first(query: exp.Select, name: str, part: exp.Query) -> exp.Select:
    """Put a common table expression before the query's own, so that these may read it; changes `query`."""
    query.with_(name, as_=part, copy=False)
    expressions = query.ctes
    query.args["with_"].set("expressions", [expressions[-1], *expressions[:-1]])
    return query


def without_missing_columns(query: exp.Select, available: Mapping[str, Collection[str]]) -> exp.Select:
    """Leave out the selected expressions that need a column their table lacks; changes `query`.

    available: columns of the tables that are written as `table.column`; other qualifiers are left alone.
    What a common table expression thereby loses, the expressions that need it lose too.
    """
    known = dict(available)
    for part in query.ctes:
        if isinstance(part.this, exp.Select) and not part.this.is_star:
            known[part.alias] = without_missing_columns(part.this, known).named_selects
    kept = [item for item in query.expressions if not _lacks(item, known)]
    return query.select(*kept, append=False, copy=False)


@cache
def _parsed(name: str) -> exp.Select:
    text = resources.files("retention_lab.data").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return sqlglot.parse_one(text, read="duckdb", into=exp.Select)


def _lacks(item: exp.Expr, available: Mapping[str, Collection[str]]) -> bool:
    return any(
        column.table in available and column.name not in available[column.table]
        for column in item.find_all(exp.Column)
    )
