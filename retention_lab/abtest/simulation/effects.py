"""An effect that is planted into units: what each would have done in the other arm."""

import re
from dataclasses import dataclass
from math import inf

import numpy as np

from retention_lab.abtest.arm import Point
from retention_lab.abtest.simulation.history import MetricUnits
from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_SIZE = re.compile(r"([+-]?\d*\.?\d+(?:e-?\d+)?)(%?)")


@dataclass(frozen=True, slots=True)
class Effect:
    """size: in the metric's own unit, or as a share of its mean where `relative`."""

    size: float
    relative: bool

    @property
    def text(self) -> str:
        """As it is written on the command line."""
        return f"{100 * self.size:g}%" if self.relative else f"{self.size:g}"


def effect_of(text: str) -> Effect:
    """`0.01` in the metric's own unit, `5%` of its mean.

    Raises LabError for anything else, and for an effect of 0.

    >>> effect_of("5%"), effect_of("-0.01")
    (Effect(size=0.05, relative=True), Effect(size=-0.01, relative=False))
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or not 0 < abs(float(found[1])) < inf:
        raise LabError(
            f"'{text}' is no effect to plant.",
            "Write 0.01 in the metric's own unit, or 5% of its mean.",
            key="effect",
        )
    relative = found[2] == "%"
    return Effect(float(found[1]) / (100 if relative else 1), relative)


def planted(one: MetricUnits, values: Floats, effect: Effect, rng: np.random.Generator) -> Floats:
    """(n, p) numbers of the same units in an arm with the effect.

    Numbers grow by one share for all, as a better offer moves those who spend; of zeros and ones, as many as
    it takes are turned over at random. Where a mean is not above 0, an effect in its own unit is added to
    every unit.
    Raises LabError where the effect is a share of a mean that is not above 0, or a share would leave 0 to 1.
    """
    mean = mean_of(one, values)
    if effect.relative and mean <= 0:
        raise LabError(
            f"The mean of '{one.metric.name}' is {mean:.4g}, of which no share can be taken.",
            "Give the effect in the metric's own unit.",
            key="effect",
        )
    size = effect.size * mean if effect.relative else effect.size
    found = values.copy()
    if one.binary:
        found[:, 0] = _turned(found[:, 0], mean, size, one.metric.name, rng)
    elif mean > 0:
        found[:, 0] *= 1 + size / mean
    else:
        found[:, 0] += size * (1.0 if one.form.below is None else values[:, one.form.below])
    return found


def mean_of(one: MetricUnits, values: Floats) -> float:
    """The unadjusted metric over (n, p) numbers, those that lack an outcome left out."""
    there = ~np.isnan(values[:, : one.layout.outcomes]).any(axis=1)
    if not there.any():
        raise LabError(f"No unit has the metric '{one.metric.name}'.", "Check its columns.", key="metrics")
    means = values[there].mean(axis=0)
    return one.form.value(Point(np.zeros_like(means), means))


def _turned(column: Floats, share: float, size: float, name: str, rng: np.random.Generator) -> Floats:
    if not 0 < share + size < 1:
        raise LabError(
            f"An effect of {size:g} would make the share '{name}' {share + size:.4g}.",
            "Plant a smaller one: a share lies between 0 and 1.",
            key="effect",
        )
    chance = size / (1 - share) if size > 0 else -size / share
    turned = (rng.random(len(column)) < chance) & (column == (0.0 if size > 0 else 1.0))
    return np.where(turned, 1 - column, column)
