"""Where no feature tells who responds, does a training say that nothing beats treating everybody alike?

Fixed before any of these seeds was run: experiments of 2,000 customers with four features that move the
outcome, through the functions of `lab train` with its default gate, the candidates stack, constant and t, and
a held-out part of .3; seeds 0 to 999 in each of four cells, every cell shown. `placebo-two-arms`: half and
half, a binary outcome of about a quarter, five folds, as the lab takes of so few rows; `placebo-three-arms`:
shares .5, .3 and .2, the same outcome; `noise-effect`: the offer adds .06 on average, and to each customer an
amount of their own between -.04 and .16 of which no feature knows; `placebo-money`: 90 % zeros, and lognormal
amounts. The last three have two folds, as the lab takes from 50,000 rows, for the sake of time. Sizes were
chosen on seeds from 100,000 on.

A run keeps the promise where its verdict is `none_better`: the best candidate passed neither G1 (better than
every arm for everybody) nor G2 (better than the same spend on random customers, for each offer). Two-sided
intervals of 95 % let each of them pass by chance in 2.5 %, and so one of them in 5 %. The same is asked of
the stack, the candidate that is freest to follow noise, in every run, also where a constant was the best. A
cell passes where both shares are at least .95 less 3.3 binomial standard errors: .927 in 1,000 seeds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.studies import Columns, Numbers
from evidence.training import Experiment, train
from retention_lab.workflows.uplift_training import NONE_BETTER

ROWS = 2_000
CELLS: dict[str, dict[str, Any]] = {
    "placebo-two-arms": {"shares": [0.5, 0.5], "outcome": "binary", "noise_effect": False, "folds": None},
    "placebo-three-arms": {"shares": [0.5, 0.3, 0.2], "outcome": "binary", "noise_effect": False, "folds": 2},
    "noise-effect": {"shares": [0.5, 0.5], "outcome": "binary", "noise_effect": True, "folds": 2},
    "placebo-money": {"shares": [0.5, 0.5], "outcome": "money", "noise_effect": False, "folds": 2},
}
SEEDS = range(1_000)
ABOUT = (
    "evidence.training",
    "retention_lab.workflows.uplift_training",
    "retention_lab.uplift.gate",
    "retention_lab.uplift.policy",
    "retention_lab.uplift.selection",
    "retention_lab.uplift.nuisances",
    "retention_lab.uplift.outcomes",
    "retention_lab.uplift.boosting",
    "retention_lab.uplift.scores",
    "retention_lab.uplift.learners.stack",
    "retention_lab.uplift.learners.contrast",
    "retention_lab.uplift.learners.ridge_r",
    "retention_lab.uplift.learners.r_learner",
    "retention_lab.uplift.learners.scaled_r",
    "retention_lab.uplift.learners.s_learner",
    "retention_lab.uplift.learners.two_part",
    "retention_lab.off_policy",
    "retention_lab.estimate",
    "retention_lab.skewness",
    "retention_lab.ranks",
)
NOMINAL = 0.95


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    found = train(_experiment(cell, seed), cell["folds"], seed)
    return {
        "none_better": float(found.fitted.targeting == NONE_BETTER),
        "constant_best": float(found.fitted.best == "constant"),
        "everyone": float(found.fitted.gate.everyone),
        "budget": float(found.fitted.gate.budget),
        "stack_none_better": float(not found.stack.better_than_constants),
        "stack_everyone": float(found.stack.everyone),
        "stack_budget": float(found.stack.budget),
    }


def summary(columns: Columns) -> dict[str, Any]:
    seeds = len(columns["none_better"])
    shares = {name: float(values.mean()) for name, values in columns.items()}
    least = NOMINAL - 3.3 * float(np.sqrt(NOMINAL * (1 - NOMINAL) / seeds))
    kept = shares["none_better"] >= least and shares["stack_none_better"] >= least
    return {"seeds": seeds, **shares, "nominal": NOMINAL, "least": least, "pass": kept}


def _experiment(cell: Mapping[str, Any], seed: int) -> Experiment:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 4))
    arm = rng.choice(len(cell["shares"]), size=ROWS, p=cell["shares"])
    money = cell["outcome"] == "money"
    appeal = 1 / (1 + np.exp(-x[:, 0] + 0.5 * x[:, 1] - 0.3 * x[:, 3]))
    base = 0.04 + 0.12 * appeal if money else 0.1 + 0.3 * appeal
    added = 0.06 + rng.uniform(-0.1, 0.1, ROWS) if cell["noise_effect"] else 0.0
    event = rng.random(ROWS) < base + added * (arm > 0)
    amount = rng.lognormal(3.0 + 0.3 * x[:, 2], 1.0) if money else 1.0
    outcome = np.asarray(event * amount, dtype=np.float64)
    return Experiment(x, arm, tuple(cell["shares"]), outcome, money)
