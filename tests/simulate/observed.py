"""Simulated tables as arrays, for tests: outcomes of past campaigns, and features to learn from."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats, Ints
from retention_lab.simulate import Retailer
from retention_lab.simulate.offers import ARMS, TERMS

DAY = 86_400_000_000
FEATURES = (
    "age", "region", "channel", "tier", "tenure", "recency", "lines_365", "lines_90", "lines_30", "revenue",
    "discount_share", "mean_line", "lines", "events_30",
)  # fmt: skip
CATEGORICAL = (1, 2)


@dataclass(frozen=True)
class Rows:
    """Customers of the randomised campaigns: index, arm, features, and what they brought in 30 days."""

    customer: Ints
    arm: Ints
    features: Floats
    contribution: Floats
    redeemed: Floats
    propensity: Floats
    expected_contribution: Floats
    expected_redemptions: Floats

    @property
    def profit(self) -> Floats:
        return (
            self.contribution - TERMS.contact_cost[self.arm] - TERMS.redemption_cost[self.arm] * self.redeemed
        )


def distinct(table: pa.Table) -> pa.Table:
    return table.group_by(table.column_names, use_threads=False).aggregate([])


def index_of(retailer: Retailer, ids: pa.ChunkedArray) -> Ints:
    """Position of each customer in the truth's arrays, -1 for none."""
    found = pc.index_in(ids.combine_chunks(), value_set=retailer.truth.customer_ids)
    return np.asarray(found.fill_null(-1), dtype=np.int64)


def moments(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.int64()), dtype=np.int64)


def totals(retailer: Retailer, lines: pa.Table, start: int, end: int, name: str) -> Floats:
    """(n,) sum of a money column over [start, end), guests and duplicates left out."""
    at, customer = moments(lines["ordered_at"]), index_of(retailer, lines["customer_id"])
    inside = (at >= start) & (at < end) & (customer >= 0)
    return np.bincount(
        customer[inside], lines[name].to_numpy()[inside], minlength=len(retailer.truth.customer_ids)
    )


def campaign_rows(retailer: Retailer) -> Rows:
    lines = distinct(retailer.tables["transactions"])
    parts = [
        _one_campaign(retailer, lines, name)
        for name in retailer.truth.campaigns
        if name.startswith("exploration")
    ]
    return Rows(*(np.concatenate([getattr(part, f) for part in parts]) for f in Rows.__dataclass_fields__))


def _one_campaign(retailer: Retailer, lines: pa.Table, name: str) -> Rows:
    assigned = retailer.tables["assignments"].filter(pc.field("experiment") == name)
    redeemed = retailer.tables["redemptions"].filter(pc.field("experiment") == name)
    n = len(retailer.truth.customer_ids)
    customer = index_of(retailer, assigned["customer_id"])
    arm = np.asarray(pc.index_in(assigned["arm"].combine_chunks(), value_set=pa.array(ARMS)), dtype=np.int64)
    at = int(moments(assigned["assigned_at"])[0])
    expected = retailer.truth.campaigns[name].expected
    return Rows(
        customer,
        arm,
        features_at(retailer, lines, at)[customer],
        totals(retailer, lines, at, at + 30 * DAY, "contribution")[customer],
        np.bincount(index_of(retailer, redeemed["customer_id"]), minlength=n)[customer].astype(np.float64),
        assigned["propensity"].to_numpy(),
        expected.contribution[np.arange(len(arm)), arm],
        expected.redemptions[np.arange(len(arm)), arm],
    )


def features_at(retailer: Retailer, lines: pa.Table, at: int) -> Floats:
    """(n, d) in the order of FEATURES, from rows strictly before `at`."""
    register, n = retailer.tables["customers"], len(retailer.truth.customer_ids)
    when, customer = moments(lines["ordered_at"]), index_of(retailer, lines["customer_id"])
    amount, off = lines["amount"].to_numpy(), lines["discount"].to_numpy()
    known = (when < at) & (customer >= 0)
    bought = known & (amount > 0)
    last = np.full(n, np.nan)
    newest = np.argsort(when[bought], kind="stable")
    last[customer[bought][newest]] = when[bought][newest]
    revenue = np.bincount(customer[known], amount[known], minlength=n)
    discount = np.bincount(customer[known], off[known], minlength=n)
    lines_in = [
        np.bincount(customer[bought & (when >= at - days * DAY)], minlength=n)
        for days in (365, 90, 30, 10_000)
    ]
    events = retailer.tables["events"]
    seen = moments(events["at"])
    recent = (seen < at) & (seen >= at - 30 * DAY)
    visits = np.bincount(index_of(retailer, events["customer_id"])[recent], minlength=n)
    return np.column_stack(
        [
            2026 - register["birth_year"].cast(pa.float64()).to_numpy(),
            *(_codes(register[name]) for name in ("region", "channel", "tier")),
            (at - moments(register["signup_at"])) / DAY,
            (at - last) / DAY,
            *lines_in[:3],
            revenue,
            discount / np.maximum(revenue + discount, 1),
            revenue / np.maximum(lines_in[3], 1),
            lines_in[3],
            visits,
        ]
    )


def _codes(column: pa.ChunkedArray) -> Floats:
    levels = pa.array(sorted(value for value in pc.unique(column).to_pylist() if value is not None))
    codes = pc.index_in(column.combine_chunks(), value_set=levels, skip_nulls=True)
    return np.asarray(codes.cast(pa.float64()).to_numpy(zero_copy_only=False))
