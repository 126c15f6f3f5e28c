"""Whether the tables agree with themselves and with each other, before anything is learned from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from retention_lab.checks import Check, Severity, check, hard_failures
from retention_lab.data.connect import Tables
from retention_lab.data.schema import TABLES, TableSchema
from retention_lab.data.sources import identifier

Counts = dict[str, Any]

FEW = 0.01  # share of rows that every real table may have wrong
_BROKEN = 0.5  # more than this unknown means that ids are written in two ways
_FEWEST_DAYS = 90
_LONGEST_GAP_DAYS = 14
_LARGEST_OVER_MEDIAN = 10_000
_UNKNOWN_ALLOWED = ("suppressions",)  # they may name people who never bought


@dataclass(frozen=True, slots=True)
class Quality:
    """tables: counts of each. checks: as the contract's JSON has them."""

    tables: dict[str, Counts]
    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether no hard check failed."""
        return not hard_failures(self.checks)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"tables": self.tables, "checks": self.checks}


def check_tables(tables: Tables) -> Quality:
    """Count and check every table that is there."""
    counts = {name: table_counts(tables, schema) for name, schema in TABLES.items() if tables.has(name)}
    checks = [one for name, found in counts.items() for one in _table_checks(name, found)]
    if tables.has("transactions"):
        checks += _transaction_checks(tables)
    if tables.has("assignments"):
        checks += _assignment_checks(tables)
    checks += list(_relations(tables))
    checks.append(_consent(tables))
    return Quality(counts, checks)


def table_counts(tables: Tables, schema: TableSchema) -> Counts:
    """rows, without_customer (null, or not among the customers), duplicates, missing, first and last time."""
    there = tables.columns(schema.name)
    gaps = [name for name in schema.names if name in there]
    parts = ["count(*) AS total"] + [
        f"count(*) FILTER ({identifier(name)} IS NULL) AS {identifier('missing ' + name)}" for name in gaps
    ]
    times = [name for name in gaps if schema.column(name).type == "time"]
    if times:
        when = identifier(times[0])
        parts += [f"min({when}) AS first_time", f"max({when}) AS last_time"]
    row = _row(tables, f"SELECT {', '.join(parts)} FROM {schema.name}")
    missing = {name: row["missing " + name] for name in gaps}
    first, last = row.get("first_time"), row.get("last_time")
    return {
        "rows": row["total"],
        "without_customer": _without_customer(tables, schema, there),
        "duplicates": _duplicates(tables, schema, there),
        "missing": {name: count for name, count in missing.items() if count},
        "first": None if first is None else first.isoformat() + "Z",
        "last": None if last is None else last.isoformat() + "Z",
    }


def _without_customer(tables: Tables, schema: TableSchema, there: list[str]) -> int | None:
    if "customer_id" not in there or not tables.has("customers"):
        return None
    known = "customer_id IN (SELECT customer_id FROM customers WHERE customer_id IS NOT NULL)"
    wrong = f"customer_id IS NULL OR NOT {known}"
    if schema.name == "suppressions":
        wrong = f"customer_id IS NOT NULL AND NOT {known}"
    return int(_row(tables, f"SELECT count(*) FILTER ({wrong}) AS n FROM {schema.name}")["n"])


def _duplicates(tables: Tables, schema: TableSchema, there: list[str]) -> int:
    """Rows beyond the first of every key; without a key, of every row equal in all columns."""
    keys = ", ".join(identifier(name) for name in schema.key or there)
    grouped = f"SELECT count(*) AS n FROM {schema.name} GROUP BY {keys}"
    return int(_row(tables, f"SELECT coalesce(sum(n - 1), 0)::BIGINT AS again FROM ({grouped})")["again"])


def _table_checks(name: str, counts: Counts) -> Iterator[Check]:
    schema, rows = TABLES[name], counts["rows"]
    if schema.key:
        doubled = counts["duplicates"]
        said = f"{doubled:,} rows whose {' and '.join(schema.key)} stands in an earlier row"
        yield check(f"{name}.unique", "hard", doubled == 0, doubled, 0, said)
    else:
        yield _share_check(f"{name}.duplicates", counts["duplicates"], rows, "rows equal to an earlier one")
    needed = [column.name for column in schema.columns if column.required and not column.may_be_missing]
    gaps = sum(counts["missing"].get(column, 0) for column in needed)
    if schema.key and any(counts["missing"].get(column, 0) for column in schema.key):
        yield check(f"{name}.missing", "hard", False, gaps, 0, f"{gaps:,} empty cells, in the key too")
    else:
        yield _share_check(
            f"{name}.missing", gaps, rows * len(needed), "empty cells in columns that each row needs"
        )
    unknown = counts["without_customer"]
    if unknown is not None and name != "customers" and name not in _UNKNOWN_ALLOWED:
        share = unknown / rows if rows else 0.0
        said = f"{unknown:,} of {rows:,} rows ({share:.1%}) are of nobody in customers"
        if share > _BROKEN:
            said += "; ids may be written in two ways"
        severity: Severity = "hard" if share > _BROKEN else "soft"
        threshold = _BROKEN if share > _BROKEN else FEW
        yield check(f"{name}.customers", severity, share <= FEW, share, threshold, said)


def _transaction_checks(tables: Tables) -> list[Check]:
    row = _row(tables, _packaged("quality_transactions"))
    said = "returned lines whose order has no sold line"
    unknown = tables.without_contribution
    known = unknown or "contribution is known or follows from margin_share"
    return [
        _share_check("transactions.returns", row["returned_without_order"], row["returned"], said),
        *_rhythm_checks(row["days_covered"], row["longest_gap"] or 0),
        _amounts_check(row["largest_amount"], row["median_amount"]),
        check("transactions.contribution", "soft", unknown is None, None, None, known),
    ]


def _rhythm_checks(days: int | None, gap: int) -> list[Check]:
    enough = None if days is None else days >= _FEWEST_DAYS
    span = f"{days} days from the first order to the last"
    pause = f"{gap} days without any order is the longest gap"
    return [
        check("transactions.span", "soft", enough, days, _FEWEST_DAYS, span),
        check("transactions.gap", "soft", gap <= _LONGEST_GAP_DAYS, gap, _LONGEST_GAP_DAYS, pause),
    ]


def _amounts_check(largest: float | None, median: float | None) -> Check:
    if largest is None or not median:
        return check("transactions.amounts", "soft", None, None, _LARGEST_OVER_MEDIAN, "no line was sold")
    ratio = largest / median
    said = f"the largest amount is {ratio:,.0f} times the median"
    return check(
        "transactions.amounts", "soft", ratio <= _LARGEST_OVER_MEDIAN, ratio, _LARGEST_OVER_MEDIAN, said
    )


def _assignment_checks(tables: Tables) -> list[Check]:
    row = _row(tables, _packaged("quality_assignments"))
    checks = [
        _none_of("assignments.propensity", row["impossible"], "propensities are not in (0, 1]"),
        _none_of("assignments.role", row["other_role"], "roles are not policy, exploration or holdout"),
        _none_of("assignments.holdout", row["holdout_contacted"], "holdout rows have another arm than none"),
        check(
            "assignments.known_propensity",
            "soft",
            row["unknown"] == 0,
            row["unknown"],
            0,
            f"{row['unknown']:,} rows have no propensity: it has to be estimated, and results rest on that",
        ),
    ]
    if tables.has("propensities"):
        row = _row(tables, _packaged("quality_propensities"))
        checks += [
            _none_of("propensities.sum", row["not_one"], f"of {row['units']:,} units do not sum to one"),
            _none_of("propensities.drawn", row["disagreeing"], "drawn arms disagree with what was logged"),
        ]
    return checks


_RELATIONS = (
    (
        ("transactions", "customers"),
        "transactions.before_signup",
        "lines lie before their customer's signup",
        "SELECT count(*) AS total, count(*) FILTER (ordered_at < signup_at) AS wrong "
        "FROM transactions JOIN customers USING (customer_id)",
    ),
    (
        ("subscriptions",),
        "subscriptions.order",
        "subscriptions end before they start",
        "SELECT count(*) AS total, count(*) FILTER (ended_at < started_at) AS wrong FROM subscriptions",
    ),
    (
        ("redemptions", "assignments"),
        "redemptions.assigned",
        "redemptions are of nobody in that experiment",
        "SELECT count(*) AS total, count(*) FILTER (NOT EXISTS (SELECT 1 FROM assignments AS a "
        "WHERE a.experiment = r.experiment AND a.customer_id = r.customer_id)) AS wrong "
        "FROM redemptions AS r",
    ),
    (
        ("assignments", "offers"),
        "assignments.offers",
        "assignments have an arm that is no offer, so their cost is not known",
        "SELECT count(*) AS total, count(*) FILTER (arm <> 'none' AND arm NOT IN "
        "(SELECT offer_id FROM offers WHERE offer_id IS NOT NULL)) AS wrong FROM assignments",
    ),
    (
        ("transactions", "products"),
        "transactions.products",
        "lines have a product that is not among the products",
        "SELECT count(*) AS total, count(*) FILTER (product_id NOT IN "
        "(SELECT product_id FROM products WHERE product_id IS NOT NULL)) AS wrong FROM transactions",
    ),
)


def _relations(tables: Tables) -> Iterator[Check]:
    for needed, name, said, sql in _RELATIONS:
        if not all(tables.has(table) for table in needed):
            continue
        if name == "transactions.products" and "product_id" not in tables.columns("transactions"):
            continue
        if name == "subscriptions.order" and "ended_at" not in tables.columns("subscriptions"):
            continue
        row = _row(tables, sql)
        yield _share_check(name, row["wrong"], row["total"], said)


def _consent(tables: Tables) -> Check:
    if not tables.has("customers"):
        return check("customers.consent", "soft", None, None, None, "there is no table of customers")
    tracked = [name for name in tables.columns("customers") if name.startswith("consent_")]
    said = f"tracked: {', '.join(tracked)}" if tracked else "no consent is tracked: everyone may be contacted"
    return check("customers.consent", "soft", bool(tracked), len(tracked), 1, said)


def _share_check(name: str, wrong: int, rows: int, said: str) -> Check:
    share = wrong / rows if rows else 0.0
    detail = f"{wrong:,} of {rows:,} ({share:.1%}): {said}"
    return check(name, "soft", share <= FEW, share, FEW, detail)


def _none_of(name: str, wrong: int, said: str) -> Check:
    return check(name, "hard", wrong == 0, wrong, 0, f"{wrong:,} {said}")


def _row(tables: Tables, sql: str) -> Counts:
    row: Counts = tables.query(sql).to_pylist()[0]
    return row


def _packaged(statement: str) -> str:
    return (resources.files("retention_lab.data") / "sql" / f"{statement}.sql").read_text(encoding="utf-8")
