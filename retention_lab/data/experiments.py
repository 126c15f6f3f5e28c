"""Past experiments as rows to learn from and to measure with: arm, probabilities, and outcomes after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from retention_lab.arrays import Floats, Ints
from retention_lab.data.connect import Tables
from retention_lab.data.queries import (
    order_line_columns,
    read_query,
    sql_of,
    with_first,
    without_missing_columns,
)
from retention_lab.errors import LabError, did_you_mean

NONE = "none"
COLUMNS = pa.schema(
    [
        ("experiment", pa.string()),
        ("customer_id", pa.string()),
        ("arm", pa.string()),
        ("propensity", pa.float64()),
        ("assigned_at", pa.timestamp("us")),
        ("role", pa.string()),
        ("intended_arm", pa.string()),
        ("stratum", pa.string()),
        ("orders", pa.int64()),
        ("active", pa.int64()),
        ("revenue", pa.float64()),
        ("contribution", pa.float64()),
        ("discount", pa.float64()),
        ("redeemed", pa.int64()),
        ("redemption_cost", pa.float64()),
        ("contact_cost", pa.float64()),
        ("profit", pa.float64()),
    ]
)
# files from elsewhere round their shares; a wrong share is off by far more
_TOLERANCE = 1e-6
# the last order seen need not be the last instant seen: a quiet night is not a missing day
_GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExperimentWindow:
    """An experiment, when its last outcome window closes (aware), and whether the data reach that far."""

    experiment: str
    rows: int
    customers: int
    closes_at: datetime
    closed: bool


def experiment_windows(
    tables: Tables, horizon_days: int, observed_until: datetime | None = None
) -> list[ExperimentWindow]:
    """Every experiment in `assignments`, by name.

    observed_until: the instant (aware) up to which outcomes are complete; None: a day after the last order.
    Raises LabError without an assignments table.
    """
    tables.require("assignments", "transactions")
    until = observed_until or tables.data_end() + _GRACE
    found = tables.query(sql_of(read_query("experiment_list"))).to_pylist()
    windows = []
    for row in found:
        if row["experiment"] is None or row["last_assigned_at"] is None:
            raise LabError(
                f"{row['rows']} assignments have no experiment or no assigned_at.",
                "Complete or remove them.",
                key="assignments",
            )
        closes_at = row["last_assigned_at"].replace(tzinfo=UTC) + timedelta(days=horizon_days)
        windows.append(
            ExperimentWindow(row["experiment"], row["rows"], row["customers"], closes_at, closes_at <= until)
        )
    return windows


def experiment_rows(
    tables: Tables,
    experiments: Sequence[str] | None,
    horizon_days: int,
    *,
    allow_unknown_propensity: bool = False,
    observed_until: datetime | None = None,
) -> pa.Table:
    """One row per (experiment, customer), sorted by both, with outcomes in [assigned_at, + horizon).

    experiments: their names; None: every one whose outcome window has closed.
    Columns: `COLUMNS`, money in the project's currency, then `p.<arm>` for every arm of these experiments
    (none first): the logged probabilities, or the experiment's shares where all units had the same; null
    where neither is known. contribution is null where the project has none, costs where it has no offers,
    redeemed where nothing says who redeemed; profit wherever it would need one of these.

    Raises LabError for an unknown experiment, a window that has not closed, duplicate units, arms that are
    no offers, null propensities (unless `allow_unknown_propensity`), and probabilities that do not sum to 1
    or contradict the assignment.
    """
    names = _chosen(experiment_windows(tables, horizon_days, observed_until), experiments)
    connection = tables.connection
    connection.register("chosen_experiments", pa.table({"experiment": pa.array(names, pa.string())}))
    try:
        rows = _outcomes(tables, horizon_days)
        logged = _logged(tables)
    finally:
        connection.unregister("chosen_experiments")
    _check_complete(rows)
    arms = _arms(rows, logged)
    _check_offers(tables, arms)
    _check_known(rows, allow_unknown_propensity)
    return _with_probabilities(rows, arms, _probabilities(rows, arms, logged))


def _chosen(windows: list[ExperimentWindow], experiments: Sequence[str] | None) -> list[str]:
    known = {window.experiment: window for window in windows}
    for name in experiments or ():
        if name not in known:
            raise LabError(f"No experiment in assignments is named {name!r}.", did_you_mean(name, known))
    asked = windows if experiments is None else [known[name] for name in dict.fromkeys(experiments)]
    chosen = [window for window in asked if window.closed]
    still_open = [window for window in asked if not window.closed]
    if still_open and (experiments is not None or not chosen):
        first = still_open[0]
        raise LabError(
            f"The outcomes of {first.experiment!r} are not complete: its last window closes on "
            f"{first.closes_at:%Y-%m-%d %H:%M} UTC, and the data end before.",
            "Wait until then and import the orders, leave it out, or set a shorter horizon.",
        )
    if not chosen:
        raise LabError(
            "No experiment was asked for, or assignments is empty.", "Launch or import an experiment first."
        )
    for window in chosen:
        if window.rows != window.customers:
            raise LabError(
                f"{window.rows - window.customers} rows of {window.experiment!r} assign a customer again: "
                "a unit enters an experiment once.",
                "Keep one row per experiment and customer (`lab data check` lists the duplicates).",
            )
    return [window.experiment for window in chosen]


def _outcomes(tables: Tables, horizon_days: int) -> pa.Table:
    redemptions = _redemption_source(tables)
    query = with_first(read_query("experiment_rows"), "arm_costs", _costs(tables))
    query = with_first(query, "redeemed_offers", redemptions or _no_redemptions())
    available = {"assignments": tables.columns("assignments"), "order_lines": order_line_columns(tables)}
    if not tables.has("offers"):
        available["arm_costs"] = ["arm"]
    query = without_missing_columns(query, available)
    params = {"horizon_days": horizon_days, "unredeemed": None if redemptions is None else 0}
    found = tables.query(sql_of(query), params)
    columns = [
        found.column(field.name).cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in COLUMNS
    ]
    return pa.table(columns, schema=COLUMNS)


def _redemption_source(tables: Tables) -> exp.Select | None:
    """The redemptions table wins over offers noted on order lines; None where neither is there."""
    if tables.has("redemptions"):
        return read_query("experiment_redemptions")
    if "offer_id" in tables.columns("transactions"):
        return read_query("experiment_offer_lines")
    return None


def _no_redemptions() -> exp.Select:
    query = read_query("experiment_offer_lines")
    return query.select(
        "CAST(NULL AS TEXT) AS experiment",
        "transactions.customer_id",
        "CAST(NULL AS TEXT) AS offer_id",
        "transactions.ordered_at AS redeemed_at",
        append=False,
    ).where("FALSE", append=False)


def _costs(tables: Tables) -> exp.Select:
    if not tables.has("offers"):
        return exp.select("CAST(NULL AS TEXT) AS arm").where("FALSE")
    found = without_missing_columns(read_query("experiment_costs"), {"offers": tables.columns("offers")})
    if "per_redemption" not in found.named_selects:  # an offer without this column costs nothing extra
        found = found.select("CAST(0 AS DECIMAL(18, 4)) AS per_redemption")
    return found


def _logged(tables: Tables) -> pa.Table | None:
    if not tables.has("propensities"):
        return None
    return tables.query(sql_of(read_query("experiment_propensities")))


def _check_complete(rows: pa.Table) -> None:
    for name in ("customer_id", "arm", "assigned_at"):
        missing = rows.column(name).null_count
        if missing:
            raise LabError(
                f"{missing} of {rows.num_rows} assignments have no {name}.",
                "Complete or remove them.",
                key=name,
            )


def _arms(rows: pa.Table, logged: pa.Table | None) -> list[str]:
    found = set(pc.unique(rows.column("arm")).to_pylist())
    if logged is not None:
        found |= set(pc.unique(logged.column("arm")).to_pylist())
    return sorted(found, key=lambda arm: (arm != NONE, arm))


def _check_offers(tables: Tables, arms: list[str]) -> None:
    if not tables.has("offers"):
        return
    known = [NONE, *tables.query("SELECT offer_id FROM offers ORDER BY 1").column(0).to_pylist()]
    for arm in arms:
        if arm not in known:
            raise LabError(
                f"An experiment has the arm {arm!r}, which is not in the offers table: its cost is unknown.",
                f"Add it to offers, or choose the experiments to read. {did_you_mean(arm, known)}",
            )


def _check_known(rows: pa.Table, allow_unknown: bool) -> None:
    values = _column(rows, "propensity")
    wrong = ~np.isnan(values) & ~((values > 0) & (values <= 1))
    if wrong.any():
        raise LabError(
            f"{wrong.sum()} assignments have a propensity that is not above 0 and at most 1.",
            "It is the probability with which the arm was drawn; correct or remove these rows.",
            key="propensity",
        )
    missing = np.isnan(values)
    if missing.any() and not allow_unknown:
        name = rows.column("experiment")[int(np.flatnonzero(missing)[0])].as_py()
        raise LabError(
            f"{missing.sum()} assignments, of {name!r} first, have no propensity: nobody knows how likely "
            "each arm was, so the arms may differ for other reasons than the offer.",
            "Leave that experiment out, or set `propensity: estimate` and read the result as an assumption.",
            key="propensity",
        )


def _probabilities(rows: pa.Table, arms: list[str], logged: pa.Table | None) -> Floats:
    """(n, arms) probability of each arm; a whole row is NaN where nothing is known."""
    experiment = rows.column("experiment").combine_chunks().dictionary_encode()
    unit_experiment = np.asarray(experiment.indices, dtype=np.int64)
    chosen = _codes(rows.column("arm"), arms)
    own = _column(rows, "propensity")
    result = np.full((rows.num_rows, len(arms)), np.nan)
    if logged is not None and logged.num_rows:
        result = _logged_matrix(logged, arms, rows.num_rows)
    for code, name in enumerate(experiment.dictionary.to_pylist()):
        units = np.flatnonzero(unit_experiment == code)
        covered = ~np.isnan(result[units, 0])
        if covered.any():
            _check_logged(name, result[units], own[units], chosen[units])
        else:
            result[units] = _constant_shares(name, own[units], chosen[units], len(arms))
    return result


def _logged_matrix(logged: pa.Table, arms: list[str], units: int) -> Floats:
    unit = np.asarray(logged.column("unit"), dtype=np.int64)
    cell = unit * len(arms) + _codes(logged.column("arm"), arms)
    # summed, so that an arm logged twice shows as a sum above 1; an arm that is not logged was not feasible
    total = np.bincount(cell, weights=_column(logged, "propensity"), minlength=units * len(arms))
    matrix: Floats = total.reshape(units, len(arms)).astype(np.float64)
    matrix[np.bincount(unit, minlength=units) == 0] = np.nan
    return matrix


def _check_logged(name: str, probabilities: Floats, own: Floats, chosen: Ints) -> None:
    """Raise LabError unless every unit's probabilities are there, sum to 1 and agree with its assignment."""
    missing = np.isnan(probabilities[:, 0])
    low = (probabilities < 0).any(axis=1)
    sums = ~(np.abs(probabilities.sum(axis=1) - 1) <= _TOLERANCE)
    drawn = probabilities[np.arange(len(own)), chosen]
    differs = ~np.isnan(own) & ~(np.abs(drawn - own) <= _TOLERANCE)
    for wrong, what in (
        (missing, "have no row in propensities, though others of that experiment do"),
        (low | sums, "have propensities that do not sum to 1"),
        (differs, "have a propensity in assignments that differs from the one in propensities"),
    ):
        if wrong.any():
            raise LabError(
                f"{wrong.sum()} of {len(own)} units of {name!r} {what}.",
                "Import the propensities again, one row per feasible arm, as they were when arms were drawn.",
                key="propensities",
            )


def _constant_shares(name: str, own: Floats, chosen: Ints, arms: int) -> Floats:
    """(arms,) shares, where every unit of each arm had the same probability; NaN where they differed."""
    shares = np.zeros(arms)
    for arm in np.unique(chosen):
        values = own[chosen == arm]
        if np.isnan(values).any() or np.ptp(values) > _TOLERANCE:
            return np.full(arms, np.nan)
        shares[arm] = values[0]
    if abs(shares.sum() - 1) > _TOLERANCE:
        raise LabError(
            f"Every arm of {name!r} has one propensity, and they sum to {shares.sum():.6g} instead of 1.",
            "Correct the propensity column, or import a propensities table that has every feasible arm.",
            key="propensity",
        )
    return shares


def _with_probabilities(rows: pa.Table, arms: list[str], probabilities: Floats) -> pa.Table:
    for i, arm in enumerate(arms):
        values = probabilities[:, i]
        rows = rows.append_column(f"p.{arm}", pa.array(values, pa.float64(), mask=np.isnan(values)))
    return rows


def _column(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def _codes(column: pa.ChunkedArray, arms: list[str]) -> Ints:
    return np.asarray(pc.index_in(column, value_set=pa.array(arms, pa.string())), dtype=np.int64)
