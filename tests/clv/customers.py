"""Customers drawn as the models say they live, with what they do after the end of the observation."""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.clv.rows import PurchaseRows, purchase_rows


@dataclass(frozen=True)
class Drawn:
    """rows: as observed; later: (n,) purchases in the t after; alive: (n,) whether there at the end."""

    rows: PurchaseRows
    later: Floats
    alive: Bools


def geometric_customers(n: int, seed: int, t: float = 39.0, first: int = 0) -> Drawn:
    """BG/NBD (first 0) or MBG/NBD (1) customers of .25, 4.4, .8, 2.5, observed for 27 to 78 weeks."""
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(0.6, 1 / 6.0, n), rng.beta(0.8, 2.5, n)
    age = rng.uniform(27, 78, n)
    stays = rng.geometric(leaves) - first  # repeat purchases, the last of which is the last of all
    x, last, later = np.zeros(n), np.zeros(n), np.zeros(n)
    alive = stays > 0
    for i in range(n):
        times = np.cumsum(rng.exponential(1 / rate[i], min(stays[i], 400)))
        x[i] = (times <= age[i]).sum()
        later[i] = ((times > age[i]) & (times <= age[i] + t)).sum()
        last[i] = times[int(x[i]) - 1] if x[i] else 0.0
        alive[i] = x[i] < stays[i]
    return Drawn(purchase_rows(x, last, age), later, alive)


def pareto_customers(n: int, seed: int, t: float = 39.0) -> Drawn:
    """Pareto/NBD customers of .55, 10.5, .6, 11.7, observed for 27 to 78 weeks."""
    rng = np.random.default_rng(seed)
    rate, leaving = rng.gamma(0.55, 1 / 10.5, n), rng.gamma(0.6, 1 / 11.7, n)
    age, life = rng.uniform(27, 78, n), rng.exponential(1 / np.maximum(leaving, 1e-12))
    seen = np.minimum(life, age)
    x = rng.poisson(rate * seen).astype(float)
    last = np.where(x > 0, seen * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    later = rng.poisson(rate * np.clip(life - age, 0, t)).astype(float)
    return Drawn(purchase_rows(x, last, age), later, life > age)
