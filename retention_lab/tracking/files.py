"""A lock between processes, and files whose names stay inside their folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retention_lab.errors import LabError, StoreError
from retention_lab.whole_files import flush_file, flush_folder

LOCK_SECONDS = 120.0


@contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock file at `path` alone among all processes; the system frees it when a process dies.

    Raises StoreError when another process holds it for longer than `seconds`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            f"The folder of the tracking store cannot be written: {error.strerror}.",
            "Give this user write access to it, or name another store under `tracking` in lab.yaml.",
            file=path.parent,
        ) from error
    try:
        _wait_for(handle, path, seconds)
        yield
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Force every file and folder below `folder`, and itself, to the disk."""
    for path in folder.rglob("*"):
        flush_file(path)
    flush_folder(folder)


def safe_relative(name: str) -> str:
    """The name of a file inside a folder, refused where it could lead out of it.

    Raises LabError for absolute names, `..`, backslashes, drive letters, empty parts and control characters.

    >>> safe_relative("trees/arm_1.txt")
    'trees/arm_1.txt'
    """
    parts = name.split("/")
    if (
        not name
        or "\\" in name
        or ":" in name
        or any(ord(letter) < 32 for letter in name)
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise LabError(
            f"{name!r} is not the name of a file inside a model or a run; it could lead out of its folder.",
            "Use plain relative names with forward slashes, such as 'trees/arm_1.txt'.",
        )
    return name


def _wait_for(handle: int, path: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreError(
                    f"Another process has held the lock of the tracking store for {seconds:.0f} seconds.",
                    "Wait for it to end, or end it, then run the command again.",
                    file=path,
                ) from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
        else:
            return
