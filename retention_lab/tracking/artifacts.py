"""Reading back what a run kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow

from retention_lab.errors import StoreError
from retention_lab.tracking.files import safe_relative
from retention_lab.tracking.runs import local_artifacts
from retention_lab.tracking.search import RunRecord
from retention_lab.tracking.store import Store, store_errors


def read_artifact(store: Store, run: RunRecord, path: str) -> bytes:
    """A file that the run kept. Raises StoreError where it is not there any more."""
    safe_relative(path)
    local = local_artifacts(run.artifact_uri)
    try:
        if local is not None:
            return (local / path).read_bytes()
        with TemporaryDirectory() as staging, store_errors(store):
            found = mlflow.artifacts.download_artifacts(
                artifact_uri=f"{run.artifact_uri}/{path}", dst_path=staging, tracking_uri=store.uri
            )
            return Path(found).read_bytes()
    except OSError as error:
        raise StoreError(
            f"The file {path} of the run {run.id} cannot be read.",
            "Run `lab store doctor`; restore the artifacts from a backup, or train again.",
        ) from error
