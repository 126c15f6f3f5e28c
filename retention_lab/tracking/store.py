"""Where runs and models are kept: the project's own database, or a team's server."""

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from retention_lab.errors import StoreError
from retention_lab.tracking import addresses
from retention_lab.tracking.database import lock_file, prepare_database
from retention_lab.tracking.files import locked
from retention_lab.tracking.quiet import quietly

# it logs the traceback of what it raises as well: `store_errors` says it in a sentence
logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `uri` may hold a password: show `address` instead.

    folder: the project's. database: the SQLite file, None elsewhere. artifact_root: where new experiments
    keep their files, None where the server decides.
    """

    folder: Path
    uri: str = field(repr=False)
    address: str
    database: Path | None
    artifact_root: Path | None
    client: MlflowClient = field(repr=False)

    def lock(self) -> AbstractContextManager[None]:
        """One process at a time, for what reads the registry and then changes it; servers have none."""
        return nullcontext() if self.database is None else locked(lock_file(self.database))


def open_store(folder: Path, uri: str | None = None) -> Store:
    """Open the store of the project in `folder`; made at first use, by any number of processes at once.

    The environment's MLFLOW_TRACKING_URI wins over `uri`; with neither it is `mlruns/mlflow.db` in the
    folder, artifacts beside it. `uri`: http(s), sqlite (relative to the folder), or a database server.

    Raises StoreError where the store cannot be reached or is not what it should be.
    """
    folder = folder.resolve()
    named = os.environ.get("MLFLOW_TRACKING_URI") or None
    base = Path.cwd() if named else folder
    named = named or uri
    if named is None:
        return open_folder_store(folder)
    scheme = addresses.scheme(named)
    if scheme == "sqlite":
        return _open_sqlite(folder, addresses.sqlite_path(named, base))
    if scheme in addresses.SERVER_SCHEMES:
        addresses.probe_server(named)
        return _store(folder, named, None, None)
    if scheme in addresses.DATABASE_SCHEMES:
        addresses.probe_database(named)
        return _store(folder, named, None, folder / "mlruns" / "artifacts")
    raise StoreError(
        f"A tracking store at {addresses.masked(named)} is of a kind that is not supported.",
        "Use an http(s) server, sqlite:///path/mlflow.db or postgresql://…, or none for the project's own.",
        key="tracking.uri",
    )


def open_folder_store(folder: Path) -> Store:
    """Open the store that lies in a project's folder, whatever the environment names."""
    return _open_sqlite(folder.resolve(), folder.resolve() / "mlruns" / "mlflow.db")


@contextmanager
def store_errors(store: Store) -> Iterator[None]:
    """Turn what MLflow raises into a StoreError that shows no password."""
    try:
        yield
    except MlflowException as error:
        raise StoreError(
            f"The tracking store at {store.address} refused: {_first_line(error, store)}",
            "Run `lab store doctor`; where another program writes to the store, wait for it and try again.",
        ) from error


def _open_sqlite(folder: Path, database: Path) -> Store:
    artifact_root = database.parent / "artifacts"
    uri = addresses.sqlite_uri(database)
    prepare_database(database, artifact_root.as_uri())
    return _store(folder, uri, database, artifact_root)


def _store(folder: Path, uri: str, database: Path | None, artifact_root: Path | None) -> Store:
    with quietly():  # MLflow uses what SQLAlchemy means to take away
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    store = Store(folder, uri, addresses.masked(uri), database, artifact_root, client)
    if database is None:
        with store_errors(store):  # a wrong password or a strange server shows itself here, not mid-run
            client.search_experiments(max_results=1)
    return store


def _first_line(error: MlflowException, store: Store) -> str:
    lines = str(error).replace(store.uri, store.address).splitlines() or [type(error).__name__]
    return addresses.without_secret(lines[0][:300], store.uri)


def mlflow_version() -> str:
    """The installed MLflow's version."""
    return str(mlflow.__version__)
