"""Do two campaigns that overlap each measure their own effect?

Fixed before any of these seeds was run: 3,000 customers; two campaigns with a horizon of 30 days, the second
launched 10 days after the first; audiences of .5 or .8 of the customers; seeds 0 to 999 in each cell, every
cell shown. (They were run up to 399 first, and all of them afterwards.)

One seed: each campaign has a random audience of its own; each wants to make one offer to all of it, with a
holdout of .2. Contribution is skewed, and known in part before. Within days of an offer a
customer who got it gives 2.0 more, whatever else was sent. Who was assigned in the first campaign, to
whatever arm, is not eligible for the second: the rule as the project's SQL asks it of the table of
assignments. Beside it the usual frequency cap: who was contacted is not eligible. Each campaign's
incremental contribution is measured over its own 30 days, per customer who drew the offer.

The promise holds where both effects are 2.0 on average to within 3.3 standard errors, and their intervals
cover as often as they say. What the frequency cap measures is shown beside it: its first campaign compares
customers with an offer with a holdout that then got the second campaign's.
"""

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evidence.studies import Columns, Numbers, coverage
from retention_lab.arrays import Bools, Floats
from retention_lab.data.connect import open_tables
from retention_lab.data.eligibility import recently_assigned
from retention_lab.targeting.draw import Draw, draw, roles
from retention_lab.targeting.incremental import CampaignRows, increment

CUSTOMERS, HORIZON_DAYS, DAYS_APART, HOLDOUT, EFFECT = 3_000, 30, 10, 0.2, 2.0
FIRST_LAUNCH = datetime(2026, 3, 1, tzinfo=UTC)
_END = FIRST_LAUNCH + timedelta(days=60)
CELLS = {f"audiences-{share}": {"audience": share} for share in (0.5, 0.8)}
SEEDS = range(1_000)
ABOUT = (
    "retention_lab.data.eligibility",
    "retention_lab.targeting.draw",
    "retention_lab.targeting.incremental",
    "retention_lab.targeting.skewed",
    "retention_lab.hashing",
)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    rng = np.random.default_rng(seed)
    audience = rng.random((2, CUSTOMERS)) < cell["audience"]
    known = rng.gamma(1.0, 10.0, CUSTOMERS)
    outcome = rng.poisson(0.4, (2, CUSTOMERS)) * rng.gamma(2.0, 0.5, (2, CUSTOMERS)) * known
    first = _launch(audience[0], f"first/{seed}")
    kept_apart = ~_recently_assigned(audience[0], first)
    contacted = np.zeros(CUSTOMERS, dtype=np.bool_)
    contacted[np.flatnonzero(audience[0])[first.arm > 0]] = True
    numbers: Numbers = {}
    for name, eligible in (("rule", kept_apart), ("cap", ~contacted)):
        second = _launch(audience[1] & eligible, f"second/{seed}")
        got = np.zeros((2, CUSTOMERS))
        got[0, audience[0]], got[1, audience[1] & eligible] = first.arm, second.arm
        # the first offer's effect falls before the second launch, the second one's into both spans
        spent = outcome + EFFECT * np.stack([got[0] + got[1], got[1]])
        numbers |= _measured(f"{name}_first", first, spent[0][audience[0]], known[audience[0]])
        inside = audience[1] & eligible
        numbers |= _measured(f"{name}_second", second, spent[1][inside], known[inside])
    return numbers


def summary(columns: Columns) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("rule_first", "rule_second", "cap_first", "cap_second"):
        values = columns[name]
        found[name] = {
            "mean_effect": float(values.mean()),
            "standard_error": float(values.std(ddof=1) / np.sqrt(len(values))),
            "coverage": coverage(columns, name),
        }
    promised = [found[name] for name in ("rule_first", "rule_second")]
    unbiased = all(abs(each["mean_effect"] - EFFECT) <= 3.3 * each["standard_error"] for each in promised)
    return {
        "pass": unbiased and all(each["coverage"]["pass"] for each in promised),
        "true_effect": EFFECT,
        **found,
    }


def _launch(audience: Bools, salt: str) -> Draw:
    """The offer to all of the audience, but for the holdout and the least exploration."""
    ids = [f"c{i}" for i in np.flatnonzero(audience)]
    feasible = np.ones((len(ids), 1), dtype=np.bool_)
    return draw(ids, np.ones(len(ids), dtype=np.int64), feasible, roles(feasible, HOLDOUT, 0.0), salt)


def _recently_assigned(audience: Bools, launch: Draw) -> Bools:
    """(n,) whom the project's own rule keeps out of the second launch."""
    who = np.flatnonzero(audience)
    table = pa.table(
        {
            "experiment": ["first"] * len(who),
            "customer_id": [f"c{i}" for i in who],
            "arm": np.where(launch.arm > 0, "coupon", "none"),
            "propensity": launch.propensity[np.arange(len(who)), launch.arm],
            "assigned_at": pa.array([FIRST_LAUNCH] * len(who), pa.timestamp("us", tz="UTC")),
            "role": launch.role.tolist(),
            "intended_arm": ["coupon"] * len(who),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").mkdir()
        pq.write_table(table, Path(folder) / "data" / "assignments.parquet")
        with open_tables("data", Path(folder), only=("assignments",), threads=1, now=_END) as tables:
            found = recently_assigned(tables, FIRST_LAUNCH + timedelta(days=DAYS_APART), HORIZON_DAYS)
    return np.isin([f"c{i}" for i in range(CUSTOMERS)], found.to_pylist())


def _measured(name: str, launch: Draw, contribution: Floats, known: Floats) -> Numbers:
    nothing = np.zeros(len(contribution))
    rows = CampaignRows(
        launch.arm,
        launch.intended,
        launch.role,
        launch.propensity,
        contribution,
        nothing,
        nothing,
        known[:, None],
    )
    treated = launch.arm > 0
    found = increment(rows, contribution, treated).scaled(1 / int(treated.sum()))
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high, f"{name}_truth": EFFECT}
