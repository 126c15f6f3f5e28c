"""Small panels of series whose truth is known."""

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.demand.panel import Panel


def panel_with(values: Floats, campaign: Floats | None = None, first: int = 0) -> Panel:
    names = tuple(f"s{k}" for k in range(len(values)))
    return Panel(names, "week", first, np.asarray(values, dtype=np.float64), campaign)


def seasonal(
    series: int = 3, length: int = 78, season: int = 13, noise: float = 0.0, seed: int = 1
) -> Floats:
    """Level 100, a season of 30 up and down, and noise in units of the level."""
    rng = np.random.default_rng(seed)
    t = np.arange(length)
    shape = 30 * np.sin(2 * np.pi * t / season + np.arange(series)[:, None])
    return np.asarray(100 + shape + 100 * noise * rng.normal(size=(series, length)), dtype=np.float64)


def noisy_with_campaigns(series: int = 12, length: int = 110, lift: float = 40.0) -> tuple[Floats, Floats]:
    """Values and a calendar ten periods longer: a campaign of strength 1 in a fifth of the periods."""
    rng = np.random.default_rng(5)
    calendar = np.tile((rng.random(length + 10) < 0.2).astype(float), (series, 1))
    values = 100 + 5 * rng.normal(size=(series, length)) + lift * calendar[:, :length]
    return values, calendar
