"""Do the 95 % intervals of uplift metrics hold where the lab estimates the propensities?

Fixed before any of these seeds was run: the observational design of `uplift_intervals`, with its three
outcomes and scores that all differ. Propensities are estimated as `lab train` does it, cross-fitted on both
features, of which one drove the choice. Outcome models are the lab's own, cross-fitted too (`own`), or those
that are wrong on purpose (`wrong`), in which case all rests on the estimated propensities: six cells, seeds 0
to 999 in each, every cell shown. Truths, tests and what passes are as in `uplift_intervals`.

Such intervals do not count what estimating the propensities adds, which is small where either model is good
(the estimate is doubly robust), and first-order where the outcome models are wrong.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from evidence.ranked_population import OUTCOMES, Rows, draw, truth
from evidence.ranking_intervals import intervals, judged
from evidence.studies import Columns, Numbers
from retention_lab.arrays import Floats
from retention_lab.off_policy import doubly_robust
from retention_lab.uplift.nuisances import prepare
from retention_lab.uplift.sample import UpliftSample

CELLS = {
    f"{models}-{outcome}": {"models": models, "outcome": outcome}
    for models in ("own", "wrong")
    for outcome in OUTCOMES
}
SEEDS = range(1_000)
ABOUT = (
    "evidence.ranked_population",
    "evidence.ranking_intervals",
    "retention_lab.estimate",
    "retention_lab.skewness",
    "retention_lab.ranks",
    "retention_lab.off_policy",
    "retention_lab.uplift.ranking",
    "retention_lab.uplift.policy",
    "retention_lab.uplift.groups",
    "retention_lab.uplift.nuisances",
    "retention_lab.uplift.outcomes",
    "retention_lab.uplift.propensities",
    "retention_lab.uplift.boosting",
)
_known = lru_cache(truth)


def run(cell: Mapping[str, Any], seed: int) -> Numbers:
    outcome = OUTCOMES[cell["outcome"]]
    rows = draw(outcome, "observational", False, seed)
    return intervals(_gamma(rows, cell["models"], seed), rows, _known(outcome, False))


def summary(columns: Columns) -> dict[str, Any]:
    return judged(columns)


def _gamma(rows: Rows, models: str, seed: int) -> Floats:
    """(n, 2) scores by estimated propensities, in the order of the rows."""
    task = prepare(UpliftSample(rows.features, rows.arm, rows.outcome), seed=seed)
    found, back = task.nuisances, np.argsort(task.rows)
    mean = found.mean[back] if models == "own" else rows.mean
    return doubly_robust(rows.outcome, rows.arm, found.propensity[back], mean)
