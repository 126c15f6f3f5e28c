"""How hard the simulated retailer is to learn from: a handful of knobs, fixed before any model is fitted."""

from dataclasses import dataclass, fields
from math import isfinite

from retention_lab.errors import ConfigurationError

RANGES: dict[str, tuple[float, float]] = {
    "effect_size": (0.0, 5.0),
    "noise": (0.0, 5.0),
    "confounding": (0.0, 5.0),
    "sleeping_dogs": (0.0, 0.5),
    "feature_signal": (0.0, 1.0),
    "fade": (0.0, 1.0),
    "drift": (0.0, 1.0),
    "confusion": (0.0, 10.0),
}


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Settings of the simulation; 0 switches most of them off.

    effect_size: factor on what offers do, for better and for worse (0: an offer changes nothing but costs).
    noise: factor on the overdispersion of order counts and on the spread of prices.
    confounding: how much likelier risky customers were to be contacted in the observational campaign.
    sleeping_dogs: share of customers whom contact drives away, while they still buy.
    feature_signal: share of the variance of persuadability that visible attributes and habits explain.
    fade: what is left of an offer's effect after each recent contact (1: nothing fades).
    drift: standard deviation, in logs, of how the offers' strengths wander over the months.
    confusion: factor on duplicates, late rows, missing values and guest orders (0: clean tables).

    Raises ConfigurationError when a value is outside its range.
    """

    effect_size: float = 1.0
    noise: float = 1.0
    confounding: float = 1.0
    sleeping_dogs: float = 0.34
    feature_signal: float = 0.95
    fade: float = 0.85
    drift: float = 0.15
    confusion: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = RANGES[field.name]
            if not (isfinite(value) and low <= value <= high):
                raise ConfigurationError(
                    f"The simulated retailer's {field.name} is {value!r}.",
                    f"Choose a number between {low:g} and {high:g}.",
                    key=field.name,
                )
