"""Pseudonyms: keyed hashes of ids, which without the key tell nobody who was meant."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from retention_lab.errors import LabError

KEY_VARIABLE = "RETENTION_LAB_KEY_FILE"
_KEY_BYTES = 32


def pseudonyms(ids: Iterable[str], key: bytes) -> list[str]:
    """HMAC-SHA-256 of every id under the key, in hexadecimal; the same id always gives the same one.

    Source: RFC 2104. A plain hash of an e-mail address is no pseudonym: addresses can be guessed.

    >>> pseudonyms(["anna"], b"0" * 32) == pseudonyms(["anna"], b"1" * 32)
    False
    """
    start = hmac.new(key, digestmod=hashlib.sha256)
    found = []
    for value in ids:
        one = start.copy()
        one.update(value.encode())
        found.append(one.hexdigest())
    return found


def pseudonym_key(file: Path | None = None) -> bytes:
    """The key in $RETENTION_LAB_KEY_FILE, in `file`, or in the user's configuration folder.

    A key that is not there yet is made, readable by its owner only.
    Raises LabError when the file cannot be read or written, is too short, or is open to others.
    """
    path = key_file(file)
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        open_to_others = os.name != "nt" and path.stat().st_mode & 0o077
    except OSError as error:
        raise LabError(
            f"The pseudonym key cannot be read: {error.strerror}.",
            f"Check the path and its permissions, or set {KEY_VARIABLE}.",
            file=path,
        ) from error
    except ValueError as error:  # not text, or not hexadecimal
        raise _damaged(path) from error
    if len(key) < _KEY_BYTES:
        raise _damaged(path)
    if open_to_others:
        raise LabError(
            "Others can read the pseudonym key, so pseudonyms protect nobody.",
            f"chmod 600 {path.name}",
            file=path,
        )
    return key


def key_file(file: Path | None = None) -> Path:
    """Where the key lies: the environment wins over `file`, which wins over the user's configuration."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named)
    if file is not None:
        return file
    home = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "retention-lab" / "pseudonym.key"


def _make_key(path: Path) -> None:
    """Whole and never twice: of processes that start at once, the first one's key stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _damaged(path: Path) -> LabError:
    return LabError(
        "The pseudonym key is not 64 hexadecimal digits or more.",
        "Restore it from a copy; a new key gives every customer a new pseudonym, so pseudonyms given "
        "before can no longer be matched.",
        file=path,
    )
