"""A test's arms among the project's assignments: written once, never changed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from retention_lab.abtest.drawn import Drawn
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.data.assignments import write_launch
from retention_lab.data.connect import Tables
from retention_lab.data.eligibility import recently_assigned
from retention_lab.data.experiments import NONE
from retention_lab.data.sources import literal
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.settings.values import NAME_PATTERN
from retention_lab.workflows.experiment_history import DEFAULT_WINDOW
from retention_lab.workflows.project import Lab

_SKEW = timedelta(minutes=1)


def busy_customers(lab: Lab, definition: AbTestDefinition, arms: list[str], starts: datetime) -> pa.Array:
    """Ids of customers whom an open campaign or test has at `starts` (aware), so that they cannot enter.

    Raises LabError where the test cannot be written: it is there already, an arm is no offer, its name
    cannot be a file's, or it would begin in the future.
    """
    name = str(definition.experiment)
    if not re.fullmatch(NAME_PATTERN, name):
        raise ConfigurationError(
            f"'{name}' cannot name an experiment whose assignments are written.",
            "Names have letters, digits, `_` and `-`, and start with a letter or a digit.",
            file=definition.file,
            key="experiment",
        )
    if starts > datetime.now(UTC) + _SKEW:
        raise LabError(
            f"The assignments would be of {starts:%Y-%m-%d %H:%M}, which lies in the future.",
            "Assign when the test starts.",
            key="--as-of",
        )
    with lab.open_tables() as tables:
        _refuse_other_arms(tables, definition, arms)
        _refuse_again(tables, definition, name)
        return recently_assigned(tables, starts, definition.window_days or DEFAULT_WINDOW).combine_chunks()


def write_assignments(lab: Lab, experiment: str, drawn: Drawn, starts: datetime) -> Path:
    """Write whoever is inside, as an exploration that no policy chose; the file of the assignments.

    Raises LabError where they are there already.
    """
    inside = pa.array(drawn.inside)
    count = int(drawn.inside.sum())
    ids = pa.array(drawn.ids.texts(), pa.string()).filter(inside)
    arm = drawn.arm[drawn.inside]
    columns = {
        "experiment": pa.array([experiment] * count, pa.string()),
        "customer_id": ids,
        "arm": drawn.arm_names().filter(inside),
        "propensity": pa.array(drawn.chances[arm]),
        "assigned_at": pa.array([starts.astimezone(UTC)] * count, pa.timestamp("us", "UTC")),
        "role": pa.array(["exploration"] * count, pa.string()),
        "intended_arm": pa.nulls(count, pa.string()),
    }
    if drawn.stratum is not None:
        columns["stratum"] = pa.array(drawn.stratum[drawn.inside], pa.string())
    many = len(drawn.arms)
    propensities = pa.table(
        {
            "experiment": pa.array([experiment] * (count * many), pa.string()),
            "customer_id": ids.take(pa.array(np.repeat(np.arange(count), many))),
            "arm": pa.array(list(drawn.arms) * count, pa.string()),
            "propensity": pa.array(np.tile(drawn.chances, count)),
        }
    )
    return write_launch(lab.folder, experiment, pa.table(columns), propensities)


def _refuse_other_arms(tables: Tables, definition: AbTestDefinition, arms: list[str]) -> None:
    if not tables.has("offers"):
        return
    known = [NONE, *tables.query("SELECT offer_id FROM offers ORDER BY 1").column(0).to_pylist()]
    for arm in arms:
        if arm not in known:
            raise ConfigurationError(
                f"The arm '{arm}' is not in the offers table, so that its cost would be unknown.",
                f"Add it to offers, or rename it. {did_you_mean(arm, known)}",
                file=definition.file,
                key="planned_shares",
            )


def _refuse_again(tables: Tables, definition: AbTestDefinition, name: str) -> None:
    if not tables.has("assignments"):
        return
    sql = f"SELECT count(*) AS n FROM assignments WHERE experiment = {literal(name)}"
    there = int(tables.query(sql)["n"][0].as_py())
    if there:
        raise LabError(
            f"'{name}' has {there:,} assignments already, and assignments are never changed.",
            "Check or analyze it, or give a new test a name of its own.",
            file=definition.file,
            key="experiment",
        )
