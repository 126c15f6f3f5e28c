"""Rows of an uplift model from the project's own past experiments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats, Ints
from retention_lab.config.dates import aware
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.experiments import experiment_rows, experiment_windows
from retention_lab.data.snapshot import snapshot_at, utc_instant
from retention_lab.data.snapshot_columns import core_features, feature_columns
from retention_lab.errors import LabError, did_you_mean
from retention_lab.off_policy import without_rare_arms
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.uplift_rows import UpliftRows, customer_codes

NONE = "none"
_GRACE = timedelta(days=1)  # a quiet night at the end of the data is not a missing day
OUTCOMES = {
    "contribution": "money",
    "revenue": "money",
    "orders": "number",
    "active": "binary",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An experiment, or rows of one, that was not learned from, and why."""

    experiment: str
    reason: str


def read_project_rows(
    tables: Tables, definition: UpliftDefinition, as_of: datetime | None
) -> tuple[UpliftRows, list[LeftOut]]:
    """The rows of the definition's experiments, with features as they stood when each row was assigned.

    Experiments that are named must be usable; where none is named, those whose window is still open at
    `as_of` (the data's end), or that have no propensities, are left out and returned with the reason. So are
    rows that drew an arm which they hardly could.
    Raises LabError where none is left, or a named one cannot be used.
    """
    until = None if as_of is None else _observed_until(tables, as_of)
    rows, arms, propensity, left_out = _drawn(tables, definition, until)
    snapshot = _snapshot(tables, rows)
    features = snapshot.select(wanted_features(snapshot, definition))
    costs = _costs(tables, arms[1:])
    metric = definition.metric.metric
    outcomes = _outcomes(rows, metric)
    redeemed = None if rows["redeemed"].null_count else _numbers(rows, "redeemed")
    unit = np.asarray(rows["customer_id"].to_numpy(zero_copy_only=False))
    found = UpliftRows(
        table=features,
        arms=arms,
        arm=_codes(rows, arms),
        propensity=propensity,
        outcomes=outcomes,
        kinds={name: OUTCOMES[name] for name in outcomes},
        target=metric,
        per_unit=1.0,
        in_money=metric == "contribution" and _net_value_known(costs, redeemed),
        unit=unit,
        customer=customer_codes(unit),
        redeemed=redeemed,
        active=outcomes["active"],
        contact_cost=np.zeros(len(arms) - 1) if costs is None else costs[0],
        redemption_cost=np.zeros(len(arms) - 1) if costs is None else costs[1],
        planned=None,
        time=None,
        sha256=content_sha256(_side_by_side(rows, features)),
        context=snapshot,
        id_column="customer_id",
    )
    return found, left_out


def _drawn(
    tables: Tables, definition: UpliftDefinition, until: datetime | None
) -> tuple[pa.Table, tuple[str, ...], Floats | None, list[LeftOut]]:
    """The n assignments to learn from, the arms, their (n, K + 1) propensities if known; what is left out."""
    names, left_out = _usable(tables, definition, until)
    estimate, horizon = definition.propensity == "estimate", definition.metric.horizon_days
    rows = experiment_rows(tables, names, horizon, allow_unknown_propensity=estimate, observed_until=until)
    rows, before = _since(tables, definition, rows)
    left_out += before
    arms = (NONE, *sorted(set(rows["arm"].to_pylist()) - {NONE}))
    if estimate:
        return rows, arms, None, left_out
    keep, propensity = without_rare_arms(_codes(rows, arms), _propensity(rows, arms))
    left_out += _rarely(int((~keep).sum()))
    return rows.filter(pa.array(keep)), arms, propensity, left_out


def _usable(
    tables: Tables, definition: UpliftDefinition, until: datetime | None
) -> tuple[Sequence[str], list[LeftOut]]:
    if definition.experiments:
        return definition.experiments, []
    if not tables.has("assignments"):
        raise LabError(
            "There are no assignments yet, so there is nothing to learn what an offer causes from.",
            "Launch a campaign (`lab campaign launch`), or `lab data import assignments FILE`.",
        )
    windows = experiment_windows(tables, definition.metric.horizon_days, until)
    logged = _with_propensities(tables) if definition.propensity != "estimate" else None
    ours = _of_known_customers(tables)
    names, left_out = [], []
    for window in windows:
        if window.experiment not in ours:
            left_out.append(LeftOut(window.experiment, "its customers are not in the project's tables"))
        elif not window.closed:
            left_out.append(LeftOut(window.experiment, "its outcomes are not complete yet"))
        elif logged is not None and window.experiment not in logged:
            left_out.append(LeftOut(window.experiment, "nobody logged its propensities"))
        else:
            names.append(window.experiment)
    if not names:
        why = "; ".join(f"{item.experiment}: {item.reason}" for item in left_out) or "there are none"
        raise LabError(
            f"No experiment can be learned from ({why}).",
            "Wait until a campaign's horizon has passed, or import the outcomes of a randomised one.",
            file=definition.file,
            key="experiments",
        )
    return names, left_out


