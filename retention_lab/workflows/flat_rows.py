"""Rows of an uplift model from one flat table."""

from datetime import UTC, datetime, timedelta
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
from retention_lab.workflows.row_units import content_units, id_units
from retention_lab.workflows.uplift_rows import UpliftRows, customer_codes

_ONE_DAY = timedelta(days=1)  # clocks and zones differ


def read_flat_rows(project: Project, definition: UpliftDefinition, table: Path | None = None) -> UpliftRows:
    """The rows of the definition's table, or of another one of the same shape.

    They come in the order of their ids, or of their content where they have none: their order in the file
    decides nothing.
    Raises LabError for a table that is missing or does not fit: missing column, treatment with missing
    values, arms that are not there, outcomes that are no numbers, duplicate ids.
    """
    file = table or find_flat_file(
        project, _table(definition), source=definition.source, file=definition.file
    )
    found = read_flat(file)
    _require_columns(found, definition, file, own=table is None)
    names, arm, keep = _arms(found, definition, file)
    _check_arm_names(definition, names)
    unit = _units(found, definition, file)
    value = definition.value
    cost = value.cost if value else {}
    # checked before any row leaves, so that the row numbers in errors are those of the file
    rows = UpliftRows(
        table=found.select(_feature_names(found, definition)),
        arms=names,
        arm=arm,
        propensity=_propensity(found, definition, names, arm, keep, file),
        outcomes=_outcomes(found, definition, file, keep),
        kinds=dict(definition.outcomes),
        target=value.outcome if value else definition.primary_outcome,
        per_unit=value.per_unit if value else 1.0,
        in_money=value is not None,
        unit=unit,
        customer=customer_codes(unit),
        redeemed=None,
        active=None,  # nothing says who bought, but for the outcomes themselves
        contact_cost=np.array([cost.get(name, 0.0) for name in names[1:]]),
        redemption_cost=np.zeros(len(names) - 1),
        planned=_planned(definition, names),
        time=_times(found, definition, file),
        sha256=content_sha256(found),
        context=found,
        control_cost=cost.get(names[0], 0.0),
        id_column=definition.id,
        number=np.arange(found.num_rows),
    )
    return _in_order(rows, keep)


def outcome_values(column: pa.ChunkedArray, kind: str, file: Path, name: str, asked: Bools) -> Floats:
    """(n,) numbers. asked: (n,) rows that count; the others may hold anything.

    Raises LabError where one is missing, infinite, or no 0 or 1 although binary.
    """
    try:
        values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise LabError(
            f"The outcome holds {column.type}, not numbers.", "Use 0 and 1, or amounts.", file=file, key=name
        ) from error
    wrong, what = ~np.isfinite(values) & asked, "missing or infinite"
    if kind == "binary" and not wrong.any():
        wrong, what = (values != 0) & (values != 1) & asked, "neither 0 nor 1"
    if wrong.any():
        raise LabError(
            f"{int(wrong.sum())} values of the outcome are {what}, row {int(np.argmax(wrong)) + 1} first.",
            "A missing outcome is not a zero: remove those rows, fill in what is known, or correct the kind.",
            file=file,
            key=name,
        )
    return values


