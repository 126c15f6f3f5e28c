"""Customers in planted groups, for the tests of segments."""

import numpy as np

from retention_lab.arrays import Ints
from retention_lab.features import Features, FeatureSchema

NAMES = ("recency_days", "orders", "spend", "region")
LEVELS = ("north", "south")
_MIDDLES = np.array([[10.0, 12, 900], [200, 1, 40], [60, 5, 250], [15, 1, 30]])


def shoppers(rows: int, seed: int) -> tuple[Features, Ints]:
    """Four groups far apart in three numbers, a region at random, and which group each row is of."""
    rng = np.random.default_rng(seed)
    group = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    numbers = _MIDDLES[group] * (1 + 0.08 * rng.standard_normal((rows, 3)))
    region = rng.integers(0, 2, (rows, 1)).astype(float)
    schema = FeatureSchema(NAMES, (None, None, None, LEVELS))
    return Features(np.concatenate([numbers, region], axis=1), schema), np.asarray(group, dtype=np.int64)


def numbers_only(features: Features) -> Features:
    """The same customers without the region."""
    return Features(features.values[:, :3], FeatureSchema(NAMES[:3], (None,) * 3))