def _since(tables: Tables, definition: UpliftDefinition, rows: pa.Table) -> tuple[pa.Table, list[LeftOut]]:
    """The rows assigned from the definition's date on, and how many came before."""
    if definition.since is None:
        return rows, []
    start = aware(definition.since, ZoneInfo(tables.timezone))
    recent = rows.filter(
        pc.greater_equal(rows["assigned_at"], pa.scalar(utc_instant(start), pa.timestamp("us")))
    )
    before = rows.num_rows - recent.num_rows
    if recent.num_rows == 0:
        raise LabError(
            f"None of the {before} rows whose outcomes are complete was assigned since {definition.since}.",
            "Name an earlier date, or wait until the outcomes of a later campaign are complete.",
            file=definition.file,
            key="since",
        )
    return recent, [LeftOut(f"{before} rows", f"assigned before {definition.since}")] if before else []


def _rarely(rows: int) -> list[LeftOut]:
    reason = "drew an arm that they had a chance below 1 % to draw: each would weigh more than a hundred"
    return [LeftOut(f"{rows} rows", reason)] if rows else []


def _snapshot(tables: Tables, rows: pa.Table) -> pa.Table:
    """What was known about each row's customer when the row was assigned."""
    cutoffs = pa.table({"customer_id": rows["customer_id"], "as_of": rows["assigned_at"]})
    return snapshot_at(tables, cutoffs)


def _side_by_side(left: pa.Table, right: pa.Table) -> pa.Table:
    columns = {f"row.{name}": left.column(name) for name in left.column_names}
    return pa.table(columns | {name: right.column(name) for name in right.column_names})


def _with_propensities(tables: Tables) -> set[str]:
    found = tables.query(
        "SELECT experiment FROM assignments GROUP BY experiment HAVING count(propensity) > 0"
    )
    return set(found["experiment"].to_pylist())


def _of_known_customers(tables: Tables) -> set[str]:
    """Experiments on the project's own customers: a launch on a flat file assigns people it does not know."""
    known = "customers" if tables.has("customers") else "transactions"
    found = tables.query(f"SELECT DISTINCT experiment FROM assignments SEMI JOIN {known} USING (customer_id)")
    return set(found["experiment"].to_pylist())


def wanted_features(snapshot: pa.Table, definition: UpliftDefinition) -> list[str]:
    """The snapshot's columns that the definition's model reads. Raises LabError for an unknown one."""
    known = feature_columns(snapshot)
    if definition.features:
        missing = [name for name in definition.features if name not in known]
        if missing:
            raise LabError(
                f"The snapshot has no feature '{missing[0]}'.",
                "`lab customers columns` lists them.",
                file=definition.file,
                key="features",
            )
        return list(definition.features)
    for name in definition.exclude:  # a misspelt one would let its column in
        if name not in known:
            raise LabError(
                f"The snapshot has no feature '{name}' to exclude.",
                f"`lab customers columns` lists them. {did_you_mean(name, known)}",
                file=definition.file,
                key="exclude",
            )
    return [name for name in core_features(snapshot) if name not in definition.exclude]


def _codes(rows: pa.Table, arms: tuple[str, ...]) -> Ints:
    position = {name: k for k, name in enumerate(arms)}
    return np.array([position[name] for name in rows["arm"].to_pylist()], dtype=np.int64)


def _numbers(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows[name].to_numpy(zero_copy_only=False), dtype=np.float64)


def _outcomes(rows: pa.Table, metric: str) -> dict[str, Floats]:
    """The outcomes that the project's tables can tell. Raises LabError where `metric` is not among them."""
    if rows[metric].null_count:
        raise LabError(
            f"The {metric} of {rows[metric].null_count} of {rows.num_rows} rows cannot be told from the "
            "tables.",
            "Set margin_share in lab.yaml or import transactions with a contribution, or choose another "
            "outcome.metric.",
            key="outcome.metric",
        )
    return {name: _numbers(rows, name) for name in OUTCOMES if rows[name].null_count == 0}


def _net_value_known(costs: tuple[Floats, Floats] | None, redeemed: Floats | None) -> bool:
    """Whether costs can be taken off: without them, the outcome alone is judged."""
    return costs is not None and (redeemed is not None or not costs[1].any())


def _observed_until(tables: Tables, as_of: datetime) -> datetime:
    """Up to when outcomes are complete as of a date: no later than the data say anything about."""
    end = tables.data_end() + _GRACE
    if as_of > end:
        raise LabError(
            f"The data end on {tables.data_end():%Y-%m-%d}, before {as_of:%Y-%m-%d}: nothing is known as of "
            "that date.",
            "Give an earlier --as-of, leave it out, or import the orders up to then.",
            key="--as-of",
        )
    return as_of


def _costs(tables: Tables, offers: Sequence[str]) -> tuple[Floats, Floats] | None:
    """(K,) cost per contact and per redemption, in the project's currency; None without a table of offers."""
    if not tables.has("offers"):
        return None
    found = {row["offer_id"]: row for row in tables.query("SELECT * FROM offers").to_pylist()}
    contact = [float(found[name]["cost_per_contact"] or 0.0) for name in offers]
    redemption = [float(found[name].get("cost_per_redemption") or 0.0) for name in offers]
    return np.array(contact), np.array(redemption)


def _propensity(rows: pa.Table, arms: tuple[str, ...]) -> Floats:
    """(n, K + 1): arms that an experiment did not have get 0."""
    out = np.zeros((rows.num_rows, len(arms)))
    for k, name in enumerate(arms):
        column = f"p.{name}"
        if column in rows.column_names:
            out[:, k] = np.nan_to_num(rows[column].to_numpy(zero_copy_only=False), nan=0.0)
    return out
