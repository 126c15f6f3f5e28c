"""Does the 95 % interval of a campaign's measured profit hold the true profit?

Fixed before any of these seeds was run: two sizes of a small retailer (2,000 and 6,000 customers, of whom
those who may be mailed are eligible), two holdouts (.1 and .2), seeds 0 to 999 in each cell, every cell
shown. The method was chosen on seeds from 100,000 on.

One seed: a simulated retailer at its default difficulty, with five past randomised campaigns; a ridge
regression with one slope per offer on six features of past purchases; an allocation of a budget of .2 money
per eligible customer; a draw with the cell's holdout and a tenth exploring, scaled to the budget; thirty days
of what customers do then; the measurement, with the six features as covariates.

Truth: the sum over all assigned customers of the expected profit under the arm drawn, less under none. An
interval passes with a coverage within 3.3 binomial standard errors of .95: from .927 to .973 in 1,000 seeds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.small_retailer import campaign
from evidence.studies import Columns, Numbers, coverage
from retention_lab.errors import LabError
from retention_lab.targeting.incremental import measure

CELLS = {
    f"{customers}-customers-holdout-{holdout}": {"customers": customers, "holdout": holdout}
    for customers in (2_000, 6_000)
    for holdout in (0.1, 0.2)
}
SEEDS = range(1_000)
ABOUT = (
    "evidence.small_retailer",
    "retention_lab.simulate",
    "retention_lab.targeting.value",
    "retention_lab.targeting.allocate",
    "retention_lab.targeting.upgrades",
    "retention_lab.targeting.upgrade_loops",
    "retention_lab.targeting.draw",
    "retention_lab.targeting.incremental",
    "retention_lab.targeting.skewed",
)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    played = campaign(cell["customers"], cell["holdout"], seed)
    numbers = {"eligible": float(len(played.rows.arm)), "profit_truth": played.true_profit}
    try:
        found = measure(played.rows)
    except LabError:  # refused by name: shown as an interval that was not given
        return {**numbers, "profit": np.nan, "profit_low": np.nan, "profit_high": np.nan, "cost": np.nan}
    return {
        **numbers,
        "profit": found.profit.value,
        "profit_low": found.profit.low,
        "profit_high": found.profit.high,
        "cost": found.cost.value,
    }


def summary(columns: Columns) -> dict[str, Any]:
    found = coverage(columns, "profit")
    error = columns["profit"] - columns["profit_truth"]
    given = error[np.isfinite(error)]
    return {
        **found,
        "refused": found["seeds"] - found["intervals"],
        "mean_eligible": float(columns["eligible"].mean()),
        "mean_error": float(given.mean()),
        "standard_error_of_mean_error": float(given.std(ddof=1) / np.sqrt(len(given))),
    }
