"""Small clean experiments, for the tests of the checks."""

import numpy as np

from retention_lab.features import Features, FeatureSchema
from retention_lab.uplift.sample import UpliftSample, observed_propensity


def clean(seed: int, rows: int = 2000, *, equal_chances: bool = False) -> UpliftSample:
    """Numbers with ties and gaps, a category of many levels; an arm's chances depend on x0, or nothing."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=rows), rng.poisson(1, rows), rng.integers(0, 30, rows)])
    x[rng.random(rows) < 0.2, 1] = np.nan
    propensity = np.where(x[:, :1] > 0, [0.3, 0.7], [0.6, 0.4])
    if equal_chances:
        propensity = np.full((rows, 2), 0.5)
    arm = (rng.random(rows) > propensity[:, 0]).astype(int)
    levels = tuple(f"level {i}" for i in range(30))
    features = Features(x, FeatureSchema(("x0", "x1", "c"), (None, None, levels)))
    known = observed_propensity(arm, 2) if equal_chances else propensity
    return UpliftSample(features, arm, rng.normal(size=rows), known)


def with_feature(sample: UpliftSample, j: int, values: np.ndarray) -> UpliftSample:
    """The same rows with another j-th feature."""
    changed = sample.features.values.copy()
    changed[:, j] = values
    features = Features(changed, sample.features.schema)
    return UpliftSample(features, sample.arm, sample.outcome, sample.propensity)
