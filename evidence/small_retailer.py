"""One campaign at a small simulated retailer, from past campaigns to measured rows, in half a second."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from retention_lab.arrays import Floats, Ints
from retention_lab.simulate import Retailer, respond, retailer
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.draw import Draw, draw, scale_exploration
from retention_lab.targeting.incremental import CampaignRows
from retention_lab.targeting.value import expected_cost, net_value

DAY = 86_400_000_000  # microseconds
HORIZON_DAYS = 30
BUDGET_PER_HEAD = 0.2
EXPLORATION = 0.1
RIDGE = 30.0


@dataclass(frozen=True, slots=True)
class Played:
    """The rows that a campaign left, and what it was truly worth in expectation, as drawn."""

    rows: CampaignRows
    true_profit: float


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines of known customers, (m,) each: customer position, microseconds, money, order number."""

    customer: Ints
    at: Ints
    contribution: Floats
    order: Ints


def campaign(customers: int, holdout: float, seed: int) -> Played:
    """Learn from past campaigns, choose under the budget, draw, let the customers live, collect the rows."""
    shop = retailer(customers, seed)
    before = order_lines(shop.tables["transactions"], shop)
    now = int(shop.as_of.timestamp()) * 1_000_000
    eligible = _eligible(shop, now)
    now_features = features(before, now, customers)[eligible]
    effect, redemption = _effects(shop, before, now_features)
    offers = shop.tables["offers"]
    contact, redeemed = (
        offers[name].to_numpy(zero_copy_only=False).astype(float)
        for name in ("cost_per_contact", "cost_per_redemption")
    )
    cost = expected_cost(redemption, contact, redeemed)
    value = net_value(effect, redemption, contact, redeemed)
    budget = BUDGET_PER_HEAD * len(eligible)
    choice = allocate(value, cost, budget).arm
    feasible = np.ones(value.shape, dtype=np.bool_)
    scaled = scale_exploration(choice, feasible, cost, (holdout, EXPLORATION), budget)
    ids = shop.truth.customer_ids.take(pa.array(eligible))
    drawn = draw(ids.to_pylist(), choice, feasible, scaled.roles, f"evidence/{seed}")
    return _live(shop, eligible, drawn, now_features, np.append(0.0, contact), np.append(0.0, redeemed))


