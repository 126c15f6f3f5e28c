"""Does the budget curve's band hold the whole true curve, and the recommended budget's interval its truth?

Fixed before any of these seeds was run: 1,000 and 5,000 held-out rows; seeds 0 to 999 in each cell, every
cell shown.

One seed: rows of an experiment that drew none and two offers with chances of .4, .3 and .3; spend that a
tenth of the customers have and that varies much between those; effects of the offers that a model knows with
an error; doubly robust scores of profit on a rough model of spend; ten budgets. Truth: what the same rule
earns at the same money a head among 400,000 further customers, by their true effects. `band` is true where
all ten true profits lie in the band. `chosen` is the interval of the budget that the first half of the rows
recommend, valued on the second.

The promise holds where the band covers, and the intervals of single budgets and of the recommended one
cover, within 3.3 binomial standard errors of .95, or more often: budgets share the rows that they are spent
on, which makes the true errors smaller than the rows' spread says.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from evidence.studies import Columns, Numbers, coverage
from retention_lab.arrays import Floats
from retention_lab.off_policy import doubly_robust
from retention_lab.targeting.budget_curve import HeldOutRows, curve_band, recommended_budget

CHANCES = np.array([0.4, 0.3, 0.3])
A_HEAD = np.linspace(0.03, 0.3, 10)  # budgets, money per customer
POPULATION = 400_000
CELLS = {f"{rows}-rows": {"rows": rows} for rows in (1_000, 5_000)}
SEEDS = range(1_000)
ABOUT = (
    "retention_lab.off_policy",
    "retention_lab.estimate",
    "retention_lab.skewness",
    "retention_lab.targeting.upgrades",
    "retention_lab.targeting.upgrade_loops",
    "retention_lab.targeting.budget_curve",
)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    n = cell["rows"]
    rng = np.random.default_rng(seed)
    value, cost, net, rate = _customers(n, rng)
    arm = (rng.random(n)[:, None] > np.cumsum(CHANCES)).sum(axis=1)
    at = np.arange(n)
    true = np.column_stack([np.zeros(n), net])
    spend = rng.binomial(1, 0.1, n) * rng.gamma(1.0, 1.0, n) * 10 * rate
    mean = np.tile(spend.mean(), (n, 3))
    scores = doubly_robust(spend + true[at, arm], arm, np.tile(CHANCES, (n, 1)), mean)
    rows = HeldOutRows(value, cost, scores)
    found = curve_band(rows, A_HEAD * n, n)
    truth = _truth()
    held = (found.low / n <= truth) & (truth <= found.high / n)
    chosen = recommended_budget(rows, at < n // 2, A_HEAD * n, n)
    middle = found.profit[len(A_HEAD) // 2]
    return {
        "width": found.width,
        "band_low": 0.0,
        "band_high": float(held.all()),
        "band_truth": 1.0,
        "middle_low": middle.low / n,
        "middle_high": middle.high / n,
        "middle_truth": float(truth[len(A_HEAD) // 2]),
        "chosen_low": chosen.profit.low / n,
        "chosen_high": chosen.profit.high / n,
        "chosen_truth": float(truth[np.argmin(np.abs(A_HEAD * n - chosen.budget))]),
        "same_rows": found.profit[found.best].value / n - float(truth[found.best]),
        "other_rows": chosen.profit.value / n - float(truth[np.argmin(np.abs(A_HEAD * n - chosen.budget))]),
    }


def summary(columns: Columns) -> dict[str, Any]:
    found = {name: coverage(columns, name) for name in ("band", "middle", "chosen")}
    error = {name: columns[name] for name in ("same_rows", "other_rows")}
    return {
        "pass": all(each["coverage"] >= each["band"][0] for each in found.values()),
        "simultaneous_coverage": found["band"]["coverage"],
        "mean_width": float(columns["width"].mean()),
        "middle": found["middle"],
        "chosen": found["chosen"],
        "mean_error": {name: float(values.mean()) for name, values in error.items()},
        "standard_error": {
            name: float(values.std(ddof=1) / np.sqrt(len(values))) for name, values in error.items()
        },
    }


def _customers(n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """(n, 2) the model's values, costs, true net effects; (n,) how much customers spend."""
    rate = rng.gamma(2.0, 0.5, n)
    cost = rng.uniform(0.1, 0.5, (n, 2)) * np.array([1.0, 2.0])
    effect = rate[:, None] * rng.normal([0.3, 0.5], 0.6, (n, 2))
    net = effect - cost
    return net + rng.normal(0, 0.5, (n, 2)), cost, net, rate


@cache
def _truth() -> Floats:
    """(b,) true profit a head of the rule at each budget a head."""
    value, cost, net, _ = _customers(POPULATION, np.random.default_rng(2**31))
    rows = HeldOutRows(value, cost, np.column_stack([np.zeros(POPULATION), net]))
    found = curve_band(rows, A_HEAD * POPULATION, POPULATION)
    return np.array([each.value / POPULATION for each in found.profit])
