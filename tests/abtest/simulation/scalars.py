"""Replications as arrays, and the same ones one at a time."""

import numpy as np

from retention_lab.abtest.arm import ArmValue
from retention_lab.abtest.simulation.sums import Layout, ManySums
from retention_lab.abtest.simulation.values import ArmValues
from retention_lab.arrays import Floats

REPLICATIONS = 6


def spend(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """A third buy, for lognormal amounts."""
    return np.where(rng.random(shape) < 0.3, rng.lognormal(0.0, 1.0, shape), 0.0)


def numbers(seed: int, units: int = 60) -> Floats:
    """(replications, units, 4): spend, orders, and what was known of both before."""
    rng = np.random.default_rng(seed)
    before = spend(rng, (REPLICATIONS, units))
    orders = 1.0 + rng.poisson(2.0, before.shape)
    rows = [before + spend(rng, before.shape), orders, before, orders + rng.poisson(1.0, before.shape)]
    return np.stack(rows, axis=-1)


def added_up(rows: Floats, layout: Layout, centre: Floats) -> ManySums:
    """Sums of (replications, units, p) numbers."""
    columns = np.stack([layout.columns(one, centre) for one in rows])
    return layout.sums(columns.sum(axis=1), centre)


def one_of(arm: ArmValues, place: int) -> ArmValue:
    """A replication of an arm's value."""
    third = None if arm.third is None else float(arm.third[place])
    fourth = None if arm.fourth is None else float(arm.fourth[place])
    n = round(float(arm.n[place]))
    return ArmValue(float(arm.value[place]), float(arm.variance[place]), n, third, fourth)
