"""Arrays and plain values as the files of a model; the files of a model inside a model lie in a folder."""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Named arrays as one npz file, numbers to the last bit; never an object that would need pickle.

    >>> round(float(npz_arrays(npz_bytes({"a": np.array([0.1])}))["a"][0]), 3)
    0.1
    """
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **{name: np.asarray(value) for name, value in arrays.items()})
    return out.getvalue()


def npz_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays that `npz_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def json_bytes(value: Any) -> bytes:
    """Plain values as JSON, numbers to the last bit."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def in_folder(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with the folder before their names.

    >>> in_folder("model", {"a.txt": b"1"})
    {'model/a.txt': b'1'}
    """
    return {f"{folder}/{name}": data for name, data in files.items()}


def of_folder(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a folder, without its name; empty where there is no such folder."""
    start = f"{folder}/"
    return {name.removeprefix(start): data for name, data in files.items() if name.startswith(start)}
