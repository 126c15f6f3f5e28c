"""The summary of an A/B test: what an earlier analysis stored, and the rows of the days since."""

from datetime import date

from retention_lab.abtest.stored import NAMES, NUMBERS, from_files
from retention_lab.abtest.summary import Summary
from retention_lab.data.unit_summary import latest_day, summarise_table, units_closed_by
from retention_lab.errors import LabError
from retention_lab.tracking.artifacts import read_artifact
from retention_lab.tracking.search import RunRecord, find_runs
from retention_lab.tracking.store import Store
from retention_lab.workflows.experiment_units import OpenUnits

FOLDER = "summary"
_DEFINITION = "lab.definition_sha256"


def experiment_summary(
    store: Store, name: str, units: OpenUnits, definition_sha256: str
) -> tuple[Summary, tuple[str, ...]]:
    """The summary of the units, and what the reader has to know of how it came about.

    Where an earlier analysis of the same definition is stored and its days still hold as many units, only
    later days are read. Centres and caps are those of the first analysis.
    """
    last = _last(store, name)
    if units.spec.exposed_at is None or last is None:
        return summarise_table(units.table, units.spec, as_of=units.complete), ()
    if last.tags.get(_DEFINITION) != definition_sha256:
        return summarise_table(units.table, units.spec, as_of=units.complete), (
            "The definition has changed since the last analysis: all days were read again, and values that "
            "are winsorised are cut anew.",
        )
    known = _stored(store, last)
    if known is None:
        return summarise_table(units.table, units.spec, as_of=units.complete), ()
    return _with_later_days(units, known)


def _with_later_days(units: OpenUnits, known: Summary) -> tuple[Summary, tuple[str, ...]]:
    until = date.fromisoformat(known.days[-1])
    counted = int(known.main.cells.units.sum())
    there = units_closed_by(units.table, units.spec, until)
    if there != counted:
        note = (
            f"{there:,} units have a window that closed by {until}, and {counted:,} were stored: all days "
            "were read again."
        )
        return summarise_table(units.table, units.spec, known=known, as_of=units.complete), (note,)
    latest = units.complete or latest_day(units.table, units.spec)
    if units_closed_by(units.table, units.spec, latest) == counted:
        return known, ()
    later = summarise_table(units.table, units.spec, known=known, as_of=units.complete, after=until)
    return known.joined(later), ()


def _last(store: Store, name: str) -> RunRecord | None:
    return next((run for run in find_runs(store, f"abtest/{name}") if run.status == "FINISHED"), None)


def _stored(store: Store, run: RunRecord) -> Summary | None:
    """None where that analysis kept none, or in another format."""
    try:
        return from_files({file: read_artifact(store, run, f"{FOLDER}/{file}") for file in (NAMES, NUMBERS)})
    except LabError:
        return None
