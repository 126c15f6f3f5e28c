"""Do the reasons given for a customer's risk name the planted cause of leaving?

Fixed before any of these seeds was run: the simulated retailer with 12,000 customers and its tables as they
are; the `blend` of logistic regression and LightGBM, trained as `lab train` trains it over six monthly looks,
label no order in 90 days, on a random half of the customers; reasons for leavers of the other half as they
stand at the retailer's instant, by the contributions to the log-odds gathered by group; seeds 0 to 19. Once
with the columns that a churn model learns from by default, and once without the marks of leaving (defect
reports, service calls, price comparisons, visits to rivals), every cell shown. How many marks a leaver makes
was chosen on seeds from 100,000 on.

A leaver is a customer who ordered in the 90 days before, by the truth is fading or gone, and does not order
in the 90 days that follow. Five reasons can be named: product, service, price, competition, or none of these.
The cell with marks passes where, in the mean over its seeds, the planted cause is named for at least .6 of
the leavers and at least three times as often as by drawing one of the five; `always_one` says how often
naming the most frequent cause to everybody would have been right. Nothing is claimed without the marks, where
the tables hardly show the cause: that cell stands beside the other without a bar to pass.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.leaving_population import leaving, trained
from evidence.studies import Columns, Numbers
from retention_lab.churn.learners.protocol import contributions
from retention_lab.churn.reasons import GROUPS, main_reason
from retention_lab.simulate import retailer
from retention_lab.simulate.customers import REASONS

CELLS: dict[str, dict[str, Any]] = {"as-it-is": {"marked": True}, "without-marks": {"marked": False}}
SEEDS = range(20)
ABOUT = (
    "evidence.leaving_population",
    "retention_lab.simulate",
    "retention_lab.data.snapshot_columns",
    "retention_lab.churn.reasons",
    "retention_lab.churn.selection",
    "retention_lab.churn.preparation",
    "retention_lab.churn.learners.blend",
    "retention_lab.churn.learners.boosted",
    "retention_lab.churn.learners.logistic",
    "retention_lab.workflows.churn_looks",
    "retention_lab.workflows.churn_training",
)
CUSTOMERS = 12_000
AT_LEAST, TIMES = 0.6, 3.0


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    fitted, found = trained(retailer(CUSTOMERS, seed), leaving(marked=cell["marked"]))
    scorer = fitted.scorer
    named = main_reason(contributions(scorer.model, scorer.features(found.rows)), scorer.groups)
    right = np.array([name == REASONS[planted] for name, planted in zip(named, found.cause, strict=True)])
    return {
        "marked": float(cell["marked"]),
        "leavers": float(len(found.cause)),
        "right": float(right.mean()),
        "none_named": float(np.mean([name is None for name in named])),
        "always_one": float(np.bincount(found.cause).max() / len(found.cause)),
        "auc": fitted.winner.evidence.estimates["auc"].value,
    }


def summary(columns: Columns) -> dict[str, Any]:
    means = {name: float(values.mean()) for name, values in columns.items()}
    chance = 1 / (len(GROUPS) + 1)
    return {
        "seeds": len(columns["right"]),
        **means,
        "standard_error": float(columns["right"].std(ddof=1) / np.sqrt(len(columns["right"]))),
        "chance": chance,
        "times_chance": means["right"] / chance,
        "pass": not means["marked"] or means["right"] >= max(AT_LEAST, TIMES * chance),
    }
