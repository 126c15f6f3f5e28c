"""A launch on disk: who was assigned what, with which probability. Written once, both tables or neither.

data/propensities/<experiment>.parquet is written first, data/assignments/<experiment>.parquet last: a
launch is there when its assignments are, and whoever reads ignores propensities without them.
"""

import fcntl
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.data.write import table_bytes
from retention_lab.errors import LabError
from retention_lab.whole_files import write_all

ROLES = ("policy", "exploration", "holdout")
# times carry their zone in the file, so that the project's own zone is never put on them
_ASSIGNMENTS = pa.schema(
    [
        ("experiment", pa.string()),
        ("customer_id", pa.string()),
        ("arm", pa.string()),
        ("propensity", pa.float64()),
        ("assigned_at", pa.timestamp("us", tz="UTC")),
        ("role", pa.string()),
        ("intended_arm", pa.string()),
    ]
)
_PROPENSITIES = pa.schema(
    [
        ("experiment", pa.string()),
        ("customer_id", pa.string()),
        ("arm", pa.string()),
        ("propensity", pa.float64()),
    ]
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# sums of a handful of doubles; more than this is another distribution
_TOLERANCE = 1e-9


def launch_name(folder: Path, campaign: str, day: date, taken: Collection[str] = ()) -> str:
    """`<campaign>-<YYYY-MM-DD>`, with -2, -3 … where that launch exists already.

    folder: the project's. taken: further names in use, of imported experiments.
    """
    stem = f"{campaign}-{day.isoformat()}"
    name, number = stem, 1
    while name in taken or _assignments_path(folder, name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name


def write_launch(folder: Path, experiment: str, assignments: pa.Table, propensities: pa.Table) -> Path:
    """Write a launch of the project in `folder`; the path of its assignments.

    assignments: experiment, customer_id, arm, propensity, assigned_at (naive in UTC, or with a zone), role,
    intended_arm, [stratum]; one row per customer. propensities: experiment, customer_id, arm, propensity;
    one row per feasible arm.
    Two processes that launch the same experiment at once: exactly one writes.
    Raises LabError when it is there already, or when the probabilities of a customer do not sum to 1 or
    contradict the arm drawn.
    """
    if not _NAME.fullmatch(experiment):
        raise LabError(
            f"{experiment!r} cannot name a launch.", "Use letters, digits, - and _, a letter or digit first."
        )
    fields = list(_ASSIGNMENTS)
    if "stratum" in assignments.column_names:
        fields.append(pa.field("stratum", pa.string()))
    units = _as_schema("assignments", assignments, pa.schema(fields), experiment)
    shares = _as_schema("propensities", propensities, _PROPENSITIES, experiment)
    _check_units(units)
    _check_probabilities(units, shares)
    path = _assignments_path(folder, experiment)
    shares_path = folder / "data" / "propensities" / path.name
    files = [(shares_path, table_bytes(shares_path, shares)), (path, table_bytes(path, units))]
    with _alone(path.parent):
        if path.exists():
            raise LabError(
                "This launch is written already, and assignments are never changed.",
                "Launch again under the next name, or measure this one.",
                file=path,
            )
        write_all(files)
    return path


def _assignments_path(folder: Path, experiment: str) -> Path:
    return folder / "data" / "assignments" / f"{experiment}.parquet"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: a killed process lets go of it, so no claim is ever left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _as_schema(what: str, table: pa.Table, schema: pa.Schema, experiment: str) -> pa.Table:
    missing = [name for name in schema.names if name not in table.column_names]
    if missing:
        raise LabError(f"The {what} lack the column {missing[0]!r}.", "Add it.", key=missing[0])
    if table.num_rows == 0:
        raise LabError(f"There are no {what} to write.", "Launch with at least one eligible customer.")
    columns = []
    for field in schema:
        column = table.column(field.name)
        if pa.types.is_timestamp(field.type) and column.type.tz is None:
            column = column.cast(pa.timestamp("us")).cast(field.type)
        columns.append(column.cast(field.type))
    typed = pa.table(columns, schema=schema)
    for name in schema.names:
        if name not in ("intended_arm", "stratum") and typed.column(name).null_count:
            raise LabError(
                f"{typed.column(name).null_count} of {typed.num_rows} {what} have no {name}.",
                "Give every row one.",
                key=name,
            )
    if pc.unique(typed.column("experiment")).to_pylist() != [experiment]:
        raise LabError(
            f"The {what} name another experiment than {experiment!r}.", "Write one launch at a time."
        )
    return typed


def _check_units(units: pa.Table) -> None:
    repeated = units.num_rows - int(pc.count_distinct(units.column("customer_id")).as_py())
    if repeated:
        raise LabError(f"{repeated} customers are assigned twice.", "Keep one row per customer.")
    for role in pc.unique(units.column("role")).to_pylist():
        if role not in ROLES:
            raise LabError(
                f"{role!r} is no role of an assignment.", f"Known: {', '.join(ROLES)}.", key="role"
            )


def _check_probabilities(units: pa.Table, shares: pa.Table) -> None:
    """Raise LabError unless every unit's arms are probabilities that sum to 1, the drawn one as assigned."""
    unit = pc.index_in(shares.column("customer_id"), value_set=units.column("customer_id").combine_chunks())
    if unit.null_count:
        raise LabError(
            f"{unit.null_count} propensities belong to customers who are not assigned.", "Remove them."
        )
    rows = np.asarray(unit, dtype=np.int64)
    p, own = _numbers(shares), _numbers(units)
    if not (np.isfinite(p) & (p >= 0)).all():
        raise LabError("A propensity is negative or not finite.", "Compute them again.", key="propensity")
    # summed over rows that repeat an arm, so that a repeated arm shows as a contradiction
    drawn = np.asarray(pc.equal(shares.column("arm"), units.column("arm").take(unit)), dtype=np.bool_)
    received = np.bincount(rows[drawn], weights=p[drawn], minlength=units.num_rows)
    total = np.bincount(rows, weights=p, minlength=units.num_rows)
    for wrong, sentence in (
        (~(np.abs(total - 1) <= _TOLERANCE), "have propensities that do not sum to 1"),
        (~(received > 0), "received an arm that could not be drawn"),
        (~(np.abs(received - own) <= _TOLERANCE), "have another propensity than was logged for their arm"),
    ):
        if wrong.any():
            raise LabError(
                f"{wrong.sum()} of {units.num_rows} customers {sentence}.",
                "Draw again and log the probabilities of that draw: nothing was written.",
                key="propensity",
            )


def _numbers(table: pa.Table) -> Floats:
    return np.asarray(table.column("propensity"), dtype=np.float64)
