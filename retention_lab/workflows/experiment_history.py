"""The past that a test is planned from: a flat table of units or visits, or what customers did."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.abtest.design.entry import EntryCurve, all_at_once, returning_entry
from retention_lab.abtest.design.visits import entry_days, one_row_a_unit
from retention_lab.abtest.rows import closing_days, require_column
from retention_lab.config.abtest import AbTestDefinition
from retention_lab.data.past_units import past_units
from retention_lab.data.read import read_flat
from retention_lab.errors import LabError, UsageError, did_you_mean, found_in
from retention_lab.labels import label_text
from retention_lab.workflows.campaign_audience import default_as_of
from retention_lab.workflows.experiment_units import flat_file
from retention_lab.workflows.project import Lab

DEFAULT_WINDOW = 30  # days, of the project's own experiments


@dataclass(frozen=True, slots=True)
class History:
    """Past units whose windows have closed, and how units come in.

    rows: one a unit; arms: of an earlier test in the same table, control first, empty where it holds none;
    rows are then control's. entry: None where nothing says when units come; `no_entry` then says why.
    window_days: of an outcome, 0 where it has none. dated: whether a test's outcomes will come in day by day.
    source: where the rows come from, in words.
    """

    rows: pa.Table
    arms: tuple[str, ...]
    entry: EntryCurve | None
    no_entry: str
    window_days: int
    dated: bool
    source: str
    notes: tuple[str, ...] = ()


def read_history(lab: Lab, definition: AbTestDefinition, file: Path | None = None) -> History:
    """The history of a definition's own table, of another file of the same shape, or of the project's tables.

    Raises LabError where it is missing or does not fit, UsageError where a file is given for a test over
    the project's tables.
    """
    if definition.experiment is None:
        table = file or flat_file(lab.project, definition)
        with found_in(table):
            return _of_table(definition, read_flat(table), table.name)
    if file is not None:
        raise UsageError(
            f"'{definition.name}' reads the project's tables, and no file takes their place.",
            "Leave --history out, or name a `table:` in the definition.",
        )
    return _of_customers(lab, definition)


def _of_customers(lab: Lab, definition: AbTestDefinition) -> History:
    days = definition.window_days or DEFAULT_WINDOW
    with lab.open_tables() as tables:
        ends = default_as_of(lab, tables)
        rows = past_units(tables, ends, days)
    source = f"what customers did in the {days} days before {ends:%Y-%m-%d}"
    note = "Customers are assigned all at once; what past campaigns sent them is part of this history."
    return History(rows, (), all_at_once(len(rows)), "", days, False, source, (note,))


def _of_table(definition: AbTestDefinition, rows: pa.Table, name: str) -> History:
    notes: list[str] = []
    require_column(rows, definition.unit)
    many = _repeated(rows, definition, notes)
    entry: EntryCurve | None = None
    no_entry = "No column says when units came in, so nobody knows how many come in a day."
    if definition.exposed_at is not None:
        require_column(rows, definition.exposed_at)
        rows = one_row_a_unit(rows, definition) if many else rows
        entry, no_entry = _entry(rows, definition)
        rows = _closed(rows, definition, notes)
    rows, arms = _control(rows, definition, notes)
    window, dated = definition.window_days or 0, definition.exposed_at is not None
    return History(rows, arms, entry, no_entry, window, dated, name, tuple(notes))


def _repeated(rows: pa.Table, definition: AbTestDefinition, notes: list[str]) -> bool:
    """Whether units come several times, which only times can make sense of."""
    if definition.unit is None:
        return False
    units = label_text(rows[definition.unit])
    if units.null_count:
        raise LabError(
            f"{units.null_count} rows have no '{definition.unit}'.",
            "Fill them in, or leave those rows out.",
            key="unit",
        )
    different = int(pc.count_distinct(units).as_py())
    if different == len(rows):
        return False
    if definition.exposed_at is None:
        raise LabError(
            f"The {len(rows)} rows hold {different} units, and no column says when they came.",
            "Give one row a unit, with its totals, or name the column of times in `exposed_at`.",
            key="unit",
        )
    notes.append(
        f"{len(rows):,} visits of {different:,} units: each counts once, from its first visit, with what it "
        "did until its window closed."
    )
    return True


def _entry(rows: pa.Table, definition: AbTestDefinition) -> tuple[EntryCurve | None, str]:
    try:
        return returning_entry(np.bincount(entry_days(rows, definition)).astype(np.int64)), ""
    except LabError as error:
        return None, f"{error.found} {error.next_step}"


def _closed(rows: pa.Table, definition: AbTestDefinition, notes: list[str]) -> pa.Table:
    closed = closing_days(rows, definition, None)[2]
    if not closed.all():
        notes.append(f"{int((~closed).sum()):,} units are left out, since their windows have not closed.")
    return rows.filter(pa.array(closed))


def _control(
    rows: pa.Table, definition: AbTestDefinition, notes: list[str]
) -> tuple[pa.Table, tuple[str, ...]]:
    """Control's rows where the table holds an earlier test: its other arms say nothing of a baseline."""
    if definition.arm not in rows.column_names:
        return rows, ()
    text = label_text(rows[definition.arm])
    there = sorted(arm for arm in text.unique().to_pylist() if arm is not None)
    if not there:
        return rows, ()
    if definition.control not in there:
        raise LabError(
            f"No row has the control arm '{definition.control}'.",
            did_you_mean(str(definition.control), there),
            key="control",
        )
    own = pc.fill_null(pc.equal(text, definition.control), False)
    found = rows.filter(own)
    notes.append(f"The baseline is of the {len(found):,} units of '{definition.control}' alone.")
    return found, (str(definition.control), *(arm for arm in there if arm != definition.control))
