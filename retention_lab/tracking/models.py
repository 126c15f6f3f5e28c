"""Registering a fitted model, and loading one again, its files proved unchanged first.

A version is made after its files are complete, in one transaction with their hashes: a process killed in
between leaves files that no version names, never a version without its files.
"""

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException

from retention_lab import __version__
from retention_lab.errors import LabError, StoreError
from retention_lab.tracking.files import flush_tree, safe_relative
from retention_lab.tracking.model_files import (
    DESCRIPTION,
    ModelFiles,
    check_files,
    describe,
    load_function,
    manifest_sha256,
    read_model,
    sha256,
    tampered,
)
from retention_lab.tracking.names import check_name
from retention_lab.tracking.quiet import quietly
from retention_lab.tracking.registry import FILES_TAG, LOADER_TAG, SHA256_TAG, Version, find_version
from retention_lab.tracking.runs import Run, local_artifacts
from retention_lab.tracking.signature import model_signature
from retention_lab.tracking.store import Store, store_errors
from retention_lab.whole_files import flush_folder

_SCRIPT = Path(__file__).with_name("model_script.py")
_FILES = "artifacts/files"  # where MLflow puts the artifact of that name inside a model


@dataclass(frozen=True, slots=True)
class Loaded:
    """A registered version in memory. `model` is what its loader made of `files`."""

    name: str
    version: str
    aliases: tuple[str, ...]
    files: Mapping[str, bytes]
    loader: str
    tags: Mapping[str, str]
    run_id: str
    model: Any


def register(
    run: Run, name: str, model: ModelFiles, tags: Mapping[str, str], alias: str | None = None
) -> str:
    """Register a model under `name` with the run that made it; the new version's number.

    alias: what the version is called from now on, `challenger` say.
    Raises LabError for files that could not be loaded safely, StoreError where the store fails.
    """
    check_name(name)
    check_files(model)
    store = run.store
    with TemporaryDirectory() as staging:
        built = _build(Path(staging), model)
        hashes = _hashes(built)
        folder = _keep(run, built, name)
    all_tags = {
        **tags,
        LOADER_TAG: model.loader,
        FILES_TAG: json.dumps(hashes, sort_keys=True),
        SHA256_TAG: manifest_sha256(hashes),
        "lab.version": __version__,
    }
    with store.lock(), store_errors(store):
        _make_model(store, name)
        source = f"{run.artifact_uri}/{folder}"
        version = str(store.client.create_model_version(name, source, run.id, tags=all_tags).version)
        if alias is not None:
            store.client.set_registered_model_alias(name, alias, version)
    return version


def load_version(store: Store, name: str, selector: str = "") -> Loaded:
    """Load `@alias`, `/number` or nothing (challenger, else champion, else newest); hashes are checked first.

    Raises LabError where there is no such version, or a file of it is missing or changed.
    """
    version = find_version(store, name, selector)
    loader, files = read_files(store, version)
    model = load_function(loader)(files)
    return Loaded(
        version.name, version.version, version.aliases, files, loader, version.tags, version.run_id, model
    )


def read_files(store: Store, version: Version) -> tuple[str, dict[str, bytes]]:
    """The loader and the files of a version, each proved to be the one that was registered; nothing is run.

    Raises LabError where one is missing or changed, or the version is not one of this package's.
    """
    hashes = _registered_hashes(version)
    with TemporaryDirectory() as staging:
        read = _reader(store, version, Path(staging))
        contents = {}
        for path, expected in hashes.items():
            data = read(safe_relative(path))
            if sha256(data) != expected:
                raise tampered(path)
            contents[path] = data
    if f"{_FILES}/{DESCRIPTION}" not in contents:
        raise tampered(DESCRIPTION)
    # from memory: what was hashed is what is loaded
    loader, files = read_model(lambda path: contents[f"{_FILES}/{path}"])
    if loader != version.tags.get(LOADER_TAG):
        raise tampered(DESCRIPTION)
    return loader, files


def _build(staging: Path, model: ModelFiles) -> Path:
    """MLflow's folder of the model."""
    files = staging / "files"
    for path, data in {**model.files, DESCRIPTION: describe(model)}.items():
        target = files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    built = staging / "model"
    ours = (f"retention-lab=={__version__}", f"mlflow=={mlflow.__version__}")
    with quietly():
        from mlflow.pyfunc import save_model  # a second of import, which loading a version does not need

        save_model(
            path=str(built),
            python_model=str(_SCRIPT),
            artifacts={"files": str(files)},
            signature=model_signature(model.inputs, model.outputs, model.params),
            pip_requirements=[*ours, *model.requirements],
        )
    return built


def _keep(run: Run, built: Path, name: str) -> str:
    """Put the built folder among the run's artifacts, whole or not at all on a local disk; where it is."""
    folder = f"models/{name}"
    local = local_artifacts(run.artifact_uri)
    if local is None:
        with store_errors(run.store):
            run.store.client.log_artifacts(run.id, str(built), folder)
        return folder
    target = local / folder
    if target.exists():
        raise LabError(
            f"This run has registered a model as {name} already.",
            "Register once a run, or under another name.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{name}.{secrets.token_hex(8)}.part")
    try:
        shutil.copytree(built, staged)
        flush_tree(staged)
        staged.rename(target)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    flush_folder(target.parent)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in paths}


def _make_model(store: Store, name: str) -> None:
    try:
        store.client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _registered_hashes(version: Version) -> dict[str, str]:
    text = version.tags.get(FILES_TAG)
    if text is None:
        raise LabError(
            f"Version {version.version} of {version.name} was not registered by `lab train`: it carries no "
            "hashes of its files, so it cannot be proved unchanged.",
            f"Use a version that `lab train {version.name}` registered.",
        )
    hashes: dict[str, str] = json.loads(text)
    if manifest_sha256(hashes) != version.files_sha256:
        raise tampered("list")
    return hashes


def _reader(store: Store, version: Version, staging: Path) -> Callable[[str], bytes]:
    local = local_artifacts(version.source)
    folder = local if local is not None else _download(store, version, staging)

    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError as error:
            raise LabError(
                f"The file {path} of {version.name}/{version.version} cannot be read ({error.strerror}).",
                "Restore it from a backup, or use another version: `lab rollback NAME`, or train again.",
            ) from error

    return read


def _download(store: Store, version: Version, staging: Path) -> Path:
    with store_errors(store):
        source = store.client.get_model_version_download_uri(version.name, version.version)
        try:
            found = mlflow.artifacts.download_artifacts(
                artifact_uri=source, dst_path=str(staging), tracking_uri=store.uri
            )
        except OSError as error:
            raise StoreError(
                f"The files of {version.name}/{version.version} cannot be fetched from {store.address}.",
                "Check the server's artifact store.",
            ) from error
    return Path(found)
