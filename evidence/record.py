"""The record of a study: what was run, on which sources, every number, and what they say."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from evidence.runner import Job
from evidence.studies import Numbers, Study

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "evidence"
TOLERANCE = 1e-9  # relative; sums in another order differ by less, another result by more


def record(of: Study, numbers: Mapping[Job, Numbers]) -> dict[str, Any]:
    """The JSON document of a study that was run."""
    cells = {}
    for cell, settings in of.cells.items():
        seeds = [seed for name, seed in numbers if name == cell]
        columns = _columns([numbers[cell, seed] for seed in seeds])
        summary = of.summary({name: np.array(values, dtype=float) for name, values in columns.items()})
        compact = {name: [_short(value) for value in values] for name, values in columns.items()}
        cells[cell] = {"settings": dict(settings), "summary": summary, "seed": seeds, "numbers": compact}
    return {
        "study": of.name,
        "question": of.question,
        "pass": all(cell["summary"]["pass"] for cell in cells.values()),
        "source_sha256": of.source_sha256,
        "about": list(of.about),
        "versions": _versions(),
        "cells": cells,
    }


def as_text(document: dict[str, Any]) -> str:
    """JSON that a reader can skim: everything indented but the long rows of numbers."""
    rows: dict[str, str] = {}

    def fold(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fold(inner) for key, inner in value.items()}
        if isinstance(value, list):
            mark = f"@row-{len(rows)}@"
            rows[f'"{mark}"'] = json.dumps(value, separators=(",", ":"), allow_nan=False)
            return mark
        return value

    text = json.dumps(fold(document), indent=1, ensure_ascii=False, allow_nan=False)
    for mark, row in rows.items():
        text = text.replace(mark, row, 1)
    return text + "\n"


def numbers_of(document: dict[str, Any]) -> dict[Job, Numbers]:
    """Every recorded number, by cell and seed."""
    found: dict[Job, Numbers] = {}
    for name, cell in document["cells"].items():
        for row, seed in enumerate(cell["seed"]):
            found[name, seed] = {
                key: float("nan") if values[row] is None else values[row]
                for key, values in cell["numbers"].items()
            }
    return found


def differences(recorded: Numbers, again: Numbers, only: Sequence[str] = ()) -> list[str]:
    """Names of the numbers that did not come out again. only: the ones that count; none: all."""
    names = sorted(only or set(recorded) | set(again))
    return [name for name in names if not _same(recorded.get(name), again.get(name))]


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    if np.isnan(one) or np.isnan(other):
        return bool(np.isnan(one) and np.isnan(other))
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other), 1e-300)


def _columns(records: Sequence[Numbers]) -> dict[str, list[float]]:
    return {name: [each[name] for each in records] for name in (records[0] if records else {})}


def _short(value: float) -> float | None:
    """Ten digits: inside the tolerance, half the size. NaN, where there was no number, is null."""
    return None if np.isnan(value) else float(f"{value:.10g}")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("numpy", "scipy", "lightgbm", "retention-lab"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[name] = "not installed"
    return found
