"""Reading back what a run kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow

from retention_lab.errors import StoreError
from retention_lab.tracking.files import safe_relative
from retention_lab.tracking.runs import local_artifacts
from retention_lab.tracking.search import RunRecord
from retention_lab.tracking.store import Store, store_errors
from retention_lab.whole_files import write_whole


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


def log_artifact(store: Store, run_id: str, path: str, data: bytes) -> None:
    """Keep one more file with a run that has ended."""
    safe_relative(path)
    with store_errors(store):
        uri = str(store.client.get_run(run_id).info.artifact_uri)
    local = local_artifacts(uri)
    if local is not None:
        write_whole(local / path, data)
        return
    with TemporaryDirectory() as staging, store_errors(store):
        staged = Path(staging) / Path(path).name
        staged.write_bytes(data)
        store.client.log_artifact(run_id, str(staged), Path(path).parent.as_posix().strip("."))
