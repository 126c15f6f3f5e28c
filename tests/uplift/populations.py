"""Small populations whose effects are known, for the tests of uplift."""

from dataclasses import dataclass, replace

import numpy as np

from retention_lab.uplift.nuisances import Nuisances, Task, prepare
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


def on_log_odds(rows: int, seed: int = 1) -> Population:
    """One offer, for half of all customers, that adds the same to the log-odds of each: most are far from
    buying, and gain little."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    odds = -2.5 + 1.5 * np.cos(2 * x[:, 0]) + 0.8 * np.abs(x[:, 1])
    return _half_treated(x, 1 / (1 + np.exp(-np.column_stack([odds, odds + 0.8]))), rng, binary=True)


def straight_line(rows: int, seed: int = 1) -> Population:
    """One offer, half of all customers; the effect is a straight line in two features, the noise is loud."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    base = np.sin(x[:, 2])
    return _half_treated(x, np.column_stack([base, base + 0.2 + 0.3 * x[:, 0] - 0.2 * x[:, 1]]), rng)


def buyers(rows: int, seed: int = 1, *, more_spent: float = 0.0) -> Population:
    """Money: nine of ten buy nothing; the offer makes more of them buy where x0 is high, and buyers spend
    `more_spent` more (share of what they would have spent)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    chance = 1 / (1 + np.exp(-(-2.6 + 0.5 * x[:, 1:2] + np.array([0.0, 1.0]) * np.tanh(x[:, :1]))))
    amount = 20 * np.exp(0.4 * x[:, 2:3]) * np.array([1.0, 1.0 + more_spent])
    mean = chance * amount
    arm = rng.integers(0, 2, rows)
    took = np.arange(rows), arm
    outcome = np.where(rng.random(rows) < chance[took], amount[took] * rng.lognormal(-0.125, 0.5, rows), 0.0)
    sample = UpliftSample(x, arm, outcome, np.full((rows, 2), 0.5))
    return Population(sample, mean[:, 1:] - mean[:, :1], mean)


def confounded(rows: int, seed: int = 1, *, known: bool = False) -> Population:
    """One offer, given more often to those who would have done well without it; effect tanh of x1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    base = x[:, 0]
    mean = np.column_stack([base, base + np.tanh(x[:, 1])])
    chance = 1 / (1 + np.exp(-np.clip(x[:, 0], -2, 2)))
    arm = (rng.random(rows) < chance).astype(int)
    outcome = mean[np.arange(rows), arm] + rng.normal(size=rows)
    propensity = np.column_stack([1 - chance, chance]) if known else None
    return Population(UpliftSample(x, arm, outcome, propensity), mean[:, 1:] - mean[:, :1], mean)


def knowing(found: Population, mean: np.ndarray | None = None, propensity: np.ndarray | None = None) -> Task:
    """All rows as a task whose outcome means are the true ones, or `mean`, and propensities the true ones, or
    `propensity`: learners can then be asked apart from what they rest on. Rows are in the task's order."""
    prepared = prepare(found.sample)
    known = prepared.sample.propensity if propensity is None else propensity[prepared.rows]
    means = (found.mean if mean is None else mean)[prepared.rows]
    return replace(prepared.whole, nuisances=Nuisances(means, known, estimated=False))


def _half_treated(
    x: np.ndarray, mean: np.ndarray, rng: np.random.Generator, binary: bool = False
) -> Population:
    rows = len(x)
    arm = rng.integers(0, 2, rows)
    expected = mean[np.arange(rows), arm]
    outcome = (rng.random(rows) < expected).astype(float) if binary else expected + rng.normal(size=rows)
    return Population(UpliftSample(x, arm, outcome, np.full((rows, 2), 0.5)), mean[:, 1:] - mean[:, :1], mean)
