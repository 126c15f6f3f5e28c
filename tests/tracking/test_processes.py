"""Several processes at once, and processes that are stopped at any moment."""

import signal
from contextlib import closing
from pathlib import Path

import pytest

from retention_lab.tracking import registry
from retention_lab.tracking.database import connect
from retention_lab.tracking.models import load_version, read_files, register
from retention_lab.tracking.reap import open_runs, reap
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.search import find_runs
from retention_lab.tracking.store import Store, open_store
from tests.tracking.conftest import Start
from tests.tracking.tiny import Tiny, tiny_model


def integrity(store: Store) -> str:
    assert store.database is not None
    with closing(connect(store.database)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.slow
def test_eight_processes_that_open_a_fresh_store_at_once_lose_nothing(
    tmp_path: Path, start_worker: Start
) -> None:
    worker = start_worker("train_eight", tmp_path)
    assert (worker.communicate(timeout=300)[1], worker.returncode) == ("", 0)
    store = open_store(tmp_path)
    runs = find_runs(store, "train/winback")
    assert sorted(run.name for run in runs if not run.parent) == [f"parent {k}" for k in range(8)]
    assert sorted(run.name for run in runs if run.parent) == [
        f"child {k}.{j}" for k in range(8) for j in range(3)
    ]
    assert {run.status for run in runs} == {"FINISHED"}
    assert all(len(run.metrics) == 20 for run in runs if run.parent)
    versions = registry.versions(store, "winback")
    assert [version.version for version in versions] == [str(k) for k in range(8, 0, -1)]
    assert sorted(version.tags["number"] for version in versions) == [str(k) for k in range(8)]
    for version in versions:
        assert read_files(store, version)[1] == {
            "weights/slope.txt": repr(float(version.tags["number"])).encode()
        }
    assert integrity(store) == "ok"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_process_closes_its_runs(
    tmp_path: Path, start_worker: Start, number: signal.Signals
) -> None:
    worker = start_worker("wait_in_run", tmp_path)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    worker.send_signal(number)
    worker.communicate(timeout=60)
    assert [run.status for run in find_runs(open_store(tmp_path), "train/winback")] == ["KILLED", "KILLED"]


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_a_sound_store(tmp_path: Path, start_worker: Start) -> None:
    worker = start_worker("kill_at_random", tmp_path, 12)
    assert (worker.communicate(timeout=300)[1], worker.returncode) == ("", 0)
    store = open_store(tmp_path)
    assert registry.versions(store, "winback")  # else no process came far enough for this to say anything
    with start_run(store, "train/winback", "after", {}) as run:
        register(run, "winback", tiny_model(5.0), {}, alias="challenger")
    assert load_version(store, "winback").model == Tiny(5.0)


@pytest.mark.slow
def test_the_runs_of_a_living_process_are_left_alone(tmp_path: Path, start_worker: Start) -> None:
    worker = start_worker("wait_in_run", tmp_path)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    store = open_store(tmp_path)
    try:
        assert {run.name for run in reap(store).alive} == {"parent", "child"}
        assert len(open_runs(store)) == 2
    finally:
        worker.kill()
        worker.communicate(timeout=60)
    assert {run.name for run in reap(store).closed} == {"parent", "child"}
    assert [run.status for run in find_runs(store, "train/winback")] == ["KILLED", "KILLED"]
