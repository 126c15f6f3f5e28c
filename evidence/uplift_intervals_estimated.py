"""Do the 95 % intervals of uplift metrics hold where the lab estimates the propensities?

Fixed before any of these seeds was run: the observational design of `uplift_intervals`, with its binary
outcome, scores that all differ and scores of six levels, and its rare outcome (money, ten times as many rows,
would take an hour): three cells, seeds 0 to 999 in each, every cell shown. Propensities are estimated as
`lab train` does it, cross-fitted on both features, of which one drove the choice; outcome models are the
lab's own, cross-fitted too. Truths, tests and what passes are as in `uplift_intervals`, which asks the same
of known propensities under outcome models that are wrong.
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
    "binary": {"outcome": "binary", "ties": False},
    "binary-ties": {"outcome": "binary", "ties": True},
    "rare": {"outcome": "rare", "ties": False},
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
    rows = draw(outcome, "observational", cell["ties"], seed)
    return intervals(_gamma(rows, seed), rows, _known(outcome, cell["ties"]))


def summary(columns: Columns) -> dict[str, Any]:
    return judged(columns)


def _gamma(rows: Rows, seed: int) -> Floats:
    """(n, 2) scores by estimated propensities and outcomes, in the order of the rows."""
    task = prepare(UpliftSample(rows.features, rows.arm, rows.outcome), seed=seed)
    found, back = task.nuisances, np.argsort(task.rows)
    return doubly_robust(rows.outcome, rows.arm, found.propensity[back], found.mean[back])
