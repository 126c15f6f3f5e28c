"""MBG/NBD: as BG/NBD, but a customer may leave after the first purchase already."""

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
class ModifiedBetaGeo:
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
        """(n,) chance to be a customer still."""
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
    def from_files(files: Mapping[str, bytes]) -> "ModifiedBetaGeo":
        """The model that `to_files` wrote."""
        return ModifiedBetaGeo(**params_of(files))

    @property
    def _dropout(self) -> Dropout:
        return Dropout(self.r, self.alpha, self.a, self.b, first=1)


def fit_modified_beta_geo(frequency: Any, recency: Any, age: Any) -> PurchaseFit[ModifiedBetaGeo]:
    """Fit MBG/NBD to (n,) repeat purchases, times of the last one and ages, times in one unit.

    Raises LabError where rows are no histories, or nobody bought again.
    Source: Batislam, Denizel, Filiztekin (2007), International Journal of Research in Marketing 24(3),
    doi:10.1016/j.ijresmar.2006.12.005.
    """
    return fit_rows(purchase_rows(frequency, recency, age))


def fit_rows(rows: PurchaseRows) -> PurchaseFit[ModifiedBetaGeo]:
    """As `fit_modified_beta_geo`, of rows that are checked."""
    start = np.array([0.5, 0.5 / max(buying_rate(rows), 1e-12), 1.0, 3.0])
    maximum = climb(rows, start, partial(likelihood_of, first=1))
    return fitted(rows, ModifiedBetaGeo(*maximum.params.tolist()), maximum)
