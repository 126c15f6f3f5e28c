"""Allocation of a million customers and five offers, the whole budget curve, and scipy's HiGHS beside it."""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix, vstack

from retention_lab.arrays import Floats
from retention_lab.targeting.allocate import allocate
from retention_lab.targeting.allocate_within import allocate_within
from retention_lab.targeting.budget_curve import HeldOutRows, curve_band
from retention_lab.targeting.draw import roles
from retention_lab.targeting.limits import LeastShares, Limits, MoneyCap, channel_caps, stock_caps

TITLE = "Allocation under a budget and limits"
NOTE = (
    "User and system CPU time of one thread: medians after one run that is not counted. Five offers; values "
    "and costs vary by customer and offer. The limits: a discount budget, stock of two offers, a cap on the "
    "contacts of two, least shares of three groups. The bound is that of the linear programme: its dual "
    "value at the prices found, never below its optimum. HiGHS solves the linear programme itself, with "
    "fractions of offers, once."
)
OFFERS = 5
MANY, FEW = 1_000_000, 20_000
A_HEAD = {MANY: (0.1, 0.2, 0.5), FEW: (0.2,)}  # budgets, money per customer
_RUNS = 3


def table() -> list[list[str]]:
    """Rows of what, CPU seconds, share of the bound, runs; the first row is the head."""
    rows = [["what", "CPU s", "share of the LP's bound", "runs"]]
    for customers, budgets in A_HEAD.items():
        value, cost, limits = problem(customers, 1)
        for a_head in budgets:
            budget = a_head * customers
            said = f"{customers:,} customers, budget {budget:,.0f}"
            alone = partial(allocate, value, cost, budget)
            found = alone()
            bound = budget_bound(value, cost, budget, found.dual_price)
            rows.append([f"{said}, alone", *_row(alone, found.gain / bound)])
            within = partial(allocate_within, value, cost, budget, limits)
            rows.append([f"{said}, all limits", *_row(within, within().share_of_bound)])
            if customers == FEW:
                rows.append([f"{said}, alone: HiGHS", *_highs(value, cost, budget, Limits(), bound)])
                rows.append(
                    [f"{said}, all limits: HiGHS", *_highs(value, cost, budget, limits, within().bound)]
                )
    seconds = _seconds(partial(curve_band, _held_out(), np.linspace(0, 0.6 * MANY, 12), MANY))
    return [*rows, [f"12 budgets on {MANY:,} held-out rows, with the band", f"{seconds:.2f}", "", str(_RUNS)]]


def problem(customers: int, seed: int) -> tuple[Floats, Floats, Limits]:
    """Values, costs and limits in which every limit binds at some budget."""
    rng = np.random.default_rng(seed)
    shape = (customers, OFFERS)
    cost = np.array([0.1, 0.5, 1.0, 2.0, 4.0]) * rng.uniform(0.5, 1.5, shape)
    value = rng.gamma(1.0, 1.0, (customers, 1)) * rng.normal(0.6, 1, shape) * np.sqrt(cost) - 0.4 * cost
    group = rng.choice(3, customers, p=[0.6, 0.3, 0.1])
    stock = stock_caps(["a", "b", "c", "d", "e"], [None, 0.03 * customers, None, None, 0.01 * customers])
    sms = channel_caps(["sms", "post", "sms", "post", "post"], {"sms": 0.12 * customers})
    discount = MoneyCap("discount", cost * rng.uniform(0.2, 1, shape), 0.08 * customers)
    least = LeastShares(group, ("most", "some", "few"), np.array([0.1, 0.25, 0.4]))
    return value, cost, Limits((discount,), (*stock, *sms), least)


def budget_bound(value: Floats, cost: Floats, budget: float, price: float) -> float:
    """The linear programme's bound under a budget alone, at a price of money."""
    return float(price * budget + np.maximum((value - price * cost).max(axis=1), 0.0).sum())


def _held_out() -> HeldOutRows:
    value, cost, _ = problem(MANY, 2)
    rng = np.random.default_rng(3)
    scores = np.column_stack([np.zeros(MANY), value]) + rng.normal(0, 3, (MANY, OFFERS + 1))
    feasible = np.ones(value.shape, dtype=np.bool_)
    return HeldOutRows(value, cost, scores, roles=roles(feasible, 0.1, 0.1), feasible=feasible)


def _row(run: Callable[[], object], share: float) -> list[str]:
    return [f"{_seconds(run):.2f}", f"{share:.6f}", str(_RUNS)]


def _seconds(run: Callable[[], object]) -> float:
    found = []
    for _ in range(_RUNS + 1):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return statistics.median(found[1:])


def _highs(value: Floats, cost: Floats, budget: float, limits: Limits, bound: float) -> list[str]:
    start = time.process_time()
    best = linear_programme(value, cost, budget, limits)
    return [f"{time.process_time() - start:.2f}", f"{best / bound:.6f}", "1"]


def linear_programme(value: Floats, cost: Floats, budget: float, limits: Limits) -> float:
    """The largest value with fractions of offers, by HiGHS."""
    rows, offers = value.shape
    owner, kind = np.repeat(np.arange(rows), offers), np.tile(np.arange(1, offers + 1), rows)
    lines, most = [cost.ravel()], [budget]
    for money in limits.money:
        lines.append(money.amount.ravel())
        most.append(money.most)
    for cap in limits.counts:
        lines.append(np.isin(kind, cap.offers).astype(float))
        most.append(float(np.floor(cap.most)))
    if limits.least is not None:
        for g, least in enumerate(limits.least.count):
            lines.append(-(limits.least.group[owner] == g).astype(float))
            most.append(-float(least))
    one_each = coo_matrix((np.ones(rows * offers), (owner, np.arange(rows * offers))))
    found = linprog(
        -value.ravel(),
        A_ub=vstack([csr_matrix(np.array(lines)), one_each]),
        b_ub=np.append(most, np.ones(rows)),
        bounds=(0, None),
        method="highs",
    )
    if not found.success:
        raise SystemExit(f"HiGHS: {found.message}")
    return float(-found.fun)
