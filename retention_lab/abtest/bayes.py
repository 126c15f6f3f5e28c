"""What to believe about an effect after the test: a normal posterior, from an estimate and a prior.

The estimate is the likelihood: with the units of an A/B test it is normal enough. A flat prior leaves it as
it is; a prior centred on no effect shrinks it, the more the smaller its own standard deviation is.
"""

from dataclasses import dataclass
from math import isfinite, log, pi, sqrt
from typing import Literal

import numpy as np
from scipy.special import erfcx, ndtr

from retention_lab.abtest.tails import deviate
from retention_lab.errors import LabError

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """mean, sd: what was believed of the effect before, in the effect's own unit; sd > 0."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (isfinite(self.mean) and isfinite(self.sd) and self.sd > 0):
            raise LabError(
                f"A prior with mean {self.mean:g} and standard deviation {self.sd:g} says nothing definite.",
                "Give finite numbers and a standard deviation above 0, or no prior for a flat one.",
            )

    def scaled(self, factor: float) -> "NormalPrior":
        """The same belief in another unit: of the relative effect, times control's mean, of the absolute."""
        return NormalPrior(self.mean * factor, self.sd * abs(factor))


@dataclass(frozen=True, slots=True)
class Posterior:
    """mean, sd, low, high: of the effect of treated over control, in its unit.

    chance_to_win, chance_to_lose: that treated is better, or worse. loss_if_shipped, loss_if_kept: what the
    choice of treated, or of control, is expected to cost beside the better of the two, in the effect's unit.
    """

    mean: float
    sd: float
    low: float
    high: float
    chance_to_win: float
    chance_to_lose: float
    loss_if_shipped: float
    loss_if_kept: float


def effect_posterior(
    value: float,
    se: float,
    prior: NormalPrior | None = None,
    *,
    confidence: float = 0.95,
    better: Better = "higher",
) -> Posterior:
    """Posterior of an effect that was estimated as `value` with standard error `se`, both in one unit.

    prior: None is flat.

    Raises LabError when the estimate or its error is not a number above 0 that allows it.

    >>> found = effect_posterior(0.02, 0.01, NormalPrior(0.0, 0.02))
    >>> f"{found.mean:.3f} {found.chance_to_win:.3f}"
    '0.016 0.963'
    """
    if not (isfinite(value) and isfinite(se) and se > 0):
        raise LabError(
            f"An effect of {value:g} with standard error {se:g} leaves no posterior.",
            "Check that both arms have units and that the metric varies.",
        )
    mean, sd = value, se
    if prior is not None:
        weight = prior.sd**2 / (prior.sd**2 + se**2)
        mean = weight * value + (1 - weight) * prior.mean
        sd = se * sqrt(weight)
    half = deviate(confidence) * sd
    z = mean / sd
    up, down = float(ndtr(z)), float(ndtr(-z))
    gain, loss = sd * mean_excess(z), sd * mean_excess(-z)
    if better == "lower":
        up, down, gain, loss = down, up, loss, gain
    return Posterior(mean, sd, mean - half, mean + half, up, down, loss, gain)


def mean_excess(z: float) -> float:
    """Mean of the part above 0 of a normal variable with mean `z` and standard deviation 1."""
    if z > 0:
        return z + mean_excess(-z)
    density = float(np.exp(-z * z / 2 - log(2 * pi) / 2))
    return density * max(
        1 + z * sqrt(pi / 2) * float(erfcx(-z / sqrt(2))), 0.0
    )  # Mills' ratio, unspoilt far out
