"""The side on which an effect is looked for, and what it does to a statistic and to an interval."""

from math import inf
from typing import Literal

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.errors import ConfigurationError, did_you_mean

Alternative = Literal["two_sided", "greater", "less"]
_KNOWN: tuple[Alternative, ...] = ("two_sided", "greater", "less")


def toward(alternative: Alternative, z: Floats) -> Floats:
    """Effects in standard errors, of any shape, turned so that large ones speak for the alternative.

    >>> toward("less", np.array([-2.0]))
    array([2.])
    """
    _check(alternative)
    if alternative == "two_sided":
        return np.abs(z)
    return z if alternative == "greater" else -z


def ends(alternative: Alternative, value: float, half_width: float) -> tuple[float, float]:
    """Lower and upper end of the interval that goes with the test; the open side is infinite.

    >>> ends("greater", 1.0, 0.25)
    (0.75, inf)
    """
    _check(alternative)
    low = -inf if alternative == "less" else value - half_width
    high = inf if alternative == "greater" else value + half_width
    return low, high


def _check(alternative: str) -> None:
    if alternative not in _KNOWN:
        raise ConfigurationError(
            f"No alternative is named '{alternative}'.", did_you_mean(alternative, _KNOWN), key="alternative"
        )
