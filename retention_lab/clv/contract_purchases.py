"""Shifted beta-geometric of a log of payments: who misses one period has left, and does not come back.

For businesses that bill every period. In a log of purchases at will it takes a pause for an end, and its
forecasts will show it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from retention_lab.arrays import Floats, Ints
from retention_lab.clv.beta_geometric import BetaGeometric, fit_lifetimes
from retention_lab.clv.purchases import params_file, params_of, require_horizon
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError

_GRACE = 1.5  # periods without a payment after which a customer counts as gone


@dataclass(frozen=True, slots=True)
class ContractPurchases:
    """alpha, beta: of the beta of chances to leave at a renewal, one a unit of time."""

    alpha: float
    beta: float

    @property
    def params(self) -> dict[str, float]:
        """alpha, beta."""
        return asdict(self)

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) payments expected in the t after the end; the last, begun period counts by its part."""
        require_horizon(t)
        model = BetaGeometric(self.alpha, self.beta)
        tenure = _renewals(rows).astype(np.float64)
        total = np.zeros(len(rows))
        for k in range(1, int(np.ceil(t)) + 1):
            total += model.survival_from(tenure, k) * min(1.0, t - (k - 1))
        return np.asarray(self.probability_alive(rows) * total, dtype=np.float64)

    def probability_alive(self, rows: PurchaseRows) -> Floats:
        """(n,) 1 where the last payment is less than one and a half periods old, 0 elsewhere: it is seen."""
        return np.asarray(_there(rows), dtype=np.float64)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "ContractPurchases":
        """The model that `to_files` wrote."""
        return ContractPurchases(**params_of(files))


def fit_contract_purchases(rows: PurchaseRows) -> ContractPurchases:
    """Fit to payments, one a unit of time.

    Raises LabError where nobody left or everybody did at once, which leaves nothing to learn.
    """
    renewed, there = _renewals(rows), _there(rows)
    if not (~there).any():
        raise LabError(
            "Every customer paid in the last period and a half, so nothing is known of leaving.",
            "Take a shorter unit of time, or a longer log.",
        )
    kinds = np.arange(int(renewed.max()) + 2)
    gone = np.bincount(renewed[~there] + 1, minlength=len(kinds)).astype(np.float64)
    stayed = np.bincount(renewed[there], minlength=len(kinds)).astype(np.float64)
    found = fit_lifetimes(kinds.astype(np.float64), gone, stayed).model
    return ContractPurchases(found.alpha, found.beta)


def _renewals(rows: PurchaseRows) -> Ints:
    return np.asarray(np.rint(rows.recency), dtype=np.int64)


def _there(rows: PurchaseRows) -> np.ndarray:
    return np.asarray(rows.age - rows.recency < _GRACE)
