"""Do the reasons given for a customer's risk name the planted cause of leaving?

Fixed before any of these seeds was run: the simulated retailer with 12,000 customers, once with marks of the
causes (see `leaving_population`) and once as it is; customers who ordered in the last 120 days; the `blend`
of logistic regression and LightGBM, fitted on a random half, label no order in the next 90 days; reasons for
the other half, by the contributions to the log-odds gathered by group; seeds 0 to 29, every cell shown. How
strong the marks are was chosen on seeds from 100,000 on.

A leaver is a customer of the second half who by the truth was fading or gone and did not come back. Five
reasons can be named: product, service, price, competition, or none of these. The marked cell passes where, in
the mean over its seeds, the planted cause is named for at least .6 of the leavers and at least three times as
often as by drawing one of the five; `always_one` says how often naming the most frequent cause to everybody
would have been right. Nothing is claimed of the retailer as it is, whose tables hardly show the cause: it
stands beside it without a bar to pass.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.leaving_population import MARKS, population
from evidence.studies import Columns, Numbers
from retention_lab.churn.reasons import GROUPS, feature_groups, main_reason
from retention_lab.churn.selection import Candidates
from retention_lab.measures import auc_terms
from retention_lab.simulate.customers import REASONS
from retention_lab.split import stratified_folds

CELLS: dict[str, dict[str, Any]] = {"marked": {"marked": True}, "as-it-is": {"marked": False}}
SEEDS = range(30)
ABOUT = (
    "evidence.leaving_population",
    "retention_lab.simulate",
    "retention_lab.churn.reasons",
    "retention_lab.churn.selection",
    "retention_lab.churn.preparation",
    "retention_lab.churn.learners.blend",
    "retention_lab.churn.learners.boosted",
    "retention_lab.churn.learners.logistic",
)
CUSTOMERS = 12_000
AT_LEAST, TIMES = 0.6, 3.0
# what a retailer would say of its own columns: scores speak of service, returns of the product
SAID = {**MARKS, "discount_share": "price", "return_share": "product", "mean_score": "service"}


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    found = population(CUSTOMERS, seed, marked=cell["marked"])
    half = np.random.default_rng([seed, 1]).random(len(found.sample)) < 0.5
    train, test = found.sample.rows(np.flatnonzero(half)), found.sample.rows(np.flatnonzero(~half))
    model = Candidates(train, stratified_folds(train.left, 3, seed), seed).fit("blend").model
    groups = feature_groups(train.features.schema.names, SAID)
    leavers = found.leaver[~half]
    cause = found.cause[~half][leavers]
    named = main_reason(model.contributions(test.features.rows(np.flatnonzero(leavers))), groups)
    right = np.array([name == REASONS[planted] for name, planted in zip(named, cause, strict=True)])
    return {
        "marked": float(cell["marked"]),
        "leavers": float(len(cause)),
        "right": float(right.mean()),
        "none_named": float(np.mean([name is None for name in named])),
        "always_one": float(np.bincount(cause).max() / len(cause)),
        "auc": float(auc_terms(test.left, model.probability(test.features)).mean()),
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
