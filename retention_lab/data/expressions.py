"""A user's own condition (`where`), let through only as far as it can be read as a plain question."""

from collections.abc import Collection
from datetime import datetime

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from retention_lab.errors import ConfigurationError, did_you_mean

# The node types that a condition may be made of. What is not here is refused: an allow-list cannot forget.
_CONDITIONS = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Between,
    exp.Is,
    exp.Like,
    exp.ILike,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Boolean,
)
_VALUES = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Null,
    exp.Paren,
    exp.Tuple,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Neg,
    exp.Case,
    exp.If,
)
_FUNCTIONS = {
    exp.Abs: "abs",
    exp.Ceil: "ceil",
    exp.Coalesce: "coalesce",
    exp.Floor: "floor",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Length: "length",
    exp.Lower: "lower",
    exp.Nullif: "nullif",
    exp.Round: "round",
    exp.Upper: "upper",
}
_TYPES = (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)
_LONGEST = 2000
_DEEPEST = 60
_KEY = "where"
_ALLOWED = (
    "Allowed are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, arithmetic, CASE, dates such as "
    f"DATE '2026-01-31', and {', '.join(_FUNCTIONS.values())}, over the columns that "
    "`lab customers columns` lists."
)


def check_where(expression: str, columns: Collection[str]) -> str:
    """The same condition as normalised SQL (DuckDB), every column quoted and known.

    columns: the names that it may use; upper and lower case do not matter.
    Raises ConfigurationError for anything but a condition over these columns: subqueries, other functions,
    several statements, comments, parameters, columns that are not there.

    >>> check_where("lifecycle = 'at_risk' and Recency_days > 30", ["lifecycle", "recency_days"])
    '"lifecycle" = \\'at_risk\\' AND "recency_days" > 30'
    """
    if len(expression) > _LONGEST:
        raise _refusal(f"The condition has {len(expression)} characters, over {_LONGEST}.")
    if not expression.replace("\n", " ").replace("\t", " ").isprintable():
        raise _refusal("The condition has an invisible character.")
    by_lower = {name.lower(): name for name in columns}
    try:
        tree = _parsed(expression)
        for node in tree.walk():
            _check_node(node, by_lower)
        if not isinstance(tree.unnest(), (*_CONDITIONS, exp.Column)):
            raise _refusal("The expression is a value and no condition: it is neither true nor false.")
        return tree.sql("duckdb", comments=False)
    except (SqlglotError, RecursionError) as error:
        raise _refusal("The condition cannot be read: it is not complete SQL, or nested too deep.") from error


def _parsed(expression: str) -> exp.Expr:
    _check_tokens(sqlglot.tokenize(expression, read="duckdb"))
    parts = sqlglot.Dialect.get_or_raise("duckdb").parse_into(exp.Condition, expression)
    if len(parts) != 1 or parts[0] is None:
        raise _refusal("The condition is empty, or more than one.")
    return parts[0]


def _check_tokens(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            raise _refusal("The condition has a semicolon: it is one expression, not statements.")
        if token.comments:
            raise _refusal("The condition has a comment, which can hide a part of it.")
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth > _DEEPEST:
            raise _refusal(f"The condition has over {_DEEPEST} nested brackets.")


def _check_node(node: exp.Expr, by_lower: dict[str, str]) -> None:
    """Raise ConfigurationError for a node that is not allowed; give columns the table's names, quoted."""
    if isinstance(node, exp.Column):
        _check_column(node, by_lower)
    elif isinstance(node, exp.Cast):
        # only a literal becomes a date: a cast of a column could fail on one customer's cell
        if type(node) is not exp.Cast or not isinstance(node.this, exp.Literal) or node.to.this not in _TYPES:
            raise _refusal("The condition changes a type; only dates may be written so.")
        _check_date(node.this.name)
    elif isinstance(node, exp.DataType):
        if node.this not in _TYPES or not isinstance(node.parent, exp.Cast):
            raise _refusal("The condition names a type where a value belongs.")
    elif isinstance(node, exp.In):
        if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
            raise _refusal("IN wants a list of values in the condition itself.")
    elif type(node) not in (*_CONDITIONS, *_VALUES, *_FUNCTIONS):
        raise _refusal(f"The condition uses {_plain_name(node)}.")


def _check_column(node: exp.Column, by_lower: dict[str, str]) -> None:
    if node.table or not isinstance(node.this, exp.Identifier):
        raise _refusal("The condition names a table; columns stand alone.")
    name = by_lower.get(node.name.lower())
    if name is None:
        raise ConfigurationError(
            f"No customer column is named {node.name!r}. A text is written in single quotes.",
            did_you_mean(node.name, sorted(by_lower.values())),
            key=_KEY,
        )
    node.set("this", exp.to_identifier(name, quoted=True))


def _check_date(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise _refusal(f"{text!r} is no date.") from error


def _plain_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}"
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}"
    if isinstance(node, exp.Query):
        return "a query of its own"
    return f"{node.key.upper()}, which is not a part of a plain condition"


def _refusal(found: str) -> ConfigurationError:
    return ConfigurationError(found, _ALLOWED, key=_KEY)
