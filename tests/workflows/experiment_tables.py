"""Tables of A/B tests with dates, whose effects are known, and labs over them."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import yaml

from retention_lab.abtest.analyze import analyze
from retention_lab.abtest.specification import specification
from retention_lab.abtest.summarise import summarise
from retention_lab.workflows.experiment_page import Analyzed
from retention_lab.workflows.project import Lab, open_project

SPEC: dict[str, Any] = {
    "unit": "user",
    "arm": "arm",
    "control": "today",
    "planned_shares": {"today": 0.5, "coupon": 0.5},
    "exposed_at": "day",
    "window_days": 7,
    "metrics": [
        {"name": "kept", "type": "proportion", "column": "kept", "role": "primary", "covariates": ["before"]},
        {"name": "spend", "type": "mean", "column": "spend", "winsorise": 0.99},
        {"name": "p90 spend", "type": "quantile", "column": "spend", "q": 0.9},
        {
            "name": "complaints",
            "type": "proportion",
            "column": "complained",
            "role": "guardrail",
            "better": "lower",
            "worse_by_at_most": "50%",
        },
        {"name": "profit", "type": "profit", "contribution": "spend", "contact_cost": "contacts"},
    ],
    "analysis": {"segments": ["city", "agent"]},
    "plan": {"n_per_arm": 2500},
}


def table(rows: int = 6000, *, days: int = 20, lift: float = 0.12, seed: int = 1) -> pa.Table:
    """Customers of whom a share of .3, and of `lift` more with the coupon, are kept."""
    rng = np.random.default_rng(seed)
    arm = np.arange(rows) % 2
    before = rng.gamma(2.0, 20.0, rows)
    kept = (rng.random(rows) < 0.3 + lift * arm + (before - 40) / 1000).astype(np.int64)
    first = date(2026, 3, 2)
    return pa.table(
        {
            "user": [f"u{i:06d}" for i in range(rows)],
            "arm": np.array(["today", "coupon"])[arm],
            "day": [(first + timedelta(days=i // 2 % days)).isoformat() for i in range(rows)],
            "before": before.round(2),
            "kept": kept,
            "spend": (kept * rng.gamma(2.0, 20.0, rows)).round(2),
            "contacts": np.full(rows, 0.1),
            "complained": (rng.random(rows) < 0.06).astype(np.int64),
            "city": np.array(["Köln", "Bonn", "Ulm"])[rng.integers(0, 3, rows)],
            "agent": [f"agent-{i}" if i < 6 else "shop" for i in range(rows)],
        }
    )


def analyzed(rows: pa.Table, **more: Any) -> Analyzed:
    """The table's test. more: keys of its specification, in place of `SPEC`'s."""
    spec = specification({**SPEC, **more})
    summary = summarise(rows, spec)
    return Analyzed("coupon-test", spec, summary, analyze(summary, spec), (), own=False, run_id="8d21e0")


def lab_with(folder: Path, rows: pa.Table, *, language: str = "en", **more: Any) -> Lab:
    """A project with the table and the test `coupon-test` over it."""
    (folder / "experiments").mkdir(parents=True)
    settings = f"name: test\ncurrency: EUR\ntimezone: UTC\nlanguage: {language}\n"
    (folder / "lab.yaml").write_text(settings, encoding="utf-8")
    definition = {"kind": "abtest", "table": "units.csv", **SPEC, **more}
    (folder / "experiments" / "coupon-test.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    pa_csv.write_csv(rows, folder / "units.csv")
    return open_project(folder)
