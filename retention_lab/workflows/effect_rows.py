"""Arm means and average effects of the rows of a training: the plain answer before any model."""

from typing import Any

import numpy as np

from retention_lab.estimate import mean_estimate
from retention_lab.uplift.effects import AverageEffect, arm_means, average_effects
from retention_lab.uplift.scores import doubly_robust_scores
from retention_lab.workflows.uplift_rows import UpliftRows
from retention_lab.workflows.uplift_training import SplitRule

_FOLDS = 2


def effect_rows(rows: UpliftRows, rule: SplitRule) -> list[AverageEffect]:
    """The effect of every offer on every outcome.

    As the arms were drawn where that is known. Where propensities have to be estimated, a difference of means
    would be that of two populations: then it is the mean of cross-fitted doubly robust scores.
    """
    if rows.propensity is not None:
        return average_effects(rows.arm, rows.outcomes, rows.arms, rows.propensity, rows.customer)
    found, schema = [], rows.schema()
    for name, values in rows.outcomes.items():
        gamma = doubly_robust_scores(rows.sample(schema, values), rule.folds or _FOLDS, rule.seed)
        for k, arm in enumerate(rows.arms[1:], start=1):
            effect = mean_estimate(gamma[:, k] - gamma[:, 0], rows.customer)
            found.append(AverageEffect(arm, name, effect))
    return found


def arm_rows(rows: UpliftRows) -> list[dict[str, Any]]:
    """The arms as `lab train` shows them: rows, shares, and the mean of every outcome."""
    counts = np.bincount(rows.arm, minlength=len(rows.arms))
    means = {
        name: arm_means(rows.arm, values, len(rows.arms), rows.propensity)
        for name, values in rows.outcomes.items()
    }
    return [
        {
            "arm": name,
            "rows": int(counts[k]),
            "share": float(counts[k] / len(rows)),
            "planned": None if rows.planned is None else float(rows.planned[k]),
            "outcome_mean": {outcome: float(values[k]) for outcome, values in means.items()},
        }
        for k, name in enumerate(rows.arms)
    ]
