"""The files of models inside models: a part's files lie in a folder of its name."""

import json
from collections.abc import Mapping
from typing import Any


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


def json_bytes(value: Any) -> bytes:
    """Plain values as JSON, numbers to the last bit."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
