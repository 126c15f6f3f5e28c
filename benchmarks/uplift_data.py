"""Populations with known effects, for measuring uplift learners beside each other.

The shape of the effects, and with it how hard (a) and (b) are, was set once, by how well the best of the
other packages does on (b), before the stack of this package was run on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from retention_lab.arrays import Floats, Ints

FEATURES = 12
ROUGHNESS = 0.01  # share of the effect that is interactions and thresholds: the knob of difficulty


@dataclass(frozen=True, slots=True)
class Population:
    """features: (n, 12); arm: (n,); outcome: (n,); propensity: (n, K + 1); effect: (n, K), the truth.

    cost: (K + 1,) per customer; logged: whether the propensities are known to who learns.
    """

    features: Floats
    arm: Ints
    outcome: Floats
    propensity: Floats
    effect: Floats
    cost: tuple[float, ...] = (0.0, 0.0)
    logged: bool = True


def even_arms(rows: int = 64_000, seed: int = 0) -> Population:
    """(a) 50/50, 8.5 % -> 15 %, effects of `unequal_arms`."""
    return _binary(rows, seed, 0.085, 0.15, 0.5)


def unequal_arms(rows: int = 1_000_000, seed: int = 0) -> Population:
    """(b) 85 % treated, 4.1 % -> 5.4 %, a fifth of the effects negative."""
    return _binary(rows, seed, 0.041, 0.054, 0.85)


def rare_outcome(rows: int = 300_000, seed: int = 0) -> Population:
    """(c) 50/50, .15 % -> .2 %."""
    return _binary(rows, seed, 0.0015, 0.0020, 0.5)


def money(rows: int = 100_000, seed: int = 0) -> Population:
    """(d) 50/50, spend with about 91 % zeros: whether a customer buys, times a skewed amount."""
    rng = np.random.default_rng(seed)
    x = _features(rng, rows)
    without, with_it = _rates(x, 0.075, 0.105)
    amount = np.exp(3.0 + 0.3 * x[:, 1] + 0.2 * np.log(x[:, 8]))
    spread = 0.8  # of the logarithm of an order
    mean = amount * np.exp(spread**2 / 2)
    arm = (rng.random(rows) < 0.5).astype(np.int64)
    buys = rng.random(rows) < np.where(arm == 1, with_it, without)
    spend = buys * amount * np.exp(spread * rng.normal(size=rows))
    return Population(x, arm, spend, _constant(rows, 0.5), ((with_it - without) * mean)[:, None])


def three_arms(rows: int = 100_000, seed: int = 0) -> Population:
    """(e) control and two offers with other effects and costs, a third each; the outcome is worth 10."""
    rng = np.random.default_rng(seed)
    x = _features(rng, rows)
    without, first = _rates(x, 0.085, 0.12)
    second = expit(np.log(without / (1 - without)) + 0.5 + 0.5 * np.tanh(x[:, 6]) - 0.4 * x[:, 4])
    chance = np.column_stack([without, first, second])
    arm = rng.integers(0, 3, rows)
    outcome = (rng.random(rows) < chance[np.arange(rows), arm]).astype(np.float64)
    effect = chance[:, 1:] - without[:, None]
    return Population(x, arm, outcome, np.full((rows, 3), 1 / 3), effect, (0.0, 0.2, 0.5))


def observational(rows: int = 100_000, seed: int = 0) -> Population:
    """(f) who got the offer was chosen by what drives the outcome, too; chances of .05 to .95, not logged."""
    rng = np.random.default_rng(seed)
    x = _features(rng, rows)
    without, with_it = _rates(x, 0.085, 0.15)
    chance = np.clip(expit(0.8 * x[:, 0] - 0.5 * x[:, 2] + 0.3 * (x[:, 11] - 0.4)), 0.05, 0.95)
    arm = (rng.random(rows) < chance).astype(np.int64)
    outcome = (rng.random(rows) < np.where(arm == 1, with_it, without)).astype(np.float64)
    effect = (with_it - without)[:, None]
    return Population(x, arm, outcome, np.column_stack([1 - chance, chance]), effect, logged=False)


POPULATIONS: dict[str, Callable[..., Population]] = {
    "a": even_arms,
    "b": unequal_arms,
    "c": rare_outcome,
    "d": money,
    "e": three_arms,
    "f": observational,
}


def _binary(rows: int, seed: int, control: float, treated: float, share: float) -> Population:
    rng = np.random.default_rng(seed)
    x = _features(rng, rows)
    without, with_it = _rates(x, control, treated)
    arm = (rng.random(rows) < share).astype(np.int64)
    outcome = (rng.random(rows) < np.where(arm == 1, with_it, without)).astype(np.float64)
    return Population(x, arm, outcome, _constant(rows, share), (with_it - without)[:, None])


def _constant(rows: int, share: float) -> Floats:
    return np.tile([1 - share, share], (rows, 1))


def _rates(x: Floats, control: float, treated: float) -> tuple[Floats, Floats]:
    """(n,) rates without and with the offer, whose means over the population are those asked for."""
    level, size, neutral = _calibrated(control, treated)
    base = level + _base(x)
    return expit(base), expit(base + size * (_response(x, ROUGHNESS) - neutral))


@cache
def _calibrated(control: float, treated: float, negative: float = 0.2) -> tuple[float, float, float]:
    """Level of the log-odds, size of the response, and the response at which an effect is 0."""
    x = _features(np.random.default_rng(123456), 500_000)
    base, response = _base(x), _response(x, ROUGHNESS)
    neutral = float(np.quantile(response, negative))
    level = brentq(lambda c: expit(c + base).mean() - control, -12, 5)
    size = brentq(lambda s: expit(level + base + s * (response - neutral)).mean() - treated, 1e-3, 5)
    return float(level), float(size), neutral


def _features(rng: np.random.Generator, rows: int) -> Floats:
    """Eight normal columns, two skewed as money is, a count, and a yes or no."""
    x = np.empty((rows, FEATURES))
    x[:, :8] = rng.normal(size=(rows, 8))
    x[:, 5] = 0.6 * x[:, 0] + 0.8 * x[:, 5]  # correlated with one that matters
    x[:, 8:10] = np.exp(0.8 * rng.normal(size=(rows, 2)))
    x[:, 10] = rng.poisson(2.0, rows)
    x[:, 11] = rng.random(rows) < 0.4
    return x


def _base(x: Floats) -> Floats:
    """(n,) what customers do anyway, on the log-odds scale, centred about."""
    return np.asarray(
        0.5 * x[:, 0] - 0.4 * x[:, 1] + 0.35 * np.log(x[:, 8]) + 0.15 * (x[:, 10] - 2) + 0.3 * x[:, 11]
        + 0.3 * x[:, 2] * x[:, 3]
    )  # fmt: skip


def _response(x: Floats, roughness: float) -> Floats:
    """(n,) how strongly customers respond, mean about 0 and spread about 1."""
    smooth = (0.55 * np.tanh(1.2 * x[:, 2]) + 0.45 * x[:, 4] - 0.5 * np.log(x[:, 9])) / 0.76
    rough = (
        0.8 * (x[:, 6] * x[:, 7] > 0) * np.sign(x[:, 6]) + 0.7 * np.sin(2.0 * x[:, 3])
        + 0.6 * np.where(x[:, 10] >= 3, 1.0, -0.5) * np.where(x[:, 11] > 0, 1.0, -0.7)
    ) / 0.93  # fmt: skip
    mixed = np.sqrt(1 - roughness) * smooth + np.sqrt(roughness) * rough
    return np.asarray(mixed)
