"""CDNOW and the numbers that other tools found there; tests skip where they are not at hand."""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import csv

from retention_lab.arrays import Floats
from retention_lab.clv.purchase_days import PurchaseDays, purchase_days
from retention_lab.clv.rows import PurchaseRows, purchase_rows
from retention_lab.clv.summary import day_number
from tests.shared_data import ROOT, shared_file

END = day_number("1997-09-30")
HORIZON = 39.0


def expected(name: str) -> Any:
    return _expected()[name]


@lru_cache
def _expected() -> Any:
    return json.loads(_reference("expected_cdnow.json").read_text(encoding="utf-8"))


@lru_cache
def cdnow() -> tuple[PurchaseRows, Floats]:
    """(2,357 rows), weeks to two decimals; (2,357,) mean values of repeat purchases."""
    table = np.genfromtxt(_reference("cdnow_summary.csv"), delimiter=",", skip_header=1)
    return purchase_rows(table[:, 1], table[:, 2], table[:, 3]), table[:, 4]


@lru_cache
def donations() -> Floats:
    """(22, 4) frequency, recency, opportunities, donors."""
    return np.genfromtxt(_reference("donations.csv"), delimiter=",", skip_header=1)


@lru_cache
def cdnow_days() -> PurchaseDays:
    table = csv.read_csv(shared_file("cdnow_sample/cdnow_sample.csv.gz"))
    return purchase_days(table["master_id"], table["date"], table["amount_usd"].to_numpy())


def _reference(file: str) -> Path:
    folder = Path(os.environ.get("RETENTION_LAB_REFERENCE") or ROOT.parent / "shared" / "reference")
    path = folder / "clv" / file
    if not path.exists():
        pytest.skip(f"needs the reference numbers clv/{file} (RETENTION_LAB_REFERENCE names their folder)")
    return path
