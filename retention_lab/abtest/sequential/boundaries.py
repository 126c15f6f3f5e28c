"""The boundaries of a group-sequential test, by exact integration from look to look.

The score after information t is a Brownian motion at t. Its density among the tests that still run is carried
from look to look on Gauss-Legendre nodes, in panels narrow against the step between looks, and each boundary
is where the tail beyond it is what the look may spend. Everything is on the log scale, so that boundaries of
early looks that spend 1e-400 are found like any other.

Source: Armitage, McPherson, Rowe (1969), Journal of the Royal Statistical Society A 132(2),
doi:10.2307/2343787; Jennison and Turnbull (1999), Group Sequential Methods, chapter 19.
"""

from dataclasses import dataclass
from math import log, log1p, pi, sqrt

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from retention_lab.arrays import Floats
from retention_lab.errors import LabError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 3.0  # widths of a panel, in deviations of the shorter step: 16 nodes then leave errors near 1e-15
_FAR = 9.0  # standard errors; mass beyond is 1e-19 of the rest
_CLOSEST = 1e-4  # least growth of information between looks, as a share


def boundaries(information: Floats, log_spent: Floats, *, two_sided: bool) -> Floats:
    """(K,) critical values, in standard errors, of looks at (K,) growing amounts of information.

    log_spent: (K,) logarithm of the probability that one side has rejected by each look, under no effect.
    With `two_sided` the other side's boundary mirrors it, so that both together spend twice as much. A look
    that spends nothing has an infinite critical value.

    Raises LabError where information does not grow by at least a ten-thousandth from look to look.
    """
    _check_growth(information)
    steps = np.diff(information, prepend=0.0)
    spend = _increments(log_spent)
    reach = _reach(information, spend)
    critical = np.empty(len(information))
    running: _Running | None = None
    for k, step in enumerate(steps):
        root = sqrt(information[k])
        if running is None or spend[k] == -np.inf:
            critical[k] = -ndtri_exp(spend[k])
        else:
            critical[k] = running.boundary(spend[k], step, root) / root
        if k + 1 < len(steps):
            high = min(critical[k] * root, reach[k])
            low = max(-critical[k] if two_sided else -np.inf, -_FAR) * root
            places, log_weights = _nodes(min(low, high - root), high, sqrt(min(step, steps[k + 1])))
            log_density = _first(places, root) if running is None else running.density(places, step)
            running = _Running(places, log_weights + log_density)
    return critical


@dataclass(frozen=True, slots=True)
class _Running:
    """Scores (m,) at which a test still runs, and the logarithms of the probabilities at them."""

    score: Floats
    log_mass: Floats

    def density(self, at: Floats, step: float) -> Floats:
        """(j,) log density of the score after another step of information."""
        scaled = (at[:, None] - self.score[None, :]) / sqrt(step)
        return _log_sum(self.log_mass - scaled**2 / 2) - log(2 * pi * step) / 2

    def boundary(self, log_tail: float, step: float, root: float) -> float:
        """The score beyond which the tail after another step is exp(log_tail).

        The log of the tail is concave and falls, so Newton lands above the root and descends to it.
        """
        score = -float(ndtri_exp(log_tail)) * root
        for _ in range(100):
            scaled = (score - self.score) / sqrt(step)
            log_beyond = _log_sum((self.log_mass + log_ndtr(-scaled))[None, :])[0]
            log_here = _log_sum((self.log_mass - scaled**2 / 2)[None, :])[0] - log(2 * pi * step) / 2
            move = (log_beyond - log_tail) * float(np.exp(log_beyond - log_here))
            score += move
            if abs(move) < 1e-13 * max(abs(score), root):
                break
        return score


def _reach(information: Floats, spend: Floats) -> Floats:
    """(K,) the highest score from which a later boundary is crossed with a probability that counts.

    No boundary is above that of a test with this one look, and the way there from 0 is nearly straight.
    """
    farthest = np.where(spend == -np.inf, 0.0, -ndtri_exp(spend)) / np.sqrt(information)
    later = np.maximum.accumulate(np.append(farthest[1:], 0.0)[::-1])[::-1]
    return np.asarray(later * information + _FAR * np.sqrt(information), dtype=np.float64)


def _nodes(low: float, high: float, narrow: float) -> tuple[Floats, Floats]:
    """Scores between two, and the logarithms of their weights in an integral."""
    panels = max(1, int(np.ceil((high - low) / (_PANEL * narrow))))
    edges = np.linspace(low, high, panels + 1)
    half = (high - low) / panels / 2
    score = (edges[:-1, None] + half * (1 + _NODES[None, :])).ravel()
    return score, np.log(np.tile(half * _WEIGHTS, panels))


def _first(score: Floats, root: float) -> Floats:
    return np.asarray(-((score / root) ** 2) / 2 - log(sqrt(2 * pi) * root), dtype=np.float64)


def _log_sum(terms: Floats) -> Floats:
    """Log of the sum of exponentials along the last axis."""
    top = np.max(terms, axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.sum(np.exp(terms - top), axis=-1)), dtype=np.float64)


def _increments(log_spent: Floats) -> Floats:
    """(K,) logarithm of what each look spends, -inf where it is nothing."""
    spend = np.array(log_spent, dtype=np.float64)
    for k in range(1, len(spend)):
        more, less = log_spent[k], log_spent[k - 1]
        spend[k] = more + log1p(-float(np.exp(less - more))) if more > less else -np.inf
    return spend


def _check_growth(information: Floats) -> None:
    if len(information) == 0 or not np.all(np.isfinite(information)) or information[0] <= 0:
        raise LabError("A group-sequential test has no look with information.", "Give looks that saw units.")
    short = np.flatnonzero(np.diff(information) < _CLOSEST * information[1:])
    if len(short):
        raise LabError(
            f"Looks {short[0] + 1} and {short[0] + 2} saw practically the same units.",
            "Leave one of them out: a look needs at least a ten-thousandth more units than the one before.",
        )
