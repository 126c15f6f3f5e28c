"""Closing what killed processes left open."""

import shutil
from dataclasses import dataclass

from retention_lab.tracking import journal, registry
from retention_lab.tracking.process import is_gone
from retention_lab.tracking.runs import local_artifacts
from retention_lab.tracking.search import RunRecord, find_all_runs
from retention_lab.tracking.store import Store, store_errors
from retention_lab.whole_files import STAGED

_PROMOTE = "promote/"


@dataclass(frozen=True, slots=True)
class Reaped:
    """closed: runs now KILLED. settled: journal entries decided. alive: runs at work on this machine.

    unknown: open runs of other machines, or without a word of their process; they are left alone.
    """

    closed: tuple[RunRecord, ...]
    settled: int
    alive: tuple[RunRecord, ...]
    unknown: tuple[RunRecord, ...]


def open_runs(store: Store) -> list[RunRecord]:
    """Every run that is RUNNING, or says so."""
    return find_all_runs(store, "attributes.status = 'RUNNING'")


def reap(store: Store) -> Reaped:
    """Close as KILLED the open runs of this machine's ended processes; their half-written files go.

    A model's files that no version names go too. Never touches a run whose process lives.
    """
    running = open_runs(store)
    promoted = {
        run.experiment.removeprefix(_PROMOTE) for run in running if run.experiment.startswith(_PROMOTE)
    }
    settled = sum(journal.settle(store, name) for name in promoted)
    for run in running:
        if run.experiment.startswith(_PROMOTE) and is_gone(run.tags) is True:
            _remove_half_made(store, run)
    others = [run for run in running if not run.experiment.startswith(_PROMOTE)]
    state = {run.id: is_gone(run.tags) for run in others}
    gone = [run for run in others if state[run.id] is True]
    for run in gone:
        _remove_half_made(store, run)
        with store_errors(store):
            store.client.set_tag(run.id, "lab.error", "its process ended without a word")
            store.client.set_terminated(run.id, "KILLED")
    return Reaped(
        closed=tuple(gone),
        settled=settled,
        alive=tuple(run for run in others if state[run.id] is False),
        unknown=tuple(run for run in others if state[run.id] is None),
    )


def _remove_half_made(store: Store, run: RunRecord) -> None:
    folder = local_artifacts(run.artifact_uri)
    if folder is None or not folder.is_dir():
        return
    for left_over in [*folder.rglob(".*.part"), *folder.rglob(STAGED)]:
        if left_over.is_dir():
            shutil.rmtree(left_over, ignore_errors=True)
        else:
            left_over.unlink(missing_ok=True)
    for made in (folder / "models").glob("*"):
        named = {local_artifacts(version.source) for version in registry.versions(store, made.name)}
        if made not in named:
            shutil.rmtree(made, ignore_errors=True)
