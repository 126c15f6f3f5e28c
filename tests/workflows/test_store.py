import shutil
from contextlib import closing
from pathlib import Path

import pytest

from retention_lab.errors import StoreError
from retention_lab.tracking import registry
from retention_lab.tracking.database import connect
from retention_lab.tracking.models import load_version, register
from retention_lab.tracking.runs import begin_run, local_artifacts, start_run
from retention_lab.tracking.store import Store, open_store
from retention_lab.workflows.store import doctor, reap, relocate_store
from tests.tracking.tiny import Tiny, tiny_model


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = open_store(tmp_path / "lab")
    with start_run(store, "train/winback", "x", {}) as run:
        register(run, "winback", tiny_model(), {}, alias="challenger")
    return store


def failed(folder: Path) -> list[str]:
    return [check["name"] for check in doctor(folder).checks if check["passed"] is False]


def test_a_sound_store_passes_every_check(store: Store) -> None:
    report = doctor(store.folder)
    assert report.passed
    assert (report.runs, report.versions) == ({"FINISHED": 1}, 1)
    assert all(check["passed"] for check in report.checks)


def test_a_changed_model_file_fails_the_store(store: Store) -> None:
    folder = local_artifacts(registry.get_version(store, "winback", "1").source)
    assert folder is not None
    (folder / "artifacts/files/weights/slope.txt").write_text("3.0")
    report = doctor(store.folder)
    assert not report.passed
    (check,) = [check for check in report.checks if check["name"] == "model_files"]
    assert check["detail"].startswith("winback/1: The model's file artifacts/files/weights/slope.txt")


def test_an_open_run_of_a_dead_process_is_named_and_reaped(store: Store) -> None:
    dead = begin_run(store, "train/winback", "dead", {})
    store.client.set_tag(dead.id, "lab.process_started", "1")
    assert failed(store.folder) == ["stale_runs"]
    assert doctor(store.folder).passed  # soft: nothing is lost
    assert [run["name"] for run in reap(store.folder).as_json()["closed"]] == ["dead"]
    assert failed(store.folder) == []


def test_a_champion_moved_outside_the_gate_is_named(store: Store) -> None:
    registry.set_alias(store, "winback", "champion", "1")
    assert failed(store.folder) == ["champions"]


def test_a_damaged_database_is_found(store: Store) -> None:
    assert store.database is not None
    with closing(connect(store.database)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "DELETE FROM sqlite_master WHERE name LIKE 'index_tags%' OR name LIKE 'index_runs%'"
        )
        connection.execute("DELETE FROM sqlite_master WHERE name LIKE 'index_%' AND type = 'index'")
    assert "integrity" in failed(store.folder)


def test_a_project_that_was_moved_is_named_and_can_be_relocated(store: Store, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(store.folder, moved)
    shutil.rmtree(store.folder)
    assert set(failed(moved)) == {"location", "model_files"}
    with pytest.raises(StoreError, match="was moved"), start_run(open_store(moved), "train/winback", "x", {}):
        pass
    assert relocate_store(moved) > 0
    assert failed(moved) == []
    assert load_version(open_store(moved), "winback").model == Tiny(2.0)
    assert relocate_store(moved) == 0
