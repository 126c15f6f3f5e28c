"""`lab customers loyalty`: how often, how much, how long, how content; who returns; the way to an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats
from retention_lab.customers.funnel import Funnel, funnel, funnels_by
from retention_lab.customers.groups import by_group
from retention_lab.customers.loyalty import MEANINGS, LoyaltyRows, loyalty, loyalty_json
from retention_lab.data.connect import Tables
from retention_lab.data.customer_view import funnel_channels, funnel_steps, order_windows, referrals
from retention_lab.data.write import write_table
from retention_lab.estimate import Estimate
from retention_lab.workflows.customer_state import CustomerState, customer_groups, customer_state, flags
from retention_lab.workflows.project import Lab

USUAL_WINDOW = 90
USUAL_GROUPS = "lifecycle"
EVERYBODY = "all"
CHANNEL = "channel_used"


@dataclass(frozen=True, slots=True)
class GroupLoyalty:
    """The metrics of a group. level: None is everybody, or those who are in no group."""

    group: str
    level: str | None
    customers: int
    metrics: dict[str, Estimate | str]


@dataclass(frozen=True, slots=True)
class GroupFunnel:
    """The funnel of a group; of those alone who viewed, filled a cart or ordered in the window."""

    group: str
    level: str | None
    funnel: Funnel


@dataclass(frozen=True, slots=True)
class LoyaltyView:
    """groups: everybody first. funnels: likewise, then by channel; empty where events are not recorded."""

    state: CustomerState
    by: str
    window_days: int
    rows: LoyaltyRows
    groups: tuple[GroupLoyalty, ...]
    funnels: tuple[GroupFunnel, ...]

    def table(self) -> pa.Table:
        """One row per customer: the metrics of each."""
        found = {
            "orders": self.rows.orders,
            "orders_365": self.rows.orders_365,
            "mean_order_value": self.rows.order_value,
            "revenue_365": self.rows.revenue_365,
            "duration_days": self.rows.duration_days,
            "mean_score": self.rows.score,
            "referrals": self.rows.referrals,
            "ordered_before": self.rows.before,
            "ordered_now": self.rows.now,
        }
        columns = {name: pa.array(x, from_pandas=True) for name, x in found.items() if x is not None}
        return pa.table({"customer_id": self.state.rows.column("customer_id"), **columns})

    def as_json(self) -> dict[str, Any]:
        """The document of the contract: a row per group, and the funnels."""
        return {
            "as_of": self.state.as_of.isoformat(),
            "window_days": self.window_days,
            "by": self.by,
            "rows": [
                {
                    "group": one.group,
                    "level": one.level,
                    "customers": one.customers,
                    **loyalty_json(one.metrics),
                }
                for one in self.groups
            ],
            "funnel": [
                {"group": one.group, "level": one.level, **one.funnel.as_json()} for one in self.funnels
            ],
            "meanings": dict(MEANINGS),
        }


def customer_loyalty(
    lab: Lab,
    as_of: datetime | None = None,
    *,
    by: str = USUAL_GROUPS,
    window_days: int = USUAL_WINDOW,
    out: Path | None = None,
) -> LoyaltyView:
    """Loyalty at a date, of everybody and by group; `out` gets a row per customer.

    window_days: of the retention rate (two such windows) and of the funnel.
    """
    with lab.open_tables() as tables:
        state = customer_state(lab, tables, as_of)
        view = loyalty_view(tables, state, by, customer_groups(lab, state, by), window_days)
    if out is not None:
        write_table(out, view.table())
    return view


def loyalty_view(
    tables: Tables, state: CustomerState, by: str, groups: Sequence[str | None], window_days: int
) -> LoyaltyView:
    """Loyalty of customers whose state is at hand; groups: (n,) of each."""
    rows = loyalty_rows(tables, state, window_days)
    found = [GroupLoyalty(EVERYBODY, None, len(rows), loyalty(rows))]
    found += [
        GroupLoyalty(by, level, int(inside.sum()), loyalty(rows.rows(inside)))
        for level, inside in by_group(groups)
    ]
    return LoyaltyView(
        state, by, window_days, rows, tuple(found), tuple(_funnels(tables, state, by, groups, window_days))
    )


def loyalty_rows(tables: Tables, state: CustomerState, window_days: int) -> LoyaltyRows:
    """What loyalty is told from, of every customer."""
    windows = order_windows(tables, state.as_of, window_days)
    place = _place(state, windows.column("customer_id"))
    brought = referrals(tables, state.as_of)
    orders = state.number("orders")
    referred = state.numbers("referred")
    return LoyaltyRows(
        orders=orders,
        orders_365=state.number("orders_365"),
        order_value=state.number("mean_order_value"),
        revenue_365=state.number("revenue_365"),
        duration_days=np.where(orders == 1, 0.0, state.number("mean_gap_days") * (orders - 1)),
        before=_there(flags(windows, "before"), place),
        now=_there(flags(windows, "now"), place),
        score=state.numbers("mean_score"),
        referrals=None if brought is None else _counts(brought, state),
        referred=None if referred is None else np.asarray(referred == 1),
    )


def _funnels(
    tables: Tables, state: CustomerState, by: str, groups: Sequence[str | None], window_days: int
) -> list[GroupFunnel]:
    steps = funnel_steps(tables, state.as_of, window_days)
    if steps is None:
        return []
    viewed, carted, ordered = (flags(steps, name) for name in ("viewed", "carted", "ordered"))
    place = pc.index_in(steps.column("customer_id"), value_set=state.rows.column("customer_id")).to_pylist()
    # whoever looks around without having registered or ordered has events and no row in the snapshot
    own = [None if i is None else groups[i] for i in place]
    found = [GroupFunnel(EVERYBODY, None, funnel(viewed, carted, ordered))]
    found += [GroupFunnel(by, level, one) for level, one in funnels_by(own, viewed, carted, ordered).items()]
    channels = funnel_channels(tables, state.as_of, window_days)
    if channels is not None:
        taken = [flags(channels, name) for name in ("viewed", "carted", "ordered")]
        by_channel = funnels_by(channels.column("channel").to_pylist(), *taken)
        found += [GroupFunnel(CHANNEL, level, one) for level, one in by_channel.items()]
    return found


def _place(state: CustomerState, ids: pa.ChunkedArray) -> np.ndarray:
    """(n,) where each customer stands in `ids`, -1 for nowhere."""
    found = pc.index_in(state.rows.column("customer_id"), value_set=ids)
    return np.asarray(pc.fill_null(found, -1).to_numpy(), dtype=np.int64)


def _there(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Values where each customer stands; false for those who are not there."""
    return np.asarray(np.append(values, False)[place], dtype=bool)


def _counts(brought: pa.Table, state: CustomerState) -> Floats:
    counts = np.append(brought.column("referrals").to_numpy(), 0)
    return np.asarray(counts[_place(state, brought.column("customer_id"))], dtype=np.float64)
