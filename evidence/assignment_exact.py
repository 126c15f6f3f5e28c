"""Are customers assigned exactly as logged?

Fixed before any seed was run: launches of 40 and of 2,000 customers, with and without a budget that makes
exploration shrink, seeds 0 to 999 in each cell, every cell shown.

One seed: a launch with offers, feasible sets, costs, values, holdout and exploration of its own; allocation,
scaling, draw. What is recorded: how many customers have propensities that miss a sum of one by more than
1e-12; how many drew an arm to which their propensity gave no chance; whether the launch's expected cost is
above its budget by more than a billionth; and, for each arm, how often it was drawn beyond its expectation,
over all roles and among those who explored, with the variance of that excess.

The promise holds where none of the first three happened once, and the total excess of every arm over all
launches is a draw from a normal with the total variance: the smallest p-value is at least .001 over their
number.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from evidence.studies import Columns, Numbers
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.draw import EXPLORATION, draw, scale_exploration

OFFERS = 4
CELLS = {
    f"{customers}-customers-{'budget' if budget else 'no-budget'}": {"customers": customers, "budget": budget}
    for customers in (40, 2_000)
    for budget in (True, False)
}
SEEDS = range(1_000)
ABOUT = (
    "retention_lab.targeting.allocate",
    "retention_lab.targeting.upgrades",
    "retention_lab.targeting.upgrade_loops",
    "retention_lab.targeting.draw",
    "retention_lab.hashing",
)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    rng = np.random.default_rng(seed)
    n = cell["customers"]
    feasible = rng.uniform(size=(n, OFFERS)) < rng.uniform(0.3, 1)
    cost = rng.uniform(0.1, 2, (n, OFFERS))
    value = np.where(feasible, rng.normal(0.2, 1, (n, OFFERS)), -np.inf)
    budget = rng.uniform(0.02, 0.4) * n if cell["budget"] else None
    choice = allocate(value, cost, budget).arm
    shares = (rng.uniform(0.02, 0.4), rng.uniform(0.0, 0.4))
    scaled = scale_exploration(choice, feasible, cost, shares, budget)
    drawn = draw([f"{seed}-{i}" for i in range(n)], choice, feasible, scaled.roles, f"launch-{seed}")
    p = drawn.propensity
    spent = float((p[:, 1:] * np.where(feasible, cost, 0.0)).sum())
    numbers = {
        "sums_off": float((np.abs(p.sum(axis=1) - 1) > 1e-12).sum()),
        "impossible": float((p[np.arange(n), drawn.arm] <= 0).sum()),
        "over_budget": float(budget is not None and spent > budget * (1 + 1e-9)),
        "scaled": float(scaled.scaled),
    }
    explored = drawn.role == EXPLORATION
    allowed = np.column_stack([np.ones(n, dtype=np.bool_), feasible])[explored]
    given = allowed / allowed.sum(axis=1, keepdims=True)
    return {**numbers, **_excess("all", drawn.arm, p), **_excess("explored", drawn.arm[explored], given)}


def summary(columns: Columns) -> dict[str, Any]:
    p_values = {
        f"{part}_{arm}": float(
            2
            * stats.norm.sf(
                abs(columns[f"{part}_{arm}_excess"].sum()) / np.sqrt(columns[f"{part}_{arm}_variance"].sum())
            )
        )
        for part in ("all", "explored")
        for arm in range(OFFERS + 1)
    }
    wrong = {name: float(columns[name].sum()) for name in ("sums_off", "impossible", "over_budget")}
    least = min(p_values.values())
    return {
        "launches": len(columns["scaled"]),
        "pass": bool(not any(wrong.values()) and least >= 0.001 / len(p_values)),
        **wrong,
        "share_scaled": float(columns["scaled"].mean()),
        "smallest_p_value": least,
        "p_values": p_values,
    }


def _excess(part: str, arm: np.ndarray, p: np.ndarray) -> Numbers:
    hit = np.eye(OFFERS + 1)[arm]
    return {
        **{f"{part}_{k}_excess": float((hit - p)[:, k].sum()) for k in range(OFFERS + 1)},
        **{f"{part}_{k}_variance": float((p * (1 - p))[:, k].sum()) for k in range(OFFERS + 1)},
    }
