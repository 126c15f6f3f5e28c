"""How strongly two sides of a rule belong together, from four counts of baskets."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from retention_lab.arrays import Floats, Ints
from retention_lab.recommend.association_loops import upper_tails


@dataclass(frozen=True, slots=True)
class Association:
    """(m,) baskets with both sides, with the left, with the right; baskets: all.

    What divides by 0, where no basket holds a side, is NaN.
    """

    both: Ints
    left: Ints
    right: Ints
    baskets: int

    @property
    def support(self) -> Floats:
        """(m,) share of baskets with both sides."""
        return np.asarray(self.both / self.baskets, dtype=np.float64)

    @property
    def confidence(self) -> Floats:
        """(m,) share of the baskets with the left side that hold the right one too."""
        return _ratio(self.both, self.left)

    @property
    def lift(self) -> Floats:
        """(m,) how many times as often both come together as two independent sides would; 1: unrelated.

        Source: Brin, Motwani, Ullman, Tsur (1997), SIGMOD, doi:10.1145/253260.253325.

        >>> Association(np.array([30]), np.array([50]), np.array([40]), 100).lift
        array([1.5])
        """
        return _ratio(self.confidence * self.baskets, self.right)

    @property
    def leverage(self) -> Floats:
        """(m,) share of baskets with both sides beyond what independent sides would have."""
        return np.asarray(self.support - self.left / self.baskets * (self.right / self.baskets))

    @property
    def conviction(self) -> Floats:
        """(m,) how many times as often the rule would be wrong by chance as it is; infinite if it never is.

        Source: as of `lift`.
        """
        wrong = 1 - self.confidence
        chance = 1 - self.right / self.baskets
        return np.where(wrong > 0, _ratio(chance, wrong), np.where(np.isnan(wrong), np.nan, np.inf))

    def lift_interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """(m,) low and (m,) high of the lift, by the delta method on its logarithm.

        Where no basket holds both sides there is no logarithm: low is 0, and high what as many baskets would
        just have shown once with the probability asked for.
        """
        p, left, right = self.support, self.left / self.baskets, self.right / self.baskets
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = (1 / p - 1 / left - 1 / right + 2 * self.lift - 1) / self.baskets
            half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(np.maximum(variance, 0))
            low, high = self.lift * np.exp(-half), self.lift * np.exp(half)
            never = -np.log((1 - confidence) / 2) / self.baskets / (left * right)
        seen, known = self.both > 0, (self.left > 0) & (self.right > 0)
        return (
            np.where(known, np.where(seen, low, 0.0), np.nan),
            np.where(known, np.where(seen, high, never), np.nan),
        )

    def p_value(self) -> Floats:
        """(m,) probability of that many baskets with both sides or more, were the sides unrelated.

        Exact, given how often each side comes: Fisher's one-sided test.
        Source: Hahsler and Hornik (2007), Intelligent Data Analysis 11(5), "New probabilistic interest
        measures for association rules".
        """
        return np.asarray(upper_tails(self.both, self.left, self.right, self.baskets))


def false_discovery_rate(p_value: Floats, tests: float) -> Floats:
    """(m,) smallest expected share of false ones among the discoveries at which each p-value is one.

    tests: how many were looked at, those that are not shown too; each of those counts as p = 1.
    Source: Benjamini and Hochberg (1995), JRSS B 57(1), doi:10.1111/j.2517-6161.1995.tb02031.x.

    >>> false_discovery_rate(np.array([0.04, 0.001]), 4).round(3)
    array([0.08 , 0.004])
    """
    order = np.argsort(p_value, kind="stable")
    stepped = p_value[order] * tests / np.arange(1, len(order) + 1)
    out = np.empty(len(order))
    out[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return out


def _ratio(above: np.ndarray, below: np.ndarray) -> Floats:
    out = np.full(len(below), np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out
