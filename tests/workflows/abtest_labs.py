"""Small labs with an A/B test over one generated table, whose effects are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import yaml

from retention_lab.workflows.project import Lab, open_project

SETTINGS = "name: test\ncurrency: EUR\ntimezone: UTC\n"
TEST: dict[str, Any] = {
    "kind": "abtest",
    "table": "players.csv",
    "unit": "player",
    "arm": "gate",
    "control": "30",
    "planned_shares": {"30": 0.5, "40": 0.5},
    "metrics": [
        {"name": "kept", "type": "proportion", "column": "kept", "role": "primary"},
        {"name": "spend", "type": "mean", "column": "spend", "covariates": ["spend_before"]},
    ],
    "analysis": {"sequential": "fixed"},
}


def players(rows: int = 4_000, *, seed: int = 1, effect: float = 0.0, days: int = 28) -> pa.Table:
    """Players who enter evenly over so many days; the later gate keeps `effect` more of them."""
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(rows) % 2)
    before = rng.gamma(2.0, 5.0, rows)
    start = np.datetime64("2025-03-01")
    return pa.table(
        {
            "player": np.arange(rows) + 1_000,
            "gate": np.where(arm == 1, 40, 30),
            "entered": start + np.sort(rng.integers(0, days, rows)).astype("timedelta64[D]"),
            "country": np.array(["DE", "FR", "PL"])[rng.integers(0, 3, rows)],
            "spend_before": before.round(2),
            "kept": (rng.random(rows) < 0.3 + effect * arm).astype(int),
            "spend": (before + rng.gamma(2.0, 5.0, rows)).round(2),
        }
    )


def abtest_lab(folder: Path, rows: pa.Table | None = None, settings: str = "", **changes: Any) -> Lab:
    """A lab with the test `gate` over these rows; changes: keys of its definition, None takes one out."""
    (folder / "experiments").mkdir(parents=True, exist_ok=True)
    (folder / "lab.yaml").write_text(SETTINGS + settings)
    define(folder, "gate", **changes)
    pa_csv.write_csv(players() if rows is None else rows, folder / "players.csv")
    return open_project(folder)


def define(folder: Path, name: str, **changes: Any) -> None:
    """Write a definition anew."""
    keys = {key: value for key, value in {**TEST, **changes}.items() if value is not None}
    (folder / "experiments" / f"{name}.yaml").write_text(yaml.safe_dump(keys, sort_keys=False))
