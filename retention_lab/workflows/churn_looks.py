"""Rows of a churn model from looks at the project's tables: features before each date, labels after it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.churn.labels import contract_ended, inactive
from retention_lab.churn.snapshots import Look, Schedule
from retention_lab.config.churn import ChurnDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.snapshot import feature_columns, snapshot, snapshots
from retention_lab.data.snapshot_columns import MARKS, core_features
from retention_lab.errors import LabError, did_you_mean
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.churn_rows import ChurnRows

_DAY = 86_400_000_000  # microseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_churn_looks(tables: Tables, definition: ChurnDefinition, as_of: datetime | None) -> ChurnRows:
    """The rows of all looks whose labels were complete at `as_of`, the end of the data where it is None.

    By inactivity, a customer is at risk at a look who ordered within as many days before it; by
    subscription, one whose subscription runs when the label begins. The others have left already, or were
    never there.
    Raises LabError where the data do not reach so far back, or nobody was at risk.
    """
    looks = _schedule(definition).looks(_now(tables, as_of))
    seen = snapshots(tables, [_instant(look.as_of) for look in looks])
    parts = [_at_risk(tables, definition, look, rows) for look, rows in zip(looks, seen, strict=True)]
    known = [(look, table, left) for look, (table, left) in zip(looks, parts, strict=True) if len(left)]
    if not known:
        raise LabError(
            f"Nobody was at risk at any of {len(looks)} looks.",
            "Take fewer looks, or a shorter horizon: the data may not reach so far back.",
            file=definition.file,
            key="snapshots",
        )
    context = pa.concat_tables([table for _, table, _ in known], promote_options="permissive")
    left = np.concatenate([left for _, _, left in known])
    counts = [len(left) for _, _, left in known]
    features = context.select(_feature_names(context, definition))
    labelled = features.append_column("__left", pa.array(left))
    return ChurnRows(
        table=features,
        left=left,
        unit=np.asarray(context["customer_id"].to_numpy(zero_copy_only=False)),
        context=context,
        sha256=content_sha256(labelled),
        id_column="customer_id",
        as_of=np.repeat([look.as_of for look, _, _ in known], counts),
        label_end=np.repeat([look.label_end for look, _, _ in known], counts),
        notes=tuple(_said(look, count) for (look, _, _), count in zip(known, counts, strict=True)),
    )


def current_rows(tables: Tables, as_of: datetime | None) -> pa.Table:
    """The snapshot of today, or of a date: what is scored and explained; nobody knows its labels yet."""
    return snapshot(tables, _instant(_now(tables, as_of)))


def _schedule(definition: ChurnDefinition) -> Schedule:
    looks = definition.looks
    return Schedule(
        every=looks.every_days * _DAY,
        count=looks.count,
        horizon=definition.horizon_days * _DAY,
        gap=looks.gap_days * _DAY,
    )


def _now(tables: Tables, as_of: datetime | None) -> int:
    """Up to when everything is known, in microseconds: the first instant after the last full day of data."""
    end = tables.data_end().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if as_of is not None and as_of > end:
        raise LabError(
            f"The data end on {tables.data_end():%Y-%m-%d}, before {as_of:%Y-%m-%d}: nothing is known as of "
            "that date.",
            "Give an earlier --as-of, leave it out, or import the orders up to then.",
            key="--as-of",
        )
    return _micros(end if as_of is None else as_of)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _at_risk(
    tables: Tables, definition: ChurnDefinition, look: Look, rows: pa.Table
) -> tuple[pa.Table, Floats]:
    """The snapshot's rows of those at risk, and whether each left."""
    if definition.label.inactive_days is not None:
        recency = rows["recency_days"].to_numpy(zero_copy_only=False).astype(np.float64)
        keep = np.asarray(recency <= definition.label.inactive_days)  # NaN, never ordered: is not
        rows = rows.filter(pa.array(keep))
        return rows, _inactive(tables, rows, look)
    left = _ended(tables, rows, look)
    keep = ~np.isnan(left)
    return rows.filter(pa.array(keep)), left[keep]


def _inactive(tables: Tables, rows: pa.Table, look: Look) -> Floats:
    orders = tables.query(
        "SELECT customer_id, ordered_at FROM transactions "
        "WHERE ordered_at >= $start AND ordered_at < $end AND amount > 0 AND customer_id IS NOT NULL",
        {"start": _instant(look.label_start), "end": _instant(look.label_end)},
    )
    customer, known = _places(orders, rows)
    at = _moments(orders["ordered_at"])
    return inactive(customer[known], at[known], rows.num_rows, look.label_start, look.label_end)


def _ended(tables: Tables, rows: pa.Table, look: Look) -> Floats:
    """(n,) 1 where every subscription that runs at the start has ended and none runs at the end."""
    tables.require("subscriptions")
    found = tables.query("SELECT customer_id, started_at, ended_at FROM subscriptions")
    customer, known = _places(found, rows)
    started, ended = _moments(found["started_at"])[known], _moments(found["ended_at"])[known]
    open_still = np.asarray(found["ended_at"].is_null())[known]
    by_contract = contract_ended(started, ended, open_still, look.label_start, look.label_end)
    running = ~np.isnan(by_contract)
    later = (started < look.label_end) & (open_still | (ended >= look.label_end))
    n = rows.num_rows
    at_start = np.bincount(customer[known][running], minlength=n) > 0
    at_end = np.bincount(customer[known][later], minlength=n) > 0
    return np.asarray(np.where(at_start, ~at_end, np.nan), dtype=np.float64)


def _places(table: pa.Table, rows: pa.Table) -> tuple[Ints, Bools]:
    """(m,) position of each row's customer among `rows`, and whether there is one."""
    ids = rows["customer_id"].combine_chunks()
    found = pc.index_in(table["customer_id"].combine_chunks(), value_set=ids)
    known = np.asarray(found.is_valid())
    return np.asarray(found.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64), known


def _moments(column: Any) -> Ints:
    whole = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(whole, 0).to_numpy(), dtype=np.int64)


def _feature_names(context: pa.Table, definition: ChurnDefinition) -> list[str]:
    known = feature_columns(context)
    asked = {
        "features": definition.features or (),
        "exclude": definition.exclude,
        "changeable": definition.changeable,
        "reasons": tuple(definition.reasons),
        "duration": () if definition.duration is None else (definition.duration,),
    }
    for key, names in asked.items():
        for name in names:
            if name not in known:
                raise LabError(
                    f"The snapshot has no feature '{name}'.",
                    f"`lab customers columns` lists them. {did_you_mean(name, known)}",
                    file=definition.file,
                    key=key,
                )
    named = {*definition.changeable, *definition.reasons, definition.duration}
    default = {*core_features(context), *MARKS}
    usual = [name for name in known if name in default or name in named]
    return [name for name in definition.features or usual if name not in definition.exclude]


def _said(look: Look, count: int) -> str:
    return f"{_instant(look.as_of):%Y-%m-%d}: {count} customers"
