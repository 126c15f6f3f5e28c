"""Small labs over one randomised CSV, with effects that are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import yaml

from retention_lab.workflows.project import Lab, open_project
from retention_lab.workflows.promote import PromoteReport
from retention_lab.workflows.train_uplift import train_uplift
from retention_lab.workflows.uplift_report import UpliftReport

SETTINGS = "name: test\ncurrency: EUR\ntimezone: UTC\n"
MODEL = {
    "kind": "uplift",
    "table": "mail.csv",
    "id": "customer",
    "treatment": {"column": "arm", "control": "none"},
    "outcomes": {"bought": "binary", "spend": "money"},
    "primary": "bought",
    "learners": ["constant", "t"],
}


def customers(
    rows: int = 4000,
    *,
    seed: int = 1,
    offers: Sequence[str] = ("coupon",),
    effect: float = 0.35,
    first: int = 0,
) -> pa.Table:
    """Customers over 50 buy more often by `effect` under the last offer, the others less often by .1."""
    rng = np.random.default_rng(seed)
    names = np.array(["none", *offers])
    arm = rng.integers(0, len(names), rows)
    age, before = rng.integers(18, 82, rows), rng.gamma(2.0, 50.0, rows)
    gain = np.where(age > 50, effect, -min(0.1, effect)) * (arm == len(offers))
    bought = (rng.random(rows) < 0.3 + gain).astype(np.int64)
    return pa.table(
        {
            "customer": [f"c{first + i:06d}" for i in range(rows)],
            "age": age,
            "before": before.round(2),
            "city": np.array(["Köln", "Bonn", "Ulm"])[rng.integers(0, 3, rows)],
            "arm": names[arm],
            "bought": bought,
            "spend": np.where(bought == 1, rng.gamma(2.0, 30.0, rows), 0.0).round(2),
        }
    )


def flat_lab(folder: Path, table: pa.Table, **changes: object) -> Lab:
    """A lab with the model `mail` over `table`; changes: keys of its definition, None takes one out."""
    (folder / "experiments").mkdir(parents=True, exist_ok=True)
    (folder / "lab.yaml").write_text(SETTINGS)
    define(folder, **changes)
    pa_csv.write_csv(table, folder / "mail.csv")
    return open_project(folder)


def define(folder: Path, **changes: object) -> None:
    """Write the definition of `mail` anew."""
    keys = {key: value for key, value in {**MODEL, **changes}.items() if value is not None}
    (folder / "experiments" / "mail.yaml").write_text(yaml.safe_dump(keys, allow_unicode=True))


def trained(lab: Lab, **arguments: object) -> UpliftReport:
    """`lab train mail`."""
    return train_uplift(lab, "mail", say=lambda _: None, **arguments)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PromotedFlat:
    """A lab over a flat table whose model `mail` is champion."""

    lab: Lab
    training: UpliftReport
    promotion: PromoteReport
