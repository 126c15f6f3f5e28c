"""Tiers of risk by the money at stake: the chance to leave times what the customer is worth.

By the chance alone, a customer of little value outranks one whose leaving would hurt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate

NAMES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Tiers:
    """names: from the least at stake to the most; cuts: expected losses from which the next tier begins."""

    names: tuple[str, ...]
    cuts: tuple[float, ...]

    def number(self, expected_loss: Floats) -> Ints:
        """(n,) position of each customer's tier in the names."""
        return np.asarray(np.searchsorted(np.array(self.cuts), expected_loss, side="right"), dtype=np.int64)

    def names_of(self, expected_loss: Floats) -> list[str]:
        """(n,) names of the customers' tiers."""
        return [self.names[i] for i in self.number(expected_loss)]


@dataclass(frozen=True, slots=True)
class TierMoney:
    """One tier: customers, mean probability, share who left, expected and observed loss in money in total."""

    name: str
    customers: int
    probability: float
    left: float
    expected_loss: float
    observed_loss: Estimate | None


def fit_tiers(
    expected_loss: Floats, shares: Sequence[float] = (0.5, 0.8), names: Sequence[str] = NAMES
) -> Tiers:
    """Cut so that the top tier holds the customers who carry the first of the shares of all money at stake,
    the next one those up to the second share, and so on; the last one holds the others.

    expected_loss: (n,) probability x value of the training customers, in money.
    Raises LabError where nothing is at stake, or for shares that do not rise between 0 and 1.

    >>> fit_tiers(np.array([6.0, 2.0, 1.0, 1.0])).cuts
    (2.0, 6.0)
    """
    rising = all(0 < a < b for a, b in zip(shares, (*shares[1:], 1.0), strict=True))
    if len(names) != len(shares) + 1 or not rising:
        raise LabError("Tiers need shares that rise between 0 and 1, and one name more.", "Correct them.")
    if not np.isfinite(expected_loss).all() or float(expected_loss.sum()) <= 0:
        raise LabError("No money is at stake, so there are no tiers.", "Check values and probabilities.")
    ranked = np.sort(expected_loss)[::-1]
    carried = np.cumsum(ranked) / ranked.sum()
    last = [min(int(np.searchsorted(carried, share)), len(ranked) - 1) for share in shares]
    return Tiers(tuple(names), tuple(sorted(float(ranked[i]) for i in last)))


def tier_table(tiers: Tiers, probability: Floats, value: Floats, left: Floats) -> tuple[TierMoney, ...]:
    """What each tier holds and what it lost, most at stake first.

    A tier of fewer than two customers has no interval.
    """
    number = tiers.number(probability * value)
    rows = []
    for i in range(len(tiers.names) - 1, -1, -1):
        held = number == i
        count = int(held.sum())
        lost = (left * value)[held]
        rows.append(
            TierMoney(
                tiers.names[i],
                count,
                float(probability[held].mean()) if count else 0.0,
                float(left[held].mean()) if count else 0.0,
                float((probability * value)[held].sum()),
                mean_estimate(lost).scaled(count) if count > 1 else None,
            )
        )
    return tuple(rows)
