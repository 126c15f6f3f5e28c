import duckdb
import pytest

from retention_lab.data.expressions import check_where
from retention_lab.errors import ConfigurationError

COLUMNS = ["lifecycle", "recency_days", "region", "signup_at", "shoe size", "subscription_active", "order"]

HARMLESS = {
    "lifecycle = 'at_risk' and recency_days > 30": '"lifecycle" = \'at_risk\' AND "recency_days" > 30',
    "RECENCY_DAYS < 1e3": '"recency_days" < 1e3',
    "region in ('a', 'b') or not (recency_days between 1 and 2)": (
        "\"region\" IN ('a', 'b') OR NOT (\"recency_days\" BETWEEN 1 AND 2)"
    ),
    "region is not null and region like 'n%'": 'NOT "region" IS NULL AND "region" LIKE \'n%\'',
    "region is distinct from 'x'": "\"region\" IS DISTINCT FROM 'x'",
    "signup_at < DATE '2026-01-01'": "\"signup_at\" < CAST('2026-01-01' AS DATE)",
    "subscription_active": '"subscription_active"',
    '"shoe size" + 1 >= 40': '"shoe size" + 1 >= 40',
    "order > 1": '"order" > 1',
    "region = 'it''s; -- fine /* too */'": "\"region\" = 'it''s; -- fine /* too */'",
    "case when region = 'x' then -1 else 2 end = 2": "CASE WHEN \"region\" = 'x' THEN -1 ELSE 2 END = 2",
    "lower(region) = 'north' and coalesce(recency_days, 0) / 2 > 1": (
        'LOWER("region") = \'north\' AND COALESCE("recency_days", 0) / 2 > 1'
    ),
}

HOSTILE = [
    "region in (select region from customers)",
    "region in (from customers)",
    "region in ((select 1), 2)",
    "exists (select 1)",
    "(select 1) = 1",
    "region = (select content from read_text('/etc/passwd'))",
    "region = any (select 1)",
    "1 in (table customers)",
    "read_csv('/etc/passwd') = 1",
    "region = getenv('HOME')",
    "getvariable('x') = 1",
    "query('drop table customers') = 1",
    "columns('r.*') = 1",
    "1 = 1; drop table customers",
    "1 = 1;",
    ";",
    "1 = 1 -- and consent",
    "1 = 1 /* and consent */",
    "1 = 1) union select (1",
    "true union select 1",
    "drop table customers",
    "copy customers to 'x'",
    "attach 'x'",
    "set memory_limit = 1",
    "pragma version",
    "from customers",
    "values (1)",
    "region = 'a' order by 1",
    "region = 'a' limit 1",
    "region = $1",
    "region = ?",
    "region = :x",
    "customers.region = 'x'",
    "rowid = 1",
    "*",
    "count(*) > 1",
    "sum(recency_days) over () > 1",
    "random() < 0.5",
    "recency_days > now()",
    "current_date > signup_at",
    "region::int = 1",
    "try_cast('2026-01-01' as date) = signup_at",
    "signup_at < DATE 'soon'",
    "regexp_matches(region, '(a+)+')",
    "region similar to 'a'",
    "region = E'\\x41'",
    "region = 'a' collate nocase",
    "region = 'a\x00'",
    "region = [1, 2][1]",
    "list_contains(['a'], region)",
    "x -> x",
    "{'a': 1} = 1",
    "repeat('a', 1000000000) = region",
]

UNFINISHED = ["", "   ", "recency_days > 1 and", "1", "'a'", "recency_days + 1", "lower(region)"]


@pytest.mark.parametrize("expression", HARMLESS)
def test_a_plain_condition_comes_back_with_quoted_columns(expression: str) -> None:
    assert check_where(expression, COLUMNS) == HARMLESS[expression]


@pytest.mark.parametrize("expression", HARMLESS)
def test_checking_twice_changes_nothing_and_duckdb_reads_it(expression: str) -> None:
    once = check_where(expression, COLUMNS)
    assert check_where(once, COLUMNS) == once
    row = (
        "SELECT 'at_risk' AS lifecycle, 40 AS recency_days, 'n' AS region, "
        "TIMESTAMP '2025-05-05' AS signup_at, "
        '41 AS "shoe size", true AS subscription_active, 2 AS "order"'
    )
    as_written = expression.replace("order >", '"order" >')
    (before, after), *_ = duckdb.sql(f"SELECT ({as_written}), ({once}) FROM ({row})").fetchall()
    assert before == after


@pytest.mark.parametrize("expression", HOSTILE)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_where(expression, COLUMNS)
    assert caught.value.key == "where"


@pytest.mark.parametrize("expression", UNFINISHED)
def test_what_is_no_condition_is_refused(expression: str) -> None:
    with pytest.raises(ConfigurationError):
        check_where(expression, COLUMNS)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 70 + "true" + ")" * 70,
        "not " * 400 + "true",
        "- " * 500 + "1 = 1",
        "region = '" + "a" * 3000 + "'",
    ],
)
def test_a_condition_too_deep_or_too_long_is_refused(expression: str) -> None:
    with pytest.raises(ConfigurationError):
        check_where(expression, COLUMNS)


def test_an_unknown_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'recency_days'"):
        check_where("recencydays > 3", COLUMNS)


def test_a_text_in_double_quotes_is_a_column_and_said_so() -> None:
    with pytest.raises(ConfigurationError, match="single quotes"):
        check_where('region = "north"', COLUMNS)
