"""The units of an A/B test: rows of a flat table, or of one of the project's own experiments."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.specification import Specification
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.project import Project
from retention_lab.data.experiments import experiment_rows
from retention_lab.data.read import read_flat
from retention_lab.data.spark_table import content_sha256 as spark_content_sha256
from retention_lab.data.spark_table import open_spark_table
from retention_lab.data.unit_summary import UnitTable
from retention_lab.data.unit_table import file_sha256, open_unit_file, open_unit_rows
from retention_lab.errors import ConfigurationError, LabError
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.workflows.project import Lab

_HOLDOUT, _CAMPAIGN = "holdout", "campaign"
BY_POLICY = "Offers were chosen by a policy, so that the holdout is compared with everybody else."
_SAME = 1e-9  # propensities that differ by less are one


@dataclass(frozen=True, slots=True)
class ExperimentUnits:
    """table: one row a unit; spec: of these rows, with what an experiment of the project fills in itself;
    sha256: of the content; notes: what the reader has to know about how arms came about. complete: the day by
    which every window has closed, None where the table's latest day tells which have."""

    table: pa.Table
    spec: Specification
    sha256: str
    notes: tuple[str, ...] = ()
    complete: date | None = None


@dataclass(frozen=True, slots=True)
class OpenUnits:
    """table: one row a unit, which SQL can be asked about; the rest as in `ExperimentUnits`."""

    table: UnitTable
    spec: Specification
    sha256: str
    notes: tuple[str, ...] = ()
    complete: date | None = None


@contextmanager
def open_units(lab: Lab, definition: AbTestDefinition) -> Iterator[OpenUnits]:
    """The units of a definition, read where they lie: of a Parquet file, only the columns that are asked for.

    Raises LabError where they are not there, or outcomes are not complete.
    """
    if definition.experiment is not None:
        found = read_units(lab, definition)
        with open_unit_rows(found.table) as table:
            yield OpenUnits(table, found.spec, found.sha256, found.notes, found.complete)
    elif definition.engine == "spark":
        with open_spark_table(_spark_place(lab.project, definition)) as table:
            yield OpenUnits(table, _specification(definition), spark_content_sha256(table))
    else:
        file = flat_file(lab.project, definition)
        with open_unit_file(file) as table:
            yield OpenUnits(table, _specification(definition), file_sha256(file))


def read_units(lab: Lab, definition: AbTestDefinition) -> ExperimentUnits:
    """The rows that a definition names.

    Raises LabError where they are not there, or outcomes are not complete.
    """
    spec = _specification(definition)
    if definition.experiment is not None:
        return _of_experiment(lab, definition, spec)
    table = read_flat(flat_file(lab.project, definition))
    return ExperimentUnits(table, spec, content_sha256(table))


def _specification(definition: AbTestDefinition) -> Specification:
    """What is compared, apart from where the rows lie."""
    return Specification.model_validate(
        definition.model_dump(include=set(Specification.model_fields), exclude_unset=True)
    )


def flat_file(project: Project, definition: AbTestDefinition) -> Path:
    """The file of a definition's table. Raises ConfigurationError where it is not there, or is Spark's."""
    if definition.engine == "spark":
        raise ConfigurationError(
            "Spark adds a table up, but this command needs its rows in memory.",
            "Give `design` a sample as `--history FILE`; or, where `table` is one file, --set engine=duckdb.",
            file=definition.file,
            key="engine",
        )
    return _found(project, definition)


def _found(project: Project, definition: AbTestDefinition) -> Path:
    if definition.table is None:
        raise ConfigurationError("The definition names no table.", "Add `table:`.", file=definition.file)
    return find_flat_file(project, definition.table, source=definition.source, file=definition.file)


def _spark_place(project: Project, definition: AbTestDefinition) -> str:
    """A URI as it stands, a folder, or a file wherever tables are looked for."""
    table = str(definition.table)
    if "://" in table:
        return table
    path = project.path(table)
    return str((path if path.is_dir() else _found(project, definition)).resolve())


def _of_experiment(lab: Lab, definition: AbTestDefinition, spec: Specification) -> ExperimentUnits:
    name, window = str(definition.experiment), definition.window_days or 30
    with lab.open_tables() as tables:
        rows = experiment_rows(tables, [name], window)
    arm, shares, notes = _arms(rows, name)
    rows = rows.append_column("_arm", pa.array(arm))
    control = spec.control or (next(iter(shares)) if shares else _HOLDOUT)
    found = spec.model_copy(
        update={
            "unit": "customer_id",
            "arm": "_arm",
            "control": control,
            "planned_shares": spec.planned_shares or shares or None,
            "exposed_at": "assigned_at",
            "window_days": window,
        }
    )
    # there are rows only once all windows have closed, also where everybody was assigned on one day
    complete = pc.max(rows["assigned_at"]).as_py().date() + timedelta(days=window)
    return ExperimentUnits(rows, found, content_sha256(rows), notes, complete)


def _arms(rows: pa.Table, name: str) -> tuple[list[str], dict[str, float], tuple[str, ...]]:
    """What is compared: offers, where everybody had the same chances; else the holdout and all others.

    A policy gives offers to those whom it expects to react: its arms hold different customers.
    """
    columns = [column for column in rows.column_names if column.startswith("p.")]
    chances = np.column_stack([np.asarray(rows[c].to_numpy(), dtype=np.float64) for c in columns])
    offers = [column.removeprefix("p.") for column in columns]
    if np.isfinite(chances).all() and (np.ptp(chances, axis=0) < _SAME).all():
        shares = {offer: float(p) for offer, p in zip(offers, chances[0], strict=True) if p > 0}
        return rows["arm"].to_pylist(), shares, ()
    roles = rows["role"].to_pylist()
    if _HOLDOUT not in roles:
        raise LabError(
            f"The offers of '{name}' were not drawn with one chance for all, and it has no holdout.",
            "Its arms hold different customers: use `lab campaign measure`, which weighs by the chances.",
            key="experiment",
        )
    held = pc.equal(rows["role"], _HOLDOUT).to_numpy()
    return [_HOLDOUT if one else _CAMPAIGN for one in held], {}, (BY_POLICY,)
