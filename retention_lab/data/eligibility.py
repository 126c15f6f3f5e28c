"""Who may be assigned in a campaign at a date, and why the others may not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import condition, exp

from retention_lab.arrays import Bools
from retention_lab.data.connect import Tables
from retention_lab.data.expressions import check_where
from retention_lab.data.queries import read_query, sql_of
from retention_lab.data.snapshot import snapshot, utc_instant
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.hashing import unit_interval

REASONS: Mapping[str, str] = {
    "global_holdout": "kept out of every campaign, to measure all of them together",
    "where": "the audience's condition is not true",
    "open_campaign": "assigned in a campaign too recently, to whatever arm",
    "consent": "has not consented to the channel",
    "suppression": "must not be contacted",
}


@dataclass(frozen=True, slots=True)
class GlobalHoldout:
    """A fixed random share of customers, in no campaign during [starts, until) (aware; None: no end)."""

    share: float
    salt: str
    starts: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """The eligible, and the others counted once each, under the first reason that held.

    rows: snapshot columns of the eligible, sorted by customer_id. considered: customers known at the date.
    suppressed: every key of `REASONS` -> customers; considered less their sum is the rows.
    notes: what was not checked because the project does not track it.
    """

    rows: pa.Table
    considered: int
    suppressed: Mapping[str, int]
    notes: tuple[str, ...]


def audience(
    tables: Tables,
    as_of: datetime,
    *,
    where: str | None = None,
    channel: str | None = None,
    min_days_between_assignments: int,
    global_holdout: GlobalHoldout | None = None,
) -> Audience:
    """The customers who may be assigned at `as_of` (aware).

    where: a condition over the snapshot's columns; None is everyone. channel: email, sms, push …; a consent
    that the table tracks must be true, and missing means no. min_days_between_assignments: of 24 hours, at
    least the horizon of the campaigns.
    In the order of `REASONS`. No reason looks at the arm of an earlier campaign, but a `where` over contacts
    or orders does once that campaign has closed.
    Raises ConfigurationError for a `where` that cannot be asked; LabError as `snapshot` does, and for
    suppressed addresses that cannot be matched.
    """
    known = snapshot(tables, as_of)
    ids = known.column("customer_id")
    notes: list[str] = []
    barred = {
        "global_holdout": _held_out(ids, as_of, global_holdout),
        "where": ~matching(tables, known, where),
        "open_campaign": _among(ids, recently_assigned(tables, as_of, min_days_between_assignments)),
        "consent": ~_consenting(known, channel, notes),
        "suppression": _among(ids, _suppressed(tables, as_of)),
    }
    eligible = np.ones(known.num_rows, dtype=np.bool_)
    suppressed = {}
    for reason in REASONS:
        suppressed[reason] = int((eligible & barred[reason]).sum())
        eligible &= ~barred[reason]
    return Audience(known.filter(pa.array(eligible)), known.num_rows, suppressed, tuple(notes))


def _held_out(ids: pa.ChunkedArray, as_of: datetime, holdout: GlobalHoldout | None) -> Bools:
    nobody = np.zeros(len(ids), dtype=np.bool_)
    if holdout is None or as_of < holdout.starts or (holdout.until is not None and as_of >= holdout.until):
        return nobody
    return in_global_holdout(ids.to_pylist(), holdout)


def in_global_holdout(ids: Sequence[str], holdout: GlobalHoldout) -> Bools:
    """(n,) who is kept out while it runs; by the id alone, so that new customers are in it from the first."""
    return np.asarray(unit_interval(ids, holdout.salt) < holdout.share, dtype=np.bool_)


def matching(tables: Tables, known: pa.Table, where: str | None) -> Bools:
    """Where the condition is true; an unknown one (a missing value) is not."""
    if where is None:
        return np.ones(known.num_rows, dtype=np.bool_)
    query = exp.select(
        exp.alias_(condition(check_where(where, known.column_names), dialect="duckdb"), "matches")
    ).from_("known_customers")
    tables.connection.register("known_customers", known)
    try:
        found = tables.query(sql_of(query)).column("matches")
    except duckdb.Error as error:  # its own message may quote a cell
        raise ConfigurationError(
            "The audience's condition does not fit the types of its columns.",
            "Compare numbers with numbers and text with text in single quotes.",
            key="where",
        ) from error
    finally:
        tables.connection.unregister("known_customers")
    if not pa.types.is_boolean(found.type):
        raise ConfigurationError(
            "The audience's condition is a value and no condition: it is neither true nor false.",
            "Compare it with something, as in recency_days > 30.",
            key="where",
        )
    return np.asarray(pc.fill_null(found, False), dtype=np.bool_)


def recently_assigned(tables: Tables, as_of: datetime, days: int) -> pa.ChunkedArray:
    """Ids of customers assigned in the `days` before `as_of` (aware), to whatever arm."""
    if not tables.has("assignments"):
        return pa.chunked_array([], pa.string())
    params = {"as_of": utc_instant(as_of), "days": days}
    return tables.query(sql_of(read_query("eligibility_open")), params).column("customer_id")


def suppressed_addresses(tables: Tables, as_of: datetime) -> list[str]:
    """E-mail addresses that must not be written to at a date (aware), as they are written in the table."""
    if not tables.has("suppressions") or "email" not in (columns := tables.columns("suppressions")):
        return []
    found = _suppressed_by(tables, "eligibility_suppressed_addresses", columns, as_of)
    return [str(address) for address in found.to_pylist()]


def _consenting(known: pa.Table, channel: str | None, notes: list[str]) -> Bools:
    everyone = np.ones(known.num_rows, dtype=np.bool_)
    if channel is None:
        notes.append("No channel is given, so no consent was checked.")
        return everyone
    name = f"consent_{channel}"
    if name not in known.column_names:
        notes.append(f"The project does not track consent to {channel}: there is no column {name}.")
        return everyone
    column = known.column(name)
    if not pa.types.is_boolean(column.type):
        raise LabError(
            f"The customers' column {name} holds {column.type}, and consent is true or false.",
            "Write it as true and false.",
            key=name,
        )
    return np.asarray(pc.fill_null(column, False), dtype=np.bool_)


def _suppressed(tables: Tables, as_of: datetime) -> pa.ChunkedArray:
    if not tables.has("suppressions"):
        return pa.chunked_array([], pa.string())
    columns = tables.columns("suppressions")
    found = []
    if "customer_id" in columns:
        found.append(_suppressed_by(tables, "eligibility_suppressed_ids", columns, as_of))
    if "email" in columns and tables.has("customers") and "email" in tables.columns("customers"):
        found.append(_suppressed_by(tables, "eligibility_suppressed_emails", columns, as_of))
    elif "email" in columns and _names_only_by_address(tables, columns):
        raise LabError(
            "Suppressions name people by email alone, and customers has no column email to find them by.",
            "Add email to customers, or give suppressions the customer_id.",
            key="suppressions.email",
        )
    return pa.chunked_array([chunk for ids in found for chunk in ids.chunks], pa.string())


def _suppressed_by(tables: Tables, name: str, columns: Collection[str], as_of: datetime) -> pa.ChunkedArray:
    query = read_query(name)
    if "since" not in columns:
        return tables.query(sql_of(query)).column(0)
    query = query.where("suppressions.since IS NULL OR suppressions.since <= $as_of", dialect="duckdb")
    return tables.query(sql_of(query), {"as_of": utc_instant(as_of)}).column(0)


def _names_only_by_address(tables: Tables, columns: Collection[str]) -> bool:
    without_id = "AND customer_id IS NULL" if "customer_id" in columns else ""
    found = tables.query(f"SELECT 1 FROM suppressions WHERE email IS NOT NULL {without_id} LIMIT 1")
    return bool(found.num_rows)


def _among(ids: pa.ChunkedArray, some: pa.ChunkedArray) -> Bools:
    return np.asarray(pc.is_in(ids, value_set=some.combine_chunks()), dtype=np.bool_)
