"""Where the public data sets lie; a test that needs one that is absent skips and says why."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared_file(relative: str) -> Path:
    """The file under $RETENTION_LAB_DATA or ../shared/data; skips the test where it is not there."""
    folder = Path(os.environ.get("RETENTION_LAB_DATA") or ROOT.parent / "shared" / "data")
    path = folder / relative
    if not path.exists():
        pytest.skip(f"needs the public data set {relative} (RETENTION_LAB_DATA names its folder)")
    return path
