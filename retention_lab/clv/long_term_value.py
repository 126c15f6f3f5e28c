"""The textbook's long-term value, from averages: a baseline that shows what models add.

Average purchase, purchases in a period, and the share of customers who stay for another period; the same
for everybody. A lifetime of 1 / (1 - retention) periods is the sum without horizon and discount.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.purchases import buying_rate, params_file, params_of, require_horizon, require_repeats
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError


def long_term_value(
    average_purchase: float,
    purchases_per_period: float,
    retention: float,
    *,
    margin_share: float = 1.0,
    periods: int | None = None,
    discount: float = 0.0,
) -> float:
    """Money from one customer, in the purchase's currency, over so many periods (None: a lifetime).

    retention: share of customers who stay for another period; the first period is not in doubt.
    discount: of one period; the first period is not discounted.
    Raises LabError where retention is no share, or makes the sum infinite.

    >>> round(long_term_value(40.0, 0.5, 0.8), 2)
    100.0
    >>> round(long_term_value(40.0, 0.5, 0.8, periods=3), 2)
    48.8
    """
    factor = retention / (1 + discount)
    if not 0 <= retention <= 1 or discount <= -1 or (periods is None and factor >= 1):
        raise LabError(
            f"A retention of {retention:g} at a discount of {discount:g} gives no long-term value.",
            "Retention is a share from 0 to 1, below 1 where no number of periods is given.",
        )
    if periods is None:
        lifetime = 1 / (1 - factor)
    else:
        lifetime = float(periods) if factor == 1 else (1 - factor**periods) / (1 - factor)
    return average_purchase * purchases_per_period * margin_share * lifetime


@dataclass(frozen=True, slots=True)
class LongTermRate:
    """The same purchases for everybody: rate in a unit of time, falling off at `decay` in that unit."""

    rate: float
    decay: float

    @property
    def params(self) -> dict[str, float]:
        """rate, decay."""
        return asdict(self)

    def expected_purchases(self, rows: PurchaseRows, t: float) -> Floats:
        """(n,) rate times the time that an average customer stays, of the next t."""
        require_horizon(t)
        stays = t if self.decay * t < 1e-12 else -float(np.expm1(-self.decay * t)) / self.decay
        return np.full(len(rows), self.rate * stays)

    def to_files(self) -> dict[str, bytes]:
        """The parameters."""
        return params_file(self.params)

    @staticmethod
    def from_files(files: Mapping[str, bytes]) -> "LongTermRate":
        """The model that `to_files` wrote."""
        return LongTermRate(**params_of(files))


def fit_long_term_rate(rows: PurchaseRows) -> LongTermRate:
    """From averages: purchases of a time, and the share of repeat buyers still buying in the later half.

    Raises LabError where nobody bought again.
    """
    require_repeats(rows)
    bought = rows.frequency > 0
    stayed = float(np.mean(rows.recency[bought] >= rows.age[bought] / 2))
    half = float(rows.age[bought].mean()) / 2
    decay = -np.log(min(max(stayed, 0.5 / bought.sum()), 1.0)) / max(half, 1e-12)
    return LongTermRate(buying_rate(rows), float(decay))
