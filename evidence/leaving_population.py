"""The simulated retailer with marks of why customers leave, as a table that a shop could have.

The retailer plants for each customer the cause for which they would leave: product, service, price or
competition. What it shows of it is faint (tone, discounts, returns, and a complaint now and then), so each
cause gets an event here that those on their way out cause more often, in their last 60 days: a defect
reported, a call to the service desk, a price looked up in a comparison, a visit from a rival's page.
Everybody causes all four now and then.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats, Ints
from retention_lab.churn.sample import ChurnSample
from retention_lab.features import numeric_features
from retention_lab.simulate import Retailer, respond, retailer
from retention_lab.simulate.customers import REASONS

DAY = 86_400_000_000  # microseconds
MARKS = {
    "defect_reports": "product",
    "service_calls": "service",
    "price_comparisons": "price",
    "rival_visits": "competition",
}
USUALLY, LEAVING = 0.2, 2.5  # marks of a kind in 60 days: anybody's, and on top of it one's own cause
_RECENT_DAYS = 120
HORIZON_DAYS = 90


@dataclass(frozen=True, slots=True)
class Leaving:
    """sample: customers who ordered in the last 120 days, label no order in the 90 days that follow; cause:
    (n,) position in REASONS of what was planted; leaver: (n,) fading or gone, by the truth, and not back."""

    sample: ChurnSample
    cause: Ints
    leaver: np.ndarray


def population(customers: int, seed: int, *, marked: bool = True) -> Leaving:
    """Everybody at the retailer's instant; without marks, what the retailer shows by itself."""
    shop = retailer(customers, seed)
    now = int(shop.as_of.timestamp()) * 1_000_000
    base = _shown(shop, now)
    left = _inactive(shop, now)
    away = np.array([phase != "active" for phase in shop.truth.phase.to_pylist()])
    cause = np.array([REASONS.index(reason) for reason in shop.truth.leaving_reason.to_pylist()])
    rng = np.random.default_rng([seed, 9])
    mean = np.full((customers, len(MARKS)), USUALLY)
    for kind, reason in enumerate(MARKS.values()):
        mean[:, kind] += LEAVING * (away & (cause == REASONS.index(reason)))
    marks = rng.poisson(mean).astype(np.float64)
    names = [*base, *MARKS] if marked else list(base)
    values = np.column_stack([*base.values(), marks]) if marked else np.column_stack(list(base.values()))
    seen = base["recency_days"] < _RECENT_DAYS
    sample = ChurnSample(numeric_features(values[seen], names), left[seen])
    return Leaving(sample, cause[seen], (away & (left == 1))[seen])


def _shown(shop: Retailer, now: int) -> dict[str, Floats]:
    """What every shop has: when and how much was bought, at which discount, what came back, how it scored."""
    lines, feedback, events = (shop.tables[name] for name in ("transactions", "feedback", "events"))
    amount, discount = (_numbers(lines, name) for name in ("amount", "discount"))
    who, at = _customers(shop, lines), _moments(lines, "ordered_at")
    bought = amount > 0
    visits = _moments(events, "at") >= now - 60 * DAY
    last = np.full(len(shop.truth.customer_ids), -np.inf)
    known = (who >= 0) & bought
    np.maximum.at(last, who[known], at[known])
    paid = _sums(shop, who, np.where(bought, amount, 0.0))
    scores, wrote = (
        _sums(shop, _customers(shop, feedback), _numbers(feedback, "score")),
        _sums(shop, _customers(shop, feedback), np.ones(feedback.num_rows)),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "recency_days": (now - last) / DAY,
            "lines_90": _sums(shop, who, bought & (at >= now - 90 * DAY)),
            "lines_365": _sums(shop, who, bought & (at >= now - 365 * DAY)),
            "visits_60": _sums(shop, _customers(shop, events), visits),
            "discount_share": _sums(shop, who, np.where(bought, discount, 0.0)) / paid,
            "return_share": _sums(shop, who, np.where(bought, 0.0, -amount)) / paid,
            "mean_score": scores / wrote,
        }


def _inactive(shop: Retailer, now: int) -> Floats:
    """(n,) 1 for those without an order in the 90 days after `now`, when nobody is contacted."""
    nobody = pa.table({"customer_id": pa.array([], pa.string()), "arm": pa.array([], pa.string())})
    rows = respond(shop, nobody, shop.as_of, HORIZON_DAYS).tables["transactions"]
    amount, at = _numbers(rows, "amount"), _moments(rows, "ordered_at")
    came = _sums(shop, _customers(shop, rows), (amount > 0) & (at < now + HORIZON_DAYS * DAY)) > 0
    return np.asarray(~came, dtype=np.float64)


def _customers(shop: Retailer, table: pa.Table) -> Ints:
    """(rows,) position of each row's customer, -1 for nobody's."""
    found = pc.index_in(table["customer_id"].combine_chunks(), value_set=shop.truth.customer_ids)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _moments(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(), dtype=np.int64)


def _numbers(table: pa.Table, name: str) -> Floats:
    return np.nan_to_num(table[name].to_numpy(zero_copy_only=False).astype(np.float64))


def _sums(shop: Retailer, who: Ints, values: np.ndarray) -> Floats:
    known = who >= 0
    return np.bincount(who[known], values[known], minlength=len(shop.truth.customer_ids)).astype(np.float64)
