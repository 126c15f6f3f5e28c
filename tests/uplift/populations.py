"""Small populations whose effects are known, for the tests of uplift."""

from dataclasses import dataclass

import numpy as np

from retention_lab.uplift.sample import UpliftSample


@dataclass(frozen=True)
class Population:
    """sample: what a lab would see; effect: (n, K) true effects; mean: (n, K + 1) true means."""

    sample: UpliftSample
    effect: np.ndarray
    mean: np.ndarray


def partly_feasible(rows: int = 4000, seed: int = 1) -> Population:
    """As `population`, but the second offer cannot be given where x3 is above 0."""
    found = population(rows, seed)
    x = found.sample.features.values
    propensity = np.where(x[:, 3:] > 0, [0.6, 0.4, 0.0], [0.5, 0.3, 0.2])
    rng = np.random.default_rng(seed + 1000)
    arm = (rng.random(rows)[:, None] > propensity.cumsum(axis=1)[:, :-1]).sum(axis=1)
    outcome = found.mean[np.arange(rows), arm] + rng.normal(size=rows)
    return Population(UpliftSample(x, arm, outcome, propensity), found.effect, found.mean)


def population(rows: int = 4000, seed: int = 1, *, strength: float = 1.0, binary: bool = False) -> Population:
    """Three arms with chances .5, .3, .2; the offers help where x0 and x1 are high, and harm where low."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    effect = strength * np.column_stack([np.tanh(x[:, 0]), 0.3 + 0.7 * np.tanh(x[:, 1])])
    base = 0.5 * x[:, 2]
    mean = np.column_stack([base, base[:, None] + effect])
    if binary:
        mean = 1 / (1 + np.exp(-mean))
        effect = mean[:, 1:] - mean[:, :1]
    propensity = np.tile([0.5, 0.3, 0.2], (rows, 1))
    arm = rng.choice(3, size=rows, p=propensity[0])
    expected = mean[np.arange(rows), arm]
    outcome = (rng.random(rows) < expected).astype(float) if binary else expected + rng.normal(size=rows)
    return Population(UpliftSample(x, arm, outcome, propensity), effect, mean)
