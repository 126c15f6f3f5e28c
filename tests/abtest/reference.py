"""Numbers that published tools gave on fixed inputs; a test that needs them skips where they are absent."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
_WORDS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


def expected(name: str) -> Any:
    """What the tool answered: expected/<name>.json, with the words for nan and the infinities as floats."""
    return _with_floats(json.loads(_file(f"expected/{name}.json").read_text(encoding="utf-8")))


def inputs(name: str) -> pd.DataFrame:
    """The rows it was asked about: inputs/<name>.csv."""
    return pd.read_csv(_file(f"inputs/{name}.csv"))


def _file(relative: str) -> Path:
    folder = Path(os.environ.get("RETENTION_LAB_REFERENCE") or ROOT.parent / "shared" / "reference")
    path = folder / "abtest" / relative
    if not path.exists():
        pytest.skip(
            f"needs the reference numbers abtest/{relative} (RETENTION_LAB_REFERENCE names their folder)"
        )
    return path


def _with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_floats(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_floats(one) for one in value]
    return _WORDS.get(value, value) if isinstance(value, str) else value
