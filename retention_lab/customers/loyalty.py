"""Loyalty: how often customers buy, for how much and how long, how content they are, and who comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_lab.arrays import Bools, Floats
from retention_lab.customers.rates import known_mean, share
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, not_computed

MEANINGS = {
    "purchase_frequency": "orders in the last 365 days, per customer who ever bought",
    "purchase_value": "amount per order, before returns, per customer who ever bought",
    "customer_value": "revenue of the last 365 days, less returns, per customer who ever bought",
    "duration_days": "days from the first order to the last, per customer who ever bought",
    "satisfaction": "mean score of the customer's feedback, per customer who gave one",
    "repeat_purchase_rate": "customers with two orders or more, of those who ever bought",
    "retention_rate": "customers who bought in the window, of those who bought in the one before",
    "referral_rate": "customers who brought in another, of all",
    "referred_rate": "customers who were brought in by another, of all",
}


@dataclass(frozen=True, slots=True)
class LoyaltyRows:
    """(n,) each, one per customer; NaN where not known. None: the project does not record it.

    orders, orders_365: placed so far and in the last 365 days. order_value: mean amount per order.
    revenue_365: less returns. duration_days: first to last order. before, now: ordered in the window before
    the last, and in the last. score: mean score of feedback. referrals: other customers brought in.
    referred: brought in by another. Money in the project's currency.
    """

    orders: Floats
    orders_365: Floats
    order_value: Floats
    revenue_365: Floats
    duration_days: Floats
    before: Bools
    now: Bools
    score: Floats | None = None
    referrals: Floats | None = None
    referred: Bools | None = None

    def rows(self, where: np.ndarray) -> "LoyaltyRows":
        """The customers that a mask or an index picks."""
        found = {name: getattr(self, name) for name in self.__slots__}
        picked: dict[str, Any] = {name: None if x is None else x[where] for name, x in found.items()}
        return LoyaltyRows(**picked)

    def __len__(self) -> int:
        return len(self.orders)


def loyalty(rows: LoyaltyRows, *, confidence: float = 0.95) -> dict[str, Estimate | str]:
    """Every metric of `MEANINGS`: the estimate, or the reason why there is none.

    Raises LabError where there are no customers at all.
    """
    if len(rows) == 0:
        raise LabError("There are no customers whose loyalty could be told.", "Choose a later date.")
    bought = rows.orders > 0
    few = "fewer than two customers have bought"
    means: Mapping[str, tuple[Floats | None, str]] = {
        "purchase_frequency": (rows.orders_365[bought], few),
        "purchase_value": (rows.order_value[bought], few),
        "customer_value": (rows.revenue_365[bought], few),
        "duration_days": (rows.duration_days[bought], few),
        "satisfaction": (rows.score, "no feedback that carries a score"),
    }
    shares: Mapping[str, tuple[int, int, str]] = {
        "repeat_purchase_rate": (int((rows.orders >= 2).sum()), int(bought.sum()), "nobody has bought"),
        "retention_rate": (
            int((rows.before & rows.now).sum()),
            int(rows.before.sum()),
            "nobody bought in the window before",
        ),
        "referral_rate": _referral(None if rows.referrals is None else rows.referrals > 0),
        "referred_rate": _referral(rows.referred),
    }
    found: dict[str, Estimate | str] = {}
    for name, (values, reason) in means.items():
        mean = None if values is None else known_mean(values, confidence=confidence)
        found[name] = reason if mean is None else mean
    for name, (count, of, reason) in shares.items():
        found[name] = share(count, of, confidence=confidence) if of else reason
    return found


def loyalty_json(found: Mapping[str, Estimate | str]) -> dict[str, Any]:
    """The metrics as the JSON of the command has them: nulls and a reason where there is no estimate."""
    return {name: not_computed(one) if isinstance(one, str) else one.as_json() for name, one in found.items()}


def _referral(who: Bools | None) -> tuple[int, int, str]:
    if who is None:
        return 0, 0, "the customers table has no column referred_by"
    return int(who.sum()), len(who), ""
