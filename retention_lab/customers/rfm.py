"""RFM: how recently, how often and for how much a customer bought, in quintiles, and the cells they form.

A score is 1 (worst) to 5 (best). The cuts are values that customers have: the smallest ones below which
lie at least a fifth, two fifths … of them. A score is 1 plus the number of cuts that the value exceeds, so
customers with equal values always share a score, and where many have the same value some scores stay empty
rather than being dealt out at random. Only customers with an order have scores.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.errors import LabError

SCORES = 5
CELLS = (
    "champions",
    "loyal",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "cannot_lose",
    "at_risk",
    "hibernating",
)
COLUMNS = ("recency_days", "orders", "revenue")

# rows: recency score 1 to 5; columns: frequency score 1 to 5
_GRID = (
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalists", "potential_loyalists", "loyal", "loyal"),
    ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
)
_FILE = "rfm.json"


@dataclass(frozen=True, slots=True)
class Purchases:
    """(n,) each: days since the last order, number of orders, money paid so far less returns."""

    recency_days: Floats
    orders: Floats
    revenue: Floats

    @property
    def bought(self) -> np.ndarray:
        """(n,) who has an order, and so a score."""
        return np.asarray((self.orders > 0) & np.isfinite(self.recency_days) & np.isfinite(self.revenue))


@dataclass(frozen=True, slots=True)
class RfmScores:
    """(n,) each: scores 1 to 5, 0 for whoever has not ordered."""

    recency: Ints
    frequency: Ints
    money: Ints

    @property
    def cell(self) -> Ints:
        """(n,) position in `CELLS`, -1 without an order."""
        grid = np.array([[CELLS.index(name) for name in row] for row in _GRID])
        scored = self.recency > 0
        found = grid[np.maximum(self.recency, 1) - 1, np.maximum(self.frequency, 1) - 1]
        return np.asarray(np.where(scored, found, -1), dtype=np.int64)

    @property
    def code(self) -> Ints:
        """(n,) the three scores as one number, 555 the best; 0 without an order."""
        return np.asarray(100 * self.recency + 10 * self.frequency + self.money, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class RfmCuts:
    """(4,) ascending values each; recency's are of minus the days, so that more is better everywhere."""

    recency: Floats
    frequency: Floats
    money: Floats

    def scores(self, purchases: Purchases) -> RfmScores:
        """Score customers, whether or not they were among those who gave the cuts."""
        bought = purchases.bought
        return RfmScores(
            _score(-purchases.recency_days, self.recency, bought),
            _score(purchases.orders, self.frequency, bought),
            _score(purchases.revenue, self.money, bought),
        )

    def to_files(self) -> dict[str, bytes]:
        """The cuts as JSON."""
        found = {name: getattr(self, name).tolist() for name in self.__slots__}
        return {_FILE: json.dumps(found, indent=1, allow_nan=False).encode()}

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "RfmCuts":
        """The cuts that `to_files` wrote."""
        found = json.loads(files[_FILE])
        return RfmCuts(*(np.array(found[name], dtype=np.float64) for name in RfmCuts.__slots__))


def fit_rfm(purchases: Purchases) -> RfmCuts:
    """The cuts of these customers' quintiles; whoever has no order is left out.

    Raises LabError with fewer than five customers who bought.
    Source: Hughes (1994), Strategic Database Marketing, for the three scores in quintiles.

    >>> days = np.arange(1.0, 101.0)
    >>> cuts = fit_rfm(Purchases(days, np.ones(100), days))
    >>> scores = cuts.scores(Purchases(days[[0, 99]], np.ones(2), days[[0, 99]]))
    >>> scores.code.tolist()  # all have one order, so all share the lowest frequency score
    [511, 115]
    """
    bought = purchases.bought
    if bought.sum() < SCORES:
        raise LabError(
            f"{int(bought.sum())} customers have ordered, too few for five groups.",
            "Choose a later date, or import more transactions.",
        )
    return RfmCuts(
        _cuts(-purchases.recency_days[bought]),
        _cuts(purchases.orders[bought]),
        _cuts(purchases.revenue[bought]),
    )


def grid_counts(scores: RfmScores) -> Ints:
    """(5, 5) customers by recency score (rows) and frequency score (columns)."""
    counts = np.zeros((SCORES + 1, SCORES + 1), dtype=np.int64)
    np.add.at(counts, (scores.recency, scores.frequency), 1)
    return counts[1:, 1:]


def cell_name(recency: int, frequency: int) -> str:
    """The name of a cell of the grid; scores from 1 to 5."""
    return _GRID[recency - 1][frequency - 1]


def _cuts(values: Floats) -> Floats:
    shares = np.arange(1, SCORES) / SCORES
    return np.asarray(np.quantile(values, shares, method="inverted_cdf"), dtype=np.float64)


def _score(values: Floats, cuts: Floats, bought: np.ndarray) -> Ints:
    scores = 1 + np.searchsorted(cuts, np.nan_to_num(values), side="left")
    return np.asarray(np.where(bought, scores, 0), dtype=np.int64)
