"""BG/NBD: steady buying rates, and a chance to leave after each repeat purchase."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.geometric_dropout import Dropout, likelihood_of
from retention_lab.clv.purchases import (
    PurchaseFit,
    buying_rate,
    climb,
    fitted,
    params_file,
    params_of,
    require_horizon,
)
from retention_lab.clv.rows import PurchaseRows, purchase_rows


@dataclass(frozen=True, slots=True)
class BetaGeo:
    """r, alpha: shape and rate of the gamma of buying rates; a, b: of the beta of chances to leave."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def params(self) -> dict[str, float]:
        """r, alpha, a, b."""
        return asdict(self)

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) purchases expected in the t after each customer's end of observation."""
        require_horizon(t)
        return self._dropout.expected(rows, t)

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) chance to be a customer still; 1 without a repeat purchase, after which alone one leaves."""
        return self._dropout.alive(rows)

    def probability_at_least(self, rows: PurchaseRows, n: Floats, t: float) -> Floats:
        """(rows,) chance of at least n (rows,) purchases, n from 1 on, in the t after the end."""
        return self._dropout.at_least(rows, n, t)

    def draw(self, rows: PurchaseRows, t: float, draws: int, seed: int) -> Floats:
        """(draws, n) numbers of purchases in the t after the end."""
        require_horizon(t)
        return self._dropout.draw(rows, t, draws, seed)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "BetaGeo":
        """The model that `to_files` wrote."""
        return BetaGeo(**params_of(files))

    @property
    def _dropout(self) -> Dropout:
        return Dropout(self.r, self.alpha, self.a, self.b, first=0)


def fit_beta_geo(frequency: Any, recency: Any, age: Any) -> PurchaseFit[BetaGeo]:
    """Fit BG/NBD to (n,) repeat purchases, times of the last one and ages, times in one unit.

    Quick, and often as good as Pareto/NBD; but a customer without a repeat purchase counts as alive for
    ever: see `fit_modified_beta_geo`.
    Raises LabError where rows are no histories, or nobody bought again.
    Source: Fader, Hardie, Lee (2005), Marketing Science 24(2), doi:10.1287/mksc.1040.0098.

    >>> fit = fit_beta_geo([2, 1, 0, 0, 5], [30.4, 1.7, 0, 0, 25.0], [38.9, 38.9, 38.9, 37.0, 36.1])
    >>> fit.expected_purchases(39).round(2).shape
    (5,)
    """
    return fit_rows(purchase_rows(frequency, recency, age))


def fit_rows(rows: PurchaseRows) -> PurchaseFit[BetaGeo]:
    """As `fit_beta_geo`, of rows that are checked."""
    start = np.array([0.5, 0.5 / max(buying_rate(rows), 1e-12), 1.0, 3.0])
    maximum = climb(rows, start, partial(likelihood_of, first=0))
    return fitted(rows, BetaGeo(*maximum.params.tolist()), maximum)
