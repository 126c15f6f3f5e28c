"""Following a project that was moved: MLflow keeps absolute paths to artifacts."""

from contextlib import closing

from retention_lab.errors import StoreError
from retention_lab.tracking.database import connect, lock_file
from retention_lab.tracking.files import locked
from retention_lab.tracking.runs import local_artifacts
from retention_lab.tracking.store import Store

# every column of MLflow's schema that holds the address of a run's or a model's files
_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)


def former_roots(store: Store) -> list[str]:
    """The artifact roots that the store's experiments name, other than the one it has now."""
    if store.database is None or store.artifact_root is None:
        return []
    with closing(connect(store.database)) as connection:
        rows = connection.execute("SELECT name, experiment_id, artifact_location FROM experiments").fetchall()
    roots = set()
    for name, number, location in rows:
        for ending in (f"/{name}", f"/{number}"):
            root = location.removesuffix(ending)
            local = local_artifacts(location)
            if root != location and local is not None and not local.is_relative_to(store.artifact_root):
                roots.add(root)
    return sorted(roots)


def relocate(store: Store) -> int:
    """Let every path under a former root lead to the present one; how many were changed. All or none.

    Raises StoreError for a store that is not a project's own file.
    """
    if store.database is None or store.artifact_root is None:
        raise StoreError(
            f"The tracking store at {store.address} keeps its own files.",
            "Only a project's own store is relocated.",
        )
    changed = 0
    with locked(lock_file(store.database)), closing(connect(store.database)) as connection, connection:
        for root in former_roots(store):
            values = (store.artifact_root.as_uri(), len(root) + 1, len(root) + 1, f"{root}/")
            for table, column in _COLUMNS:
                update = f"UPDATE {table} SET {column} = ? || substr({column}, ?)"
                changed += connection.execute(f"{update} WHERE substr({column}, 1, ?) = ?", values).rowcount
    return changed