def order_lines(table: pa.Table, shop: Retailer) -> Lines:
    """Lines of known customers, each once; where the contribution is missing, a share of what was paid."""
    table = table.group_by(table.column_names).aggregate([])
    known = pc.index_in(table["customer_id"].combine_chunks(), value_set=shop.truth.customer_ids)
    table = table.filter(known.is_valid())
    customer = known.drop_null().to_numpy().astype(np.int64)
    amount, contribution = (
        table[name].to_numpy(zero_copy_only=False).astype(float) for name in ("amount", "contribution")
    )
    contribution = np.where(np.isnan(contribution), 0.35 * np.nan_to_num(amount), contribution)
    at = table["ordered_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    order = np.unique(table["order_id"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    return Lines(customer, at, contribution, np.asarray(order, dtype=np.int64))


def totals(lines: Lines, start: int, end: int, customers: int) -> Floats:
    """(n,) contribution in [start, end)."""
    inside = (lines.at >= start) & (lines.at < end)
    return np.bincount(lines.customer[inside], lines.contribution[inside], customers)


def features(lines: Lines, at: int, customers: int) -> Floats:
    """(n, 6) what was known at an instant: contribution, lines and recency, over several spans."""
    past = lines.at < at
    last = np.full(customers, at - 720 * DAY)
    np.maximum.at(last, lines.customer[past], lines.at[past])
    spans = [totals(lines, at - days * DAY, at, customers) for days in (30, 90, 720)]
    counts = [
        np.bincount(lines.customer[past & (lines.at >= at - days * DAY)], minlength=customers)
        for days in (90, 720)
    ]
    money = [np.sign(span) * np.log1p(np.abs(span)) for span in spans]
    return np.column_stack([*money, *np.log1p(counts), np.log1p((at - last) / DAY)])


def _eligible(shop: Retailer, now: int) -> Ints:
    table = shop.tables["customers"]
    table = table.filter(pc.is_valid(table["customer_id"]))
    young = (
        table["signup_at"].cast(pa.timestamp("us")).cast(pa.int64()).fill_null(now).to_numpy()
        > now - 30 * DAY
    )
    agreed = table["consent_email"].fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
    ids = table["customer_id"].combine_chunks().filter(pa.array(agreed & ~young))
    found = pc.index_in(ids, value_set=shop.truth.customer_ids).drop_null().to_numpy()
    return np.unique(found).astype(np.int64)


def _effects(shop: Retailer, lines: Lines, wanted: Floats) -> tuple[Floats, Floats]:
    """(n, K) effects on contribution and redemption probabilities, learnt from the past campaigns."""
    assigned = shop.tables["assignments"]
    assigned = assigned.filter(pc.is_valid(assigned["propensity"]))
    customer = pc.index_in(assigned["customer_id"].combine_chunks(), value_set=shop.truth.customer_ids)
    arm = pc.index_in(assigned["arm"].combine_chunks(), value_set=pa.array(shop.truth.arms)).to_numpy()
    at = assigned["assigned_at"].cast(pa.int64()).to_numpy()
    who, offers, people = (
        customer.to_numpy().astype(np.int64),
        len(shop.truth.arms) - 1,
        len(shop.truth.customer_ids),
    )
    x, y = np.empty((len(who), wanted.shape[1])), np.empty(len(who))
    for instant in np.unique(at):
        rows = at == instant
        x[rows] = features(lines, int(instant), people)[who[rows]]
        y[rows] = totals(lines, int(instant), int(instant) + HORIZON_DAYS * DAY, people)[who[rows]]
    centre, scale = x.mean(axis=0), x.std(axis=0)
    design = _design((x - centre) / scale, arm, offers)
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    beta = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ y)
    z = np.column_stack([np.ones(len(wanted)), (wanted - centre) / scale])
    effect = z @ beta[z.shape[1] :].reshape(offers, z.shape[1]).T
    redeemed = shop.tables["redemptions"].group_by("offer_id").aggregate([([], "count_all")]).to_pylist()
    counts = {row["offer_id"]: row["count_all"] for row in redeemed}
    sent = np.bincount(arm, minlength=offers + 1)[1:].clip(1)
    rate = np.array([counts.get(name, 0) for name in shop.truth.arms[1:]]) / sent
    return effect, np.tile(rate.clip(0, 1), (len(wanted), 1))


def _design(x: Floats, arm: Ints, offers: int) -> Floats:
    """Intercept and features, then the same again for each offer, zero where another arm was drawn."""
    base = np.column_stack([np.ones(len(x)), x])
    return np.hstack([base, *[base * (arm == k)[:, None] for k in range(1, offers + 1)]])


def _live(shop: Retailer, who: Ints, drawn: Draw, known: Floats, contact: Floats, redeemed: Floats) -> Played:
    arms = np.array(shop.truth.arms)
    ids = shop.truth.customer_ids.take(pa.array(who))
    launch = pa.table({"customer_id": ids, "arm": pa.array(arms[drawn.arm])})
    after = respond(shop, launch, shop.as_of, HORIZON_DAYS, shop.seed)
    start = int(shop.as_of.timestamp()) * 1_000_000
    lines = order_lines(after.tables["transactions"], shop)
    contribution = totals(lines, start, start + HORIZON_DAYS * DAY, len(shop.truth.customer_ids))[who]
    used = pc.is_in(ids, value_set=after.tables["redemptions"]["customer_id"].combine_chunks())
    cost = redeemed[drawn.arm] * used.to_numpy(zero_copy_only=False)
    rows = CampaignRows(
        drawn.arm, drawn.intended, drawn.role, drawn.propensity, contribution, cost, contact[drawn.arm], known
    )
    profit = after.expected.expected_profit[who]
    truth = float((profit[np.arange(len(who)), drawn.arm] - profit[:, 0]).sum())
    return Played(rows, truth)
