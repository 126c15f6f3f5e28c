"""Runs: what a command did, with what, and what came out; closed however the command ends."""

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import is_local_uri

from retention_lab import __version__
from retention_lab.errors import LabError, StoreError
from retention_lab.estimate import Estimate
from retention_lab.tracking.files import safe_relative
from retention_lab.tracking.names import check_experiment, store_names
from retention_lab.tracking.process import this_process
from retention_lab.tracking.signals import signals_held, termination_raises
from retention_lab.tracking.store import Store, store_errors
from retention_lab.whole_files import write_whole

_LONGEST_VALUE = 6000
_METRICS_A_CALL = 1000
_PARAMS_A_CALL = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """An open run."""

    store: Store = field(repr=False)
    id: str
    experiment: str
    name: str
    artifact_uri: str

    def log_params(self, params: Mapping[str, object]) -> None:
        """Log settings as text; values over 6,000 characters are cut, and end in '…'."""
        names = store_names(params)
        entries = [Param(names[key], _short(_text(value))) for key, value in params.items()]
        with store_errors(self.store):
            for some in _batches(entries, _PARAMS_A_CALL):
                self.store.client.log_batch(self.id, params=some)

    def log_metrics(self, metrics: Mapping[str, float | None], step: int = 0) -> None:
        """Log numbers; one that is missing or not finite has no metric (`result.json` says why)."""
        now = int(time.time() * 1000)
        names = store_names(metrics)
        entries = [
            Metric(names[key], float(value), now, step)
            for key, value in metrics.items()
            if value is not None and math.isfinite(value)
        ]
        with store_errors(self.store):
            for some in _batches(entries, _METRICS_A_CALL):
                self.store.client.log_batch(self.id, metrics=some)

    def log_estimates(self, prefix: str, estimates: Mapping[str, Estimate], step: int = 0) -> None:
        """Log `<prefix>.<name>` with `.ci_low` and `.ci_high` beside it."""
        metrics: dict[str, float | None] = {}
        for name, estimate in estimates.items():
            metrics[f"{prefix}.{name}"] = estimate.value
            metrics[f"{prefix}.{name}.ci_low"] = estimate.low
            metrics[f"{prefix}.{name}.ci_high"] = estimate.high
        self.log_metrics(metrics, step)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Add to the run's tags, or replace them."""
        with store_errors(self.store):
            for key, value in tags.items():
                self.store.client.set_tag(self.id, key, value)

    def log_json(self, path: str, value: object) -> None:
        """Keep a JSON document with the run.

        Raises LabError where it holds NaN or infinity, which JSON does not know.
        """
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
        except ValueError as error:
            raise LabError(
                f"{path} would hold a number that is not finite.", "Give null and a reason instead."
            ) from error
        self.log_text(path, text + "\n")

    def log_text(self, path: str, text: str) -> None:
        """Keep a text file (UTF-8) with the run."""
        self.log_bytes(path, text.encode())

    def log_bytes(self, path: str, data: bytes) -> None:
        """Keep a file with the run: whole or not at all on a local disk."""
        safe_relative(path)
        local = local_artifacts(self.artifact_uri)
        if local is not None:
            write_whole(local / path, data)
            return
        folder, _, name = path.rpartition("/")
        with TemporaryDirectory() as staging, store_errors(self.store):
            staged = Path(staging) / name
            staged.write_bytes(data)
            self.store.client.log_artifact(self.id, str(staged), folder or None)


@contextmanager
def start_run(
    store: Store, experiment: str, name: str, tags: Mapping[str, str], parent: Run | None = None
) -> Iterator[Run]:
    """A run of `experiment`, FINISHED at the end of the block.

    FAILED on an exception (a LabError's words are kept; of others the type alone, as their words may hold
    customer data); KILLED on Ctrl-C and SIGTERM. What a kill -9 leaves RUNNING, `reap` closes.
    """
    run: Run | None = None
    with termination_raises():
        try:
            with signals_held():
                run = begin_run(store, experiment, name, tags, parent)
            yield run
        except BaseException as error:
            if run is not None:
                with signals_held(), suppress(StoreError):  # the first error is the one to show
                    _close_after(run, error)
            raise
        with signals_held(), store_errors(store):
            store.client.set_terminated(run.id, "FINISHED")


