"""Small populations whose risk of leaving is known, for the tests of churn."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from retention_lab.churn.sample import ChurnSample
from retention_lab.features import Features, FeatureSchema


@dataclass(frozen=True)
class Population:
    """sample: what a lab would see; risk: (n,) the true probability of leaving."""

    sample: ChurnSample
    risk: np.ndarray


def population(rows: int = 1500, seed: int = 1, *, missing: float = 0.05) -> Population:
    """Two numbers, one of them with gaps and curved in its effect, a category of four, a useless number."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    plan = rng.integers(0, 4, rows).astype(float)
    odds = -1.0 + 0.8 * x[:, 0] + 1.2 * np.abs(x[:, 1]) - 0.9 * (plan == 2)
    risk = expit(odds)
    left = (rng.random(rows) < risk).astype(float)
    seen = x.copy()
    seen[rng.random(rows) < missing, 0] = np.nan
    values = np.column_stack([seen[:, 0], seen[:, 1], plan, seen[:, 2]])
    schema = FeatureSchema(("spend", "swing", "plan", "noise"), (None, None, ("a", "b", "c", "d"), None))
    return Population(ChurnSample(Features(values, schema), left), risk)
