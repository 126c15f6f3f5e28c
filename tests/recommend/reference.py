"""Numbers of public tools on fixed interactions and baskets; a test skips where they are absent."""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from retention_lab.recommend.interactions import Interactions
from tests.shared_data import ROOT


def expected(name: str) -> Any:
    """The numbers of expected_<name>.json."""
    return json.loads(_file(f"expected_{name}.json").read_text(encoding="utf-8"))


@lru_cache
def synthetic() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User, item and day of each row of the synthetic interactions."""
    table: pa.Table = csv.read_csv(_file("synthetic_a.csv.gz"))
    user, item, day = (table[name].to_numpy().astype(np.int64) for name in ("user", "item", "day"))
    return user, item, day


def _file(relative: str) -> Path:
    folder = Path(os.environ.get("RETENTION_LAB_REFERENCE") or ROOT.parent / "shared" / "reference")
    path = folder / "recommend" / relative
    if not path.exists():
        pytest.skip(
            f"needs the reference numbers recommend/{relative} (RETENTION_LAB_REFERENCE names their folder)"
        )
    return path


def synthetic_rows(part: str) -> Interactions:
    """The rows of `train` (before day 300) or `test`; codes are the numbers of the file."""
    user, item, day = synthetic()
    kept = day < 300 if part == "train" else day >= 300
    users, items = (tuple(str(code) for code in range(codes.max() + 1)) for codes in (user, item))
    time = day[kept].astype(np.float64)
    return Interactions(user[kept], item[kept], time, np.ones(len(time)), users, items)
