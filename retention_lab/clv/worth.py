"""What customers are worth: margin on what they will buy, less what it cost to win them."""

from typing import Any

import numpy as np

from retention_lab.arrays import Floats
from retention_lab.clv.gamma_gamma import GammaGamma
from retention_lab.clv.purchases import PurchaseModel
from retention_lab.clv.rows import PurchaseRows
from retention_lab.errors import LabError
from retention_lab.estimate import Estimate, mean_estimate


def lifetime_value(purchases: Floats, value: Floats, margin_share: float = 1.0) -> Floats:
    """(n,) money from (n,) discounted purchases of (n,) value; margin_share: of that value that is kept.

    Where values are contributions already, the margin share is 1.
    """
    return np.asarray(purchases * value * margin_share, dtype=np.float64)


def lifetime_value_interval(
    model: PurchaseModel,
    spending: GammaGamma,
    rows: PurchaseRows,
    mean_value: Floats,
    t: float,
    *,
    confidence: float = 0.95,
    draws: int = 1_000,
    seed: int = 7,
) -> tuple[Floats, Floats]:
    """(n,) ends of what each customer may spend in the next t, not discounted, by draws from both models."""
    ends = np.empty((2, len(rows)))
    step = max(1, 2_000_000 // draws)  # a few tens of megabytes at a time
    for k, start in enumerate(range(0, len(rows), step)):
        part = slice(start, start + step)
        bought = model.draw(rows.take(part), t, draws, seed + 2 * k)
        spent = spending.draw(rows.frequency[part], mean_value[part], bought, seed + 2 * k + 1)
        ends[:, part] = np.quantile(spent, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return ends[0], ends[1]


def value_to_cost(value: Any, acquisition_cost: Any, *, confidence: float = 0.95) -> Estimate:
    """CLV to CAC: total lifetime value over the total cost of winning those customers (n,), (n,).

    A ratio of totals: a mean of the customers' own ratios is ruled by whoever cost nearly nothing.
    Raises LabError where a cost is missing or negative, or all are 0.
    Source of the standard error: the delta method.

    >>> round(value_to_cost([30.0, 60.0, 90.0], [20.0, 20.0, 20.0]).value, 2)
    3.0
    """
    worth, cost = (np.asarray(values, dtype=np.float64) for values in (value, acquisition_cost))
    if worth.shape != cost.shape or not np.isfinite(cost).all() or cost.min(initial=0) < 0 or not cost.any():
        raise LabError(
            "Costs of acquisition are missing, negative, or all 0, so value cannot be set against them.",
            "Give the cost of winning each customer; leave out customers whose cost is not known.",
            key="acquisition_cost",
        )
    ratio = float(worth.sum() / cost.sum())
    terms = np.asarray(ratio + (worth - ratio * cost) / cost.mean(), dtype=np.float64)
    return mean_estimate(terms, confidence=confidence, null=1.0)
