"""The chance that a test with several looks crosses its boundaries, exactly, by recursion over the looks.

The statistics of the looks are those of a Brownian motion with drift, read at the fractions of the
information: exact for normal data, and the limit for every estimator whose influence values add up over
independent units.

Source: Armitage, McPherson, Rowe (1969), JRSS A 132(2), doi:10.2307/2343787 (the recursion); Jennison and
Turnbull (1999), Group Sequential Methods, chapter 19 (integrating it on a grid).
"""

from dataclasses import dataclass
from math import ceil, pi, sqrt

import numpy as np
from scipy.special import ndtr

from retention_lab.arrays import Floats

_REACH = 9.0  # standard deviations; less than 1e-18 lies beyond
_PANEL = 4.0  # length of a panel, in standard deviations of one step
_NODE, _WEIGHT = np.polynomial.legendre.leggauss(16)  # on such a panel a normal density is exact to 1e-12


@dataclass(frozen=True, slots=True)
class Crossing:
    """upper, lower: (L,) chance of stopping at each look, and not before, above the boundary or below it."""

    upper: Floats
    lower: Floats

    @property
    def chance(self) -> float:
        """Of crossing either boundary by the last look."""
        return min(float(np.sum(self.upper) + np.sum(self.lower)), 1.0)

    def expected_fraction(self, fractions: Floats) -> float:
        """The part of the planned units that a test which stops where it crosses uses on average."""
        stopped = self.upper + self.lower
        unused = np.asarray(fractions)[-1] - np.asarray(fractions)
        return float(fractions[-1] - stopped @ unused)


def crossing(fractions: Floats, lower: Floats, upper: Floats, shift: float) -> Crossing:
    """When the z statistic first leaves (lower, upper), if its mean at the full information is `shift`.

    fractions: (L,) of the information, rising, above 0; lower, upper: (L,) z values, infinite for none.
    The cost grows with the square of the number of looks; a hundred take a tenth of a second.

    >>> from scipy.special import ndtri
    >>> single = np.array([-ndtri(0.025)])
    >>> round(crossing(np.ones(1), -single, single, 0.0).chance, 9)
    0.05
    """
    spread = np.sqrt(fractions)
    time_step = np.diff(fractions, prepend=0.0)
    step = np.sqrt(time_step)
    above, below = np.zeros(len(fractions)), np.zeros(len(fractions))
    node, mass = np.zeros(1), np.ones(1)  # the motion starts at 0, before the first look
    for k in range(len(fractions)):
        mean = node + shift * time_step[k]
        floor, ceiling = lower[k] * spread[k], upper[k] * spread[k]
        above[k] = mass @ ndtr((mean - ceiling) / step[k])
        below[k] = mass @ ndtr((floor - mean) / step[k])
        if k + 1 == len(fractions):
            break
        centre = shift * fractions[k]
        low = max(floor, centre - _REACH * spread[k])
        high = min(ceiling, centre + _REACH * spread[k])
        node, weight = _grid(low, high, min(step[k], step[k + 1]))
        mass = weight * (mass @ _normal_density(node[None, :] - mean[:, None], step[k]))
    return Crossing(above, below)


def _grid(low: float, high: float, step: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on panels no longer than _PANEL steps; none where low >= high."""
    panels = max(ceil((high - low) / (_PANEL * step)), 0)
    edge = np.linspace(low, high, panels + 1)
    half = np.diff(edge)[:, None] / 2
    node = (edge[:-1] + edge[1:])[:, None] / 2 + half * _NODE
    return node.ravel(), np.asarray((half * _WEIGHT).ravel(), dtype=np.float64)


def _normal_density(deviation: Floats, spread: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (deviation / spread) ** 2) / (spread * sqrt(2 * pi)), dtype=np.float64)
