"""A model as files in open formats, and the proof that nobody changed them."""

import hashlib
import importlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from retention_lab.errors import LabError
from retention_lab.tracking.files import safe_relative

DESCRIPTION = "model.json"
_LOADER = re.compile(r"retention_lab(\.[a-z][a-z0-9_]*)+:[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What is registered. `loader` ("retention_lab.module:function") takes `files` and gives the model.

    The model has `predict(table: pa.Table, params: Mapping) -> pa.Table`. files: text, JSON or npz by
    relative name, never pickle. inputs, outputs: its tables; a nullable column of `inputs` may be absent.
    params: names and defaults of what `predict` takes. requirements: pip's words for what the loader needs;
    this package and MLflow are added.
    """

    loader: str
    files: Mapping[str, bytes]
    inputs: pa.Schema
    outputs: pa.Schema
    params: Mapping[str, Any] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()


def check_files(model: ModelFiles) -> None:
    """Refuse what could not be loaded again, or not safely.

    Raises LabError for names that lead out of the model's folder, pickled content and loaders from elsewhere.
    """
    load_function(model.loader)
    if not model.files:
        raise LabError("A model without files cannot be registered.", "Give its `to_files()`.")
    for name, data in model.files.items():
        safe_relative(name)
        if name == DESCRIPTION:
            raise LabError(f"{DESCRIPTION} is this package's own file of a model.", "Use another name.")
        _refuse_pickle(name, data)


def load_function(loader: str) -> Callable[[Mapping[str, bytes]], Any]:
    """The function that a loader names.

    Raises LabError where it is not one of this package's.
    """
    if not _LOADER.fullmatch(loader):
        raise LabError(
            f"{loader!r} is not a loader of this package.",
            "It reads 'retention_lab.<module>:<function>'; a model from elsewhere is not loaded.",
        )
    module, _, name = loader.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LabError(
            f"The loader {loader} does not exist in this version of the package.",
            "Install the version that the model's `lab.version` tag names, or train again.",
        ) from error
    return found  # type: ignore[no-any-return]


def describe(model: ModelFiles) -> bytes:
    """`model.json`: the loader, and the SHA-256 of every file."""
    hashes = {name: sha256(data) for name, data in sorted(model.files.items())}
    return json.dumps({"loader": model.loader, "files": hashes}, indent=1).encode() + b"\n"


def read_model(read: Callable[[str], bytes]) -> tuple[str, dict[str, bytes]]:
    """The loader and the checked files of a model, given a function that reads its folder.

    Raises LabError where a file is missing, or is not what it was when the model was made.
    """
    description = json.loads(read(DESCRIPTION))
    files = {}
    for name, expected in description["files"].items():
        data = read(safe_relative(name))
        if sha256(data) != expected:
            raise tampered(name)
        files[name] = data
    return str(description["loader"]), files


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def manifest_sha256(hashes: Mapping[str, str]) -> str:
    """One SHA-256 for a set of files: of the lines that sha256sum writes for them, sorted by name."""
    return sha256("".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode())


def tampered(name: str) -> LabError:
    """The error for a file that is not what was registered."""
    return LabError(
        f"The model's file {name} is not the one that was registered: it was changed or damaged since. "
        "It has not been loaded.",
        "Restore the file from a backup, or use another version: `lab rollback NAME`, or train again.",
    )


def _refuse_pickle(name: str, data: bytes) -> None:
    # pickles of protocol 2 and later begin with 0x80 and end with a full stop
    pickled = name.endswith((".pkl", ".pickle", ".joblib")) or (data[:1] == b"\x80" and data[-1:] == b".")
    if name.endswith((".npz", ".npy")):
        try:
            arrays = np.load(io.BytesIO(data), allow_pickle=False)
            for key in arrays if name.endswith(".npz") else ():
                arrays[key]
        except ValueError:
            pickled = True  # an array of Python objects
    if pickled:
        raise LabError(
            f"The model's file {name} holds a pickle, which can run any code when it is read.",
            "Write text, JSON or npz arrays of numbers.",
        )
