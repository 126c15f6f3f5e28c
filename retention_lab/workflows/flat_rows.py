"""Rows of an uplift model from one flat table."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.config.flat_file import find_flat_file
from retention_lab.config.project import Project
from retention_lab.config.uplift import Propensities, Treatment, UpliftDefinition
from retention_lab.data.read import read_flat
from retention_lab.errors import ConfigurationError, LabError, did_you_mean
from retention_lab.labels import label_text
from retention_lab.tracking.fingerprint import content_sha256
from retention_lab.uplift.sample import observed_propensity
from retention_lab.workflows.uplift_rows import UpliftRows


def read_flat_rows(project: Project, definition: UpliftDefinition, table: Path | None = None) -> UpliftRows:
    """The rows of the definition's table, or of another one of the same shape.

    Raises LabError for a table that is missing or does not fit: missing column, treatment with missing
    values, arms that are not there, outcomes that are no numbers, duplicate ids.
    """
    file = table or find_flat_file(
        project, _table(definition), source=definition.source, file=definition.file
    )
    found = read_flat(file)
    _require_columns(found, definition, file)
    names, arm, keep = _arms(found, definition, file)
    if not keep.all():  # rows of arms that the definition leaves out
        found, arm = found.filter(pa.array(keep)), arm[keep]
    value = definition.value
    offers = len(names) - 1
    costs = [value.cost.get(name, 0.0) if value else 0.0 for name in names[1:]]
    target = value.outcome if value else definition.primary_outcome
    outcomes = {
        name: outcome_values(found.column(name), kind, file, name)
        for name, kind in definition.outcomes.items()
    }
    sha256 = content_sha256(found)
    return UpliftRows(
        table=found.select(_feature_names(found, definition)),
        arms=names,
        arm=arm,
        propensity=_propensity(found, definition, names, arm, file),
        outcomes=outcomes,
        kinds=dict(definition.outcomes),
        target=target,
        per_unit=value.per_unit if value else 1.0,
        in_money=value is not None,
        unit=_units(found, definition, sha256, file),
        redeemed=None,
        active=outcomes[target] if definition.outcomes[target] == "binary" else None,
        contact_cost=np.array(costs),
        redemption_cost=np.zeros(offers),
        planned=_planned(definition, names),
        time=None if definition.time is None else found.column(definition.time).to_numpy(),
        sha256=sha256,
        context=found,
    )


def row_units(count: int, sha256: str) -> np.ndarray:
    """(n,) text that identifies rows without an id: their number, and the table that it counts in."""
    return np.array([f"{sha256}:{i}" for i in range(count)])


def id_units(column: pa.ChunkedArray, file: Path, name: str) -> np.ndarray:
    """(n,) ids as text. Raises LabError where one is missing or comes twice."""
    ids = label_text(column)
    if ids.null_count:
        row = int(np.argmax(ids.is_null().to_numpy(zero_copy_only=False))) + 1
        raise LabError(
            f"{ids.null_count} rows have no id, row {row} first.", "Fill them in.", file=file, key=name
        )
    values = np.asarray(ids.to_numpy(zero_copy_only=False))
    unique, first = np.unique(values, return_index=True)
    if len(unique) < len(values):
        repeated = np.setdiff1d(np.arange(len(values)), first)
        raise LabError(
            f"{len(repeated)} rows repeat the id of an earlier row, row {repeated[0] + 1} first: one "
            "customer would count as two.",
            "Keep one row for each customer, or name another id column.",
            file=file,
            key=name,
        )
    return values


def outcome_values(column: pa.ChunkedArray, kind: str, file: Path, name: str) -> Floats:
    """(n,) numbers. Raises LabError where one is missing, infinite, or no 0 or 1 although binary."""
    try:
        values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(
            f"The outcome holds {column.type}, not numbers.", "Use 0 and 1, or amounts.", file=file, key=name
        ) from error
    wrong, what = ~np.isfinite(values), "missing or infinite"
    if kind == "binary" and not wrong.any():
        wrong, what = (values != 0) & (values != 1), "neither 0 nor 1"
    if wrong.any():
        raise LabError(
            f"{int(wrong.sum())} values of the outcome are {what}, row {int(np.argmax(wrong)) + 1} first.",
            "A missing outcome is not a zero: remove those rows, fill in what is known, or correct the kind.",
            file=file,
            key=name,
        )
    return values


def _table(definition: UpliftDefinition) -> str:
    if definition.table is None:
        raise ConfigurationError("The definition names no table.", "Add `table:`.", file=definition.file)
    return definition.table


def _treatment(definition: UpliftDefinition) -> Treatment:
    if definition.treatment is None:
        raise ConfigurationError(
            "The definition names no treatment.", "Add `treatment:`.", file=definition.file
        )
    return definition.treatment


def _require_columns(found: pa.Table, definition: UpliftDefinition, file: Path) -> None:
    needed = [_treatment(definition).column, *definition.outcomes, *(definition.features or ())]
    needed += [name for name in (definition.id, definition.time) if name]
    if isinstance(definition.propensity, Propensities):
        needed += [definition.propensity.column] if definition.propensity.column else []
        needed += list((definition.propensity.columns or {}).values())
    for name in needed:
        if name not in found.column_names:
            raise LabError(
                f"There is no column '{name}'.", did_you_mean(name, found.column_names), file=file, key=name
            )


def _arms(found: pa.Table, definition: UpliftDefinition, file: Path) -> tuple[tuple[str, ...], Ints, Bools]:
    """Names of the arms, control first; the arm of each row; which rows are in one of them."""
    treatment = _treatment(definition)
    labels = label_text(found.column(treatment.column))
    if labels.null_count:
        row = int(np.argmax(labels.is_null().to_numpy(zero_copy_only=False))) + 1
        raise LabError(
            f"{labels.null_count} rows have no treatment, row {row} first: nobody knows what they got.",
            "Remove those rows, or find out which arm they were in.",
            file=file,
            key=treatment.column,
        )
    there = sorted(pc.unique(labels).to_pylist())
    if treatment.control not in there:
        raise LabError(
            f"No row is in the control arm '{treatment.control}'.",
            did_you_mean(treatment.control, there),
            file=file,
            key=treatment.column,
        )
    wanted = definition.arms or tuple(there)
    others = tuple(arm for arm in wanted if arm != treatment.control)
    absent = [arm for arm in others if arm not in there]
    if absent or not others:
        what = f"No row is in the arm '{absent[0]}'." if absent else "All rows are in the control arm."
        raise LabError(
            f"{what} An effect is a difference between arms.",
            f"Check the treatment column; it has: {', '.join(there)}.",
            file=file,
            key=treatment.column,
        )
    names = (treatment.control, *others)
    codes = pc.fill_null(pc.index_in(labels, value_set=pa.array(names)), -1).to_numpy()
    arm = np.asarray(codes, dtype=np.int64)
    return names, arm, arm >= 0


def _feature_names(found: pa.Table, definition: UpliftDefinition) -> list[str]:
    if definition.features:
        return list(definition.features)
    taken = {_treatment(definition).column, *definition.outcomes, *definition.exclude}
    taken |= {name for name in (definition.id, definition.time) if name}
    if isinstance(definition.propensity, Propensities):
        taken |= {str(definition.propensity.column), *(definition.propensity.columns or {}).values()}
    names = [name for name in found.column_names if name not in taken]
    if not names:
        raise LabError("No column is left to be a feature.", "Provide some, or exclude fewer columns.")
    return names


def _units(found: pa.Table, definition: UpliftDefinition, sha256: str, file: Path) -> np.ndarray:
    if definition.id is None:
        return row_units(found.num_rows, sha256)
    return id_units(found.column(definition.id), file, definition.id)


def _planned(definition: UpliftDefinition, names: tuple[str, ...]) -> Floats | None:
    if definition.planned_shares is None:
        return None
    return np.array([definition.planned_shares[name] for name in names])


def _propensity(
    found: pa.Table, definition: UpliftDefinition, names: tuple[str, ...], arm: Ints, file: Path
) -> Floats | None:
    given = definition.propensity
    if given == "estimate":
        return None
    if not isinstance(given, Propensities):
        planned = _planned(definition, names)
        return observed_propensity(arm, len(names)) if planned is None else np.tile(planned, (len(arm), 1))
    if given.columns is not None:
        missing = [name for name in names if name not in given.columns]
        if missing:
            raise ConfigurationError(
                f"The arm '{missing[0]}' has no column of probabilities.",
                "Name one for every arm, control too.",
                file=definition.file,
                key="propensity.columns",
            )
        columns = [_probabilities(found, given.columns[name], file) for name in names]
        return np.column_stack(columns)
    return _of_the_arm_received(_probabilities(found, str(given.column), file), arm, len(names))


def _probabilities(found: pa.Table, name: str, file: Path) -> Floats:
    values = outcome_values(found.column(name), "number", file, name)
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        raise LabError(
            f"{int(wrong.sum())} values are no probabilities, row {int(np.argmax(wrong)) + 1} first.",
            "Give numbers from 0 to 1.",
            file=file,
            key=name,
        )
    return values


def _of_the_arm_received(received: Floats, arm: Ints, arm_count: int) -> Floats:
    """(n, K + 1) from the probability of the arm received.

    Doubly robust scores ask for that one only; what is left is spread over the other arms by their shares.
    """
    others = observed_propensity(arm, arm_count)
    rows = np.arange(len(arm))
    others[rows, arm] = 0.0
    out = others * ((1 - received) / others.sum(axis=1))[:, None]
    out[rows, arm] = received
    return np.asarray(out, dtype=np.float64)