def time_values(column: pa.ChunkedArray, file: Path, name: str) -> np.ndarray:
    """(n,) times or numbers that order the rows.

    Raises LabError where one is missing, lies in the future, or the column holds text.
    """
    missing = pc.is_null(column, nan_is_null=True).to_numpy(zero_copy_only=False)
    if missing.any():
        raise LabError(
            f"{int(missing.sum())} rows have no time, row {int(np.argmax(missing)) + 1} first.",
            "Fill the times in, or remove those rows.",
            file=file,
            key=name,
        )
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy())
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        raise LabError(
            f"The time column holds {column.type}: not every cell is a time.",
            "Write times as 2026-03-01 or 2026-03-01 14:30, all in one way.",
            file=file,
            key=name,
        )
    values = np.asarray(column.cast(pa.timestamp("us"), safe=False).to_numpy())
    late = values > np.datetime64(datetime.now(UTC).replace(tzinfo=None) + _ONE_DAY)
    if late.any():
        raise LabError(
            f"{int(late.sum())} rows have a time in the future, row {int(np.argmax(late)) + 1} first: nobody "
            "knows their outcome yet.",
            "Correct the times, or name another column.",
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


def _require_columns(found: pa.Table, definition: UpliftDefinition, file: Path, *, own: bool) -> None:
    needed = [_treatment(definition).column, *definition.outcomes, *(definition.features or ())]
    needed += definition.exclude if own else ()  # a misspelt one would let its column in
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


def _check_arm_names(definition: UpliftDefinition, names: tuple[str, ...]) -> None:
    """Every arm that has a share or a cost is there, and every arm that is there has a planned share."""
    named = {
        "planned_shares": list(definition.planned_shares or ()),
        "value.cost": list(definition.value.cost if definition.value else ()),
    }
    for key, arms in named.items():
        for arm in arms:
            if arm not in names:
                raise ConfigurationError(
                    f"No row is in the arm '{arm}'.", did_you_mean(arm, names), file=definition.file, key=key
                )
    for arm in names if definition.planned_shares else ():
        if arm not in named["planned_shares"]:
            raise ConfigurationError(
                f"The arm '{arm}' has rows and no planned share.",
                "Give every arm's share, or name the arms to use with `arms:`.",
                file=definition.file,
                key="planned_shares",
            )


def _feature_names(found: pa.Table, definition: UpliftDefinition) -> list[str]:
    if definition.features:
        return list(definition.features)
    taken = {_treatment(definition).column, *definition.outcomes, *definition.exclude}
    taken |= {name for name in (definition.id, definition.time) if name}
    if isinstance(definition.propensity, Propensities):
        column = definition.propensity.column
        taken |= {*([column] if column else []), *(definition.propensity.columns or {}).values()}
    names = [name for name in found.column_names if name not in taken]
    if not names:
        raise LabError("No column is left to be a feature.", "Provide some, or exclude fewer columns.")
    return names


def _units(found: pa.Table, definition: UpliftDefinition, file: Path) -> np.ndarray:
    if definition.id is None:
        return content_units(found, definition)
    return id_units(found.column(definition.id), file, definition.id)


def _outcomes(found: pa.Table, definition: UpliftDefinition, file: Path, keep: Bools) -> dict[str, Floats]:
    return {
        name: outcome_values(found.column(name), kind, file, name, keep)
        for name, kind in definition.outcomes.items()
    }


def _times(found: pa.Table, definition: UpliftDefinition, file: Path) -> np.ndarray | None:
    name = definition.time
    return None if name is None else time_values(found.column(name), file, name)


def _in_order(rows: UpliftRows, keep: Bools) -> UpliftRows:
    """By unit; rows of arms that the definition leaves out go. keep: (n,)."""
    picked = np.flatnonzero(keep)
    picked = picked[np.argsort(rows.unit[picked], kind="stable")]
    return rows if np.array_equal(picked, np.arange(len(rows))) else rows.rows(picked)


def _planned(definition: UpliftDefinition, names: tuple[str, ...]) -> Floats | None:
    if definition.planned_shares is None:
        return None
    return np.array([definition.planned_shares[name] for name in names])


def _propensity(
    found: pa.Table, definition: UpliftDefinition, names: tuple[str, ...], arm: Ints, keep: Bools, file: Path
) -> Floats | None:
    """(n, K + 1): given that a row is in one of the arms that are used. Rows outside them hold anything."""
    given = definition.propensity
    if given == "estimate":
        return None
    if not isinstance(given, Propensities):
        planned = _planned(definition, names)
        shares = observed_propensity(arm[keep], len(names))[0] if planned is None else planned
        return np.tile(shares, (len(arm), 1))
    if given.columns is not None:
        missing = [name for name in names if name not in given.columns]
        if missing:
            raise ConfigurationError(
                f"The arm '{missing[0]}' has no column of probabilities.",
                "Name one for every arm, control too.",
                file=definition.file,
                key="propensity.columns",
            )
        columns = np.column_stack([_probabilities(found, given.columns[name], file, keep) for name in names])
        if keep.all():
            return columns
        total = columns.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(columns, total, out=np.zeros_like(columns), where=total > 0))
    if not keep.all():
        raise ConfigurationError(
            "`propensity.column` says how likely the arm received was among all arms, and `arms` leaves "
            "some out.",
            "Name a column for every arm with `propensity: {columns: …}`, or use all arms.",
            file=definition.file,
            key="propensity.column",
        )
    return _of_the_arm_received(_probabilities(found, str(given.column), file, keep), arm, len(names))


def _probabilities(found: pa.Table, name: str, file: Path, asked: Bools) -> Floats:
    values = outcome_values(found.column(name), "number", file, name, asked)
    wrong = ((values < 0) | (values > 1)) & asked
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
