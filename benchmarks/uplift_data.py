"""Populations with known effects, for measuring uplift learners beside each other.

The shape of the effects, and with it how hard (a) and (b) are, was set once, by how well the best of the
other packages does on (b), before the stack of this package was run on it.
"""

from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints

FEATURES = 12
ROUGHNESS = 0.01  # share of the effect that is interactions and thresholds: the knob of difficulty


@dataclass(frozen=True, slots=True)
class Population:
    """features: (n, 12); arm: (n,); outcome: (n,); propensity: (n, K + 1); effect: (n, K), the truth;
    mean: (n,) expected outcome under control; cost: (K + 1,) per customer."""

    features: Floats
    arm: Ints
    outcome: Floats
    propensity: Floats
    effect: Floats
    mean: Floats
    cost: tuple[float, ...]


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
