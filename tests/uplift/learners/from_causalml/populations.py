"""A population with what makes trouble: a category, gaps, and chances that differ between customers."""

import numpy as np

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.sample import UpliftSample


def troubled(
    rows: int = 3000, seed: int = 1, *, binary: bool = False, varying: bool = False, known: bool = True
) -> UpliftSample:
    """Two offers beside control; the second helps level 1 of the category; a tenth of each number is missing.

    varying: customers with a high first number are offered more often, and do better anyway.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    level = rng.integers(0, 3, rows)
    effect = np.column_stack([np.zeros(rows), np.tanh(x[:, 1]), 2.0 * (level == 1)])
    chances = np.tile([0.5, 0.3, 0.2], (rows, 1))
    if varying:
        chances = np.where(x[:, :1] > 0, [0.2, 0.4, 0.4], [0.6, 0.2, 0.2])
    arm = (rng.random(rows)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    mean = x[:, 0] + effect[np.arange(rows), arm]
    outcome = (rng.random(rows) < 1 / (1 + np.exp(-mean))).astype(float) if binary else mean
    values = np.column_stack([np.where(rng.random(x.shape) < 0.1, np.nan, x), level])
    schema = FeatureSchema(("a", "b", "c", "level"), (None, None, None, ("l0", "l1", "l2")))
    return UpliftSample(Features(values, schema), arm, outcome, chances if known else None)
