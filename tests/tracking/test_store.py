import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mlflow.store.db import utils as migrations

from retention_lab.errors import StoreError
from retention_lab.tracking import database, template
from retention_lab.tracking.addresses import masked, without_secret
from retention_lab.tracking.runs import start_run
from retention_lab.tracking.store import Store, open_store


def schema(path: Path) -> dict[str, list[object]]:
    """Columns, keys and indexes by table; the order of a table's checks differs from time to time."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [
                sorted(repr(row[1:]) for row in connection.execute(f"PRAGMA {what}('{name}')"))
                for what in ("table_xinfo", "foreign_key_list", "index_list")
            ]
            for name in names
        }


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


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
def test_the_template_is_what_the_installed_mlflow_would_make(tmp_path: Path) -> None:
    if template.read_template().revision != str(migrations._get_latest_schema_revision()):
        pytest.skip("another MLflow than the template's is installed: its own migrations are used")
    built, shipped = tmp_path / "built.db", tmp_path / "shipped.db"
    template.build_by_migration(built)
    with closing(sqlite3.connect(shipped)) as connection:
        connection.executescript(template.read_template().sql)
    assert schema(built) == schema(shipped)


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


def test_a_folder_with_spaces_and_umlauts_is_fine(tmp_path: Path) -> None:
    store = open_store(tmp_path / "Größe & 优惠 #1")
    with start_run(store, "train/winback", "x", {}) as run:
        run.log_text("a.txt", "a")
    assert (store.folder / "mlruns/artifacts/train/winback" / run.id / "artifacts/a.txt").read_text() == "a"


def test_a_folder_that_mlflow_cannot_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="'%' or"):
        open_store(tmp_path / "50% off")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_write_access_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path)


def test_the_environment_wins_over_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/env/m.db")
    store = open_store(tmp_path / "project", "sqlite:///set.db")
    assert store.database == tmp_path / "env" / "m.db"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert open_store(tmp_path / "project", "sqlite:///set.db").database == tmp_path / "project" / "set.db"


@pytest.mark.parametrize("uri", ["file:///tmp/runs", "databricks", "ftp://x", "./mlruns"])
def test_kinds_of_store_that_are_not_supported_are_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(StoreError, match="not supported"):
        open_store(tmp_path, uri)


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(StoreError, match="names no file"):
        open_store(tmp_path, uri)


def test_an_unreachable_server_is_said_quickly_and_without_its_password(
    tmp_path: Path, nobody_listens: int
) -> None:
    start = time.monotonic()
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path, f"http://ann:pa55word@127.0.0.1:{nobody_listens}")
    assert time.monotonic() - start < 10
    assert caught.value.exit_code == 4
    assert "pa55word" not in str(caught.value)
    assert f"127.0.0.1:{nobody_listens}" in str(caught.value)


def test_a_database_server_without_its_driver_says_what_to_install(tmp_path: Path) -> None:
    try:
        import psycopg2  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        with pytest.raises(StoreError, match="driver 'psycopg") as caught:
            open_store(tmp_path, "postgresql://ann:pa55word@127.0.0.1:1/lab")
        assert "pa55word" not in str(caught.value)


def test_addresses_are_shown_without_what_may_be_secret() -> None:
    assert masked("https://ann:pa55@mlflow.example/x?token=t#f") == "https://***@mlflow.example/x"
    assert masked("sqlite:////data/mlflow.db") == "sqlite:///data/mlflow.db".replace("///", "////")
    assert without_secret("failed for pa/55", "postgresql://ann:pa%2F55@h/d") == "failed for ***"


def test_a_store_does_not_show_its_password_when_printed(store: Store) -> None:
    assert "uri=" not in repr(store)
