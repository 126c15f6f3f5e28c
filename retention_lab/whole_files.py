"""Files are written whole or not at all: staged beside their place, flushed, then renamed."""

import os
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from retention_lab.errors import LabError

# `.orders.parquet.4711-9f2c1a0b.writing`: hidden, never matches *.parquet or *.csv, and names its writer
STAGED = ".*.writing"
_STAGED_NAME = re.compile(r"^\..+\.(\d+)-[0-9a-f]{8}\.writing$")


def write_whole(path: Path, data: bytes) -> None:
    """Put these bytes at this path; a reader sees the old file or the new one, after a crash too.

    Raises LabError when the folder cannot be written.
    """
    write_all([(path, data)])


def write_all(files: Sequence[tuple[Path, bytes]], *, retract: Path | None = None) -> None:
    """Write several files: all are staged and flushed before the first is renamed, in the order given.

    The last one is the marker: where it is there, so are the others. Whoever is killed before leaves
    nothing at the marker's place; the next write into the folder removes what was staged.
    retract: a marker of an earlier write, taken away before the first rename, so that it never speaks for
    other bytes than its own.
    Raises LabError when a folder cannot be written.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for folder in dict.fromkeys(path.parent for path, _ in files):
            _make_folder(folder)
            remove_leftovers(folder)
        for path, data in files:
            staged.append((_stage(path, data), path))
        if retract is not None and retract.exists():
            retract.unlink()
            flush_folder(retract.parent)
        for temporary, path in staged:
            temporary.replace(path)
            flush_folder(path.parent)
    except OSError as error:
        raise LabError(
            f"It cannot be written: {error.strerror or error}.",
            "Check the folder's permissions and free space; nothing was half written.",
            file=error.filename or files[-1][0],
        ) from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> int:
    """Remove what killed writers staged in this folder and never renamed; how many files that were.

    Files of writers that still run are left alone.
    """
    removed = 0
    for path in list(folder.glob(STAGED)):
        match = _STAGED_NAME.match(path.name)
        if match and (_is_old(path) or not _is_running(int(match.group(1)))):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def flush_file(path: Path) -> None:
    """Force a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Force a folder's entries to the disk: a rename survives a power cut only once they are there."""
    if os.name == "nt":  # folders cannot be opened there; the rename is journalled by the file system
        return
    flush_file(folder)


def _stage(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.writing")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    flush_folder(folder.parent)


def _is_old(path: Path) -> bool:
    """Process numbers come round again (in a container quickly); no write takes a day."""
    try:
        return time.time() - path.stat().st_mtime > 86_400
    except FileNotFoundError:  # its writer has just renamed it
        return False


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
