"""Rows of an uplift model from the project's own past experiments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from retention_lab.arrays import Floats, Ints
from retention_lab.config.uplift import UpliftDefinition
from retention_lab.data.connect import Tables
from retention_lab.data.experiments import experiment_rows, experiment_windows
from retention_lab.data.snapshot import feature_columns, snapshot_at
from retention_lab.errors import LabError
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.uplift_rows import UpliftRows

NONE = "none"
OUTCOMES = {
    "contribution": "money",
    "revenue": "money",
    "orders": "number",
    "active": "binary",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An experiment that was not learned from, and why."""

    experiment: str
    reason: str


def read_project_rows(
    tables: Tables, definition: UpliftDefinition, as_of: datetime | None
) -> tuple[UpliftRows, list[LeftOut]]:
    """The rows of the definition's experiments, with features as they stood when each row was assigned.

    Experiments that are named must be usable; where none is named, those whose window is still open at
    `as_of` (the data's end), or that have no propensities, are left out and returned with the reason.
    Raises LabError where none is left, or a named one cannot be used.
    """
    horizon = definition.metric.horizon_days
    names, left_out = _usable(tables, definition, as_of)
    estimate = definition.propensity == "estimate"
    rows = experiment_rows(tables, names, horizon, allow_unknown_propensity=estimate)
    cutoffs = pa.table({"customer_id": rows["customer_id"], "as_of": rows["assigned_at"]})
    snapshot = snapshot_at(tables, cutoffs)
    features = _wanted_features(snapshot, definition)
    arms = (NONE, *sorted(set(rows["arm"].to_pylist()) - {NONE}))
    arm = _codes(rows, arms)
    contact, redemption = _costs(tables, arms[1:])
    outcomes = {name: np.asarray(rows[name].to_numpy(), dtype=np.float64) for name in OUTCOMES}
    metric = definition.metric.metric
    found = UpliftRows(
        table=snapshot.select(features),
        arms=arms,
        arm=arm,
        propensity=None if estimate else _propensity(rows, arms),
        outcomes=outcomes,
        kinds=dict(OUTCOMES),
        target=metric,
        per_unit=1.0,
        in_money=metric == "contribution",
        unit=np.asarray(rows["customer_id"].to_numpy(zero_copy_only=False)),
        redeemed=np.asarray(rows["redeemed"].to_numpy(), dtype=np.float64),
        active=outcomes["active"],
        contact_cost=contact,
        redemption_cost=redemption,
        planned=None,
        time=None,
        sha256=content_sha256(_side_by_side(rows, snapshot.select(features))),
        context=snapshot,
    )
    return found, left_out


def _usable(
    tables: Tables, definition: UpliftDefinition, as_of: datetime | None
) -> tuple[Sequence[str], list[LeftOut]]:
    if definition.experiments:
        return definition.experiments, []
    if not tables.has("assignments"):
        raise LabError(
            "There are no assignments yet, so there is nothing to learn what an offer causes from.",
            "Launch a campaign (`lab campaign launch`), or `lab data import assignments FILE`.",
        )
    windows = experiment_windows(tables, definition.metric.horizon_days, as_of)
    logged = _with_propensities(tables) if definition.propensity != "estimate" else None
    names, left_out = [], []
    for window in windows:
        if not window.closed:
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


def _side_by_side(left: pa.Table, right: pa.Table) -> pa.Table:
    columns = {f"row.{name}": left.column(name) for name in left.column_names}
    return pa.table(columns | {name: right.column(name) for name in right.column_names})


def _with_propensities(tables: Tables) -> set[str]:
    found = tables.query(
        "SELECT experiment FROM assignments GROUP BY experiment HAVING count(propensity) > 0"
    )
    return set(found["experiment"].to_pylist())


def _wanted_features(snapshot: pa.Table, definition: UpliftDefinition) -> list[str]:
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
    return [name for name in known if name not in definition.exclude]


def _codes(rows: pa.Table, arms: tuple[str, ...]) -> Ints:
    position = {name: k for k, name in enumerate(arms)}
    return np.array([position[name] for name in rows["arm"].to_pylist()], dtype=np.int64)


def _costs(tables: Tables, offers: Sequence[str]) -> tuple[Floats, Floats]:
    """(K,) cost per contact and per redemption, in the project's currency."""
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
