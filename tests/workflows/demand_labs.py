"""Small projects that forecast a log of their own."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import yaml

from retention_lab.workflows.project import Lab, open_project

START = date(2023, 1, 2)
DEFINITION = {
    "kind": "demand",
    "table": "log.csv",
    "series": "shop",
    "time": "week",
    "value": "sold",
    "season": 13,
    "horizon": 4,
    "models": ["naive", "seasonal_naive", "smoothing", "holt_winters", "lightgbm"],
}


def log_table(*, series: int = 6, length: int = 104, season: float = 30.0, noise: float = 10.0) -> pa.Table:
    """Weekly sales about 100 with a season of 13 weeks."""
    rng = np.random.default_rng(7)
    t = np.arange(length)
    shape = season * np.sin(2 * np.pi * t / 13 + np.arange(series)[:, None])
    values = 100 + shape + noise * rng.normal(size=(series, length))
    return pa.table({
        "shop": [f"shop-{k}" for k in range(series) for _ in range(length)],
        "week": [START + timedelta(weeks=int(week)) for _ in range(series) for week in t],
        "sold": values.reshape(-1),
    })  # fmt: skip


def lab_with(folder: Path, log: pa.Table, **changes: object) -> Lab:
    (folder / "experiments").mkdir(parents=True)
    (folder / "lab.yaml").write_text("name: test\ncurrency: EUR\n", encoding="utf-8")
    definition = {**DEFINITION, **changes}
    (folder / "experiments" / "sales.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    pa_csv.write_csv(log, folder / "log.csv")
    return open_project(folder)