def run_tags(
    kind: str,
    name: str,
    *,
    as_of: datetime | None = None,
    definition_sha256: str | None = None,
    data_sha256: str | None = None,
    git_commit: str | None = None,
) -> dict[str, str]:
    """The tags that every run carries; what is not known has none. `as_of` must be aware."""
    known = {
        "lab.kind": kind,
        "lab.name": name,
        "lab.as_of": None if as_of is None else as_of.astimezone(UTC).isoformat(),
        "lab.definition_sha256": definition_sha256,
        "lab.data_sha256": data_sha256,
        "lab.git_commit": git_commit,
        "lab.version": __version__,
    }
    return {key: value for key, value in known.items() if value is not None}


def local_artifacts(uri: str) -> Path | None:
    """The folder that an artifact address names, where it is on this machine."""
    return Path(local_file_uri_to_path(uri)) if is_local_uri(uri) else None


def experiment_id(store: Store, name: str) -> str:
    """The id of an experiment, which is made where it does not exist.

    Raises StoreError where it has been deleted: its runs would be lost from sight.
    """
    check_experiment(name)
    with store_errors(store):
        found = store.client.get_experiment_by_name(name)
        if found is None:
            location = None if store.artifact_root is None else f"{store.artifact_root.as_uri()}/{name}"
            try:
                return str(store.client.create_experiment(name, artifact_location=location))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            found = store.client.get_experiment_by_name(name)  # another process was quicker
    if found is None or found.lifecycle_stage != "active":
        raise StoreError(
            f"The experiment {name} was deleted from the tracking store.",
            "Restore it in MLflow's UI (`lab ui`), or remove it for good with `mlflow gc`.",
        )
    _refuse_moved_store(store, name, str(found.artifact_location))
    return str(found.experiment_id)


def _refuse_moved_store(store: Store, name: str, location: str) -> None:
    """MLflow keeps absolute paths: in a project that was moved, files would go to where it was."""
    local = local_artifacts(location)
    if store.artifact_root is None or local is None or local.exists():
        return
    if not local.is_relative_to(store.artifact_root):
        raise StoreError(
            f"The files of the experiment {name} belong at {local}, where nothing is: the project was moved.",
            "Run `lab store relocate` once.",
            file=store.database,
        )


def begin_run(
    store: Store, experiment: str, name: str, tags: Mapping[str, str], parent: Run | None = None
) -> Run:
    """A run that nothing closes but its caller; use `start_run` unless you must."""
    where = experiment_id(store, experiment)
    all_tags = {
        **tags,
        **this_process().tags(),
        "mlflow.user": _user(),
        "mlflow.source.name": "lab",
        "mlflow.source.type": "LOCAL",
    }
    if parent is not None:
        all_tags["mlflow.parentRunId"] = parent.id
    with store_errors(store):
        info = store.client.create_run(where, tags=all_tags, run_name=name).info
    return Run(store, str(info.run_id), experiment, name, str(info.artifact_uri))


def _close_after(run: Run, error: BaseException) -> None:
    interrupted = isinstance(error, KeyboardInterrupt | GeneratorExit)
    with store_errors(run.store):
        if not interrupted:
            words = (
                f"{error.found} {error.next_step}" if isinstance(error, LabError) else type(error).__name__
            )
            run.store.client.set_tag(run.id, "lab.error", _short(words))
        run.store.client.set_terminated(run.id, "KILLED" if interrupted else "FAILED")


def _batches(entries: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (entries[start : start + size] for start in range(0, len(entries), size))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container's user number without a name
        return "unknown"
