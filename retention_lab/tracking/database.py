"""The project's own SQLite database for MLflow: made whole from a template, upgraded under a lock."""

import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from mlflow.store.db import utils as migrations

from retention_lab.errors import StoreError
from retention_lab.tracking.files import locked
from retention_lab.tracking.template import build_by_migration, installed_revision, read_template
from retention_lab.whole_files import flush_file, flush_folder

BUSY_SECONDS = 60.0


def connect(path: Path) -> sqlite3.Connection:
    """A plain connection to an existing database that waits for other writers; the caller closes it."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=BUSY_SECONDS)


def lock_file(path: Path) -> Path:
    """The lock that guards making, upgrading and registering in the store at `path`."""
    return path.parent / ".store.lock"


def prepare_database(path: Path, artifact_root: str) -> None:
    """Leave at `path` a database of the schema that the installed MLflow wants, in WAL mode.

    Makes it where there is none; upgrades an older one after a backup beside it. Safe against any number of
    processes at once and against kill -9. artifact_root: where MLflow's default experiment keeps its files.

    Raises StoreError where the file is not such a database, is newer than MLflow, or cannot be written.
    """
    if schema_revision(path) == installed_revision():
        _write_ahead(path)
        return
    with locked(lock_file(path)):
        found = schema_revision(path)
        if found is None:
            _create(path, artifact_root)
        elif found != installed_revision():
            _upgrade(path, found)


def schema_revision(path: Path) -> str | None:
    """The schema revision of the database at `path`; None where there is no file, or an empty one.

    Raises StoreError where the file is something else than MLflow's database.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(connect(path)) as connection:
            tables = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if not tables:
                return None
            if "alembic_version" not in tables or "runs" not in tables:
                raise _not_a_store(path, "has tables, but not those of MLflow")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:  # a full disk, say: nothing is wrong with the file itself
        raise _unusable(path, error) from error
    except sqlite3.DatabaseError as error:
        raise _not_a_store(path, f"cannot be read ({error})") from error
    if row is None:
        raise _not_a_store(path, "does not say which version of MLflow's schema it has")
    return str(row[0])


def _create(path: Path, artifact_root: str) -> None:
    for left_over in path.parent.glob(f".{path.name}.*.part*"):  # of a process that was killed
        left_over.unlink()
    staged = path.parent / f".{path.name}.{secrets.token_hex(8)}.part"
    if read_template().revision == installed_revision():
        with closing(sqlite3.connect(staged)) as connection:
            connection.executescript(read_template().sql)
    else:
        build_by_migration(staged)
    with closing(sqlite3.connect(staged)) as connection:
        _add_default_experiment(connection, artifact_root)
        connection.execute("PRAGMA journal_mode = WAL")
    flush_file(staged)
    for side in ("-wal", "-shm"):  # of a database that was deleted: it must not be replayed into the new one
        path.with_name(path.name + side).unlink(missing_ok=True)
    staged.replace(path)
    flush_folder(path.parent)


def _add_default_experiment(connection: sqlite3.Connection, artifact_root: str) -> None:
    now = int(time.time() * 1000)
    with connection:
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,"
            " last_update_time, workspace) VALUES (0, 'Default', ?, 'active', ?, ?, 'default')",
            (f"{artifact_root}/0", now, now),
        )


def _upgrade(path: Path, found: str) -> None:
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    scripts = ScriptDirectory.from_config(migrations._get_alembic_config(""))
    try:
        scripts.get_revision(found)
    except CommandError:
        raise StoreError(
            f"The tracking store has schema {found}, which the installed MLflow does not know: "
            "a newer MLflow made it.",
            "Upgrade MLflow in this environment (pip install --upgrade mlflow), then run the command again.",
            file=path,
        ) from None
    backup = path.with_name(f"{path.name}.backup-{found}")
    staged = path.with_name(f".{backup.name}.part")
    with closing(connect(path)) as source, closing(sqlite3.connect(staged)) as target:
        source.backup(target)
    flush_file(staged)
    staged.replace(backup)
    engine = migrations.create_sqlalchemy_engine(f"sqlite:///{path}")
    try:
        migrations._upgrade_db(engine)
    except Exception as error:
        raise StoreError(
            f"The tracking store could not be upgraded from schema {found} ({type(error).__name__}).",
            f"Its state before is kept in {backup.name}: copy that over {path.name} and use the MLflow "
            "version that made it.",
            file=path,
        ) from error
    finally:
        engine.dispose()
    _write_ahead(path)


def _write_ahead(path: Path) -> None:
    """Switch to WAL mode, in which readers and a writer do not wait for each other, where it is not on."""
    with closing(connect(path)) as connection:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            return
        connection.execute("PRAGMA busy_timeout = 1000")
        with suppress(sqlite3.OperationalError):  # someone is at work in it: the next command will do it
            connection.execute("PRAGMA journal_mode = WAL")


def _unusable(path: Path, error: sqlite3.OperationalError) -> StoreError:
    return StoreError(
        f"The tracking store cannot be used now ({error}).",
        "Check that its folder may be written, that the disk has room and that no other program holds the "
        "file; then run the command again.",
        file=path,
    )


def _not_a_store(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The file of the tracking store {why}.",
        "Move it away to start a new store, or put back a copy of the right one.",
        file=path,
    )
