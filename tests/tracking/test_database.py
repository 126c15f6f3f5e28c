import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow.store.db import utils as migrations

from retention_lab.errors import StoreError
from retention_lab.tracking import database, template
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.store import Store, open_store


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_fresh_store_is_sound_and_writes_ahead(store: Store) -> None:
    assert store.database == store.folder / "mlruns" / "mlflow.db"
    assert pragma(store.database, "journal_mode") == "wal"
    assert pragma(store.database, "integrity_check") == "ok"
    assert store.client.get_experiment("0").artifact_location == f"{store.artifact_root.as_uri()}/0"  # type: ignore[union-attr]
    assert not list((store.folder / "mlruns").glob(".*.part"))


def test_opening_again_changes_nothing(store: Store) -> None:
    before = (store.folder / "mlruns" / "mlflow.db").read_bytes()
    open_store(store.folder)
    assert (store.folder / "mlruns" / "mlflow.db").read_bytes() == before


def test_a_store_that_waits_for_writers_is_made_to_write_ahead(tmp_path: Path) -> None:
    path = tmp_path / "mlruns" / "mlflow.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(template.read_template().sql)
    assert pragma(path, "journal_mode") == "delete"
    open_store(tmp_path)
    assert pragma(path, "journal_mode") == "wal"


@pytest.mark.slow
def test_another_mlflow_than_the_templates_builds_its_own_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = template.Template("0.0", "of another time", "not SQL")
    monkeypatch.setattr(database, "read_template", lambda: other)
    store = open_store(tmp_path)
    with start_run(store, "train/winback", "x", {}):
        pass


@pytest.mark.slow
def test_an_older_store_is_backed_up_and_upgraded_with_its_runs(tmp_path: Path) -> None:
    from alembic import command

    path = tmp_path / "mlruns" / "mlflow.db"
    path.parent.mkdir()
    template.build_by_migration(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, workspace)"
            " VALUES (7, 'old', 'file:///old', 'active', 'default')"
        )
    command.downgrade(migrations._get_alembic_config(f"sqlite:///{path}"), "-1")
    older = database.schema_revision(path)
    assert older != template.installed_revision()
    store = open_store(tmp_path)
    assert database.schema_revision(path) == template.installed_revision()
    assert store.client.get_experiment_by_name("old").experiment_id == "7"
    assert database.schema_revision(path.with_name(f"mlflow.db.backup-{older}")) == older


def test_a_store_of_a_newer_mlflow_is_refused_unchanged(store: Store) -> None:
    path = store.database
    assert path is not None
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(StoreError, match="newer MLflow made it") as caught:
        open_store(store.folder)
    assert "pip install --upgrade mlflow" in caught.value.next_step
    assert database.schema_revision(path) == "ffffffffffff"


@pytest.mark.parametrize("content", [b"not a database, by far" * 100, b"SQLite format 3\x00 cut off"])
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mlruns" / "mlflow.db"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(tmp_path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mlruns" / "mlflow.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="not those of MLflow"):
        open_store(tmp_path)


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "mlruns" / "mlflow.db"
    path.parent.mkdir()
    path.touch()
    path.with_name("mlflow.db-wal").write_bytes(b"of a database that was deleted")
    with start_run(open_store(tmp_path), "train/winback", "x", {}):
        pass
    assert pragma(path, "integrity_check") == "ok"
