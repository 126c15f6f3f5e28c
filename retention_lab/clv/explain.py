"""Why a customer's forecast is what it is: how often, how lately, for how long and for how much they bought.

A forecast is taken apart into the facts that every such model reads. Each fact's part is its Shapley value:
what it changes on average, over all orders in which the customer's facts can take the place of another
customer's, and over customers from all ranks. Facts depend on each other (nobody's last purchase is older
than the first), so what cannot be together is brought to the nearest history that can.

Source: Shapley (1953), Contributions to the Theory of Games II; against other customers' values, Lundberg
and Lee (2017), NeurIPS, arXiv:1705.07874.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import comb

import numpy as np

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.clv.history import History, Scale
from retention_lab.clv.purchase_days import PurchaseDays
from retention_lab.clv.scorer import ClvScorer

FACTS = ("repeats", "idle_days", "tenure_days", "value")
RHYTHM = "rhythm"  # what is left: how the purchases were spread over the time, and large and small ones
WAITS = (30, 90)  # days without an order that are looked at
_OTHERS = 100  # customers whose facts stand in


@dataclass(frozen=True, slots=True)
class Outlook:
    """Over the scorer's horizon; clv is discounted, and None where amounts are not known."""

    expected_purchases: float
    probability_alive: float
    clv: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one fact adds to each forecast. value: the customer's; typical: everybody's median; both None for
    the rhythm, which is no one number."""

    fact: str
    value: float | None
    typical: float | None
    adds: Outlook


@dataclass(frozen=True, slots=True)
class Change:
    """What the forecasts would be after something happened; what: `order` or `no_order`, `days` from now."""

    what: str
    days: int
    then: Outlook


@dataclass(frozen=True, slots=True)
class ClvReasons:
    """now: as scored. base: the mean over customers from all ranks; with the parts it sums to `now`."""

    now: Outlook
    base: Outlook
    parts: tuple[Part, ...]
    changes: tuple[Change, ...]


def explain(scorer: ClvScorer, days: PurchaseDays, last: int, place: int) -> ClvReasons:
    """Why the customer at that place of `days.ids` is forecast so at the end of day `last`.

    All of `days` is known by then. repeats: purchases after the first; idle_days, tenure_days: since the last
    and the first; value: mean of a purchase.
    """
    everybody = scorer.history(days, last)
    clock = _Clock(last, scorer.scale(everybody))
    own, facts = _only(days, place), facts_of(days, last)
    now = _outlooks(scorer, scorer.history(own, last, clock.scale))[0]
    used = len(FACTS) if scorer.spending is not None else len(FACTS) - 1
    others = facts[_from_all_ranks(scorer.expected_purchases(everybody))]
    base, adds = _shapley(scorer, facts[place], others, used, clock)
    left = now - base - adds.sum(axis=0)
    typical = np.median(facts, axis=0)
    parts = [
        Part(FACTS[i], float(facts[place, i]), float(typical[i]), _outlook(adds[i])) for i in range(used)
    ]
    return ClvReasons(
        now=_outlook(now),
        base=_outlook(base),
        parts=(*parts, Part(RHYTHM, None, None, _outlook(left))),
        changes=_changes(scorer, own, clock, float(facts[place, 3])),
    )


def facts_of(days: PurchaseDays, last: int) -> Floats:
    """(customers, 4) facts as `FACTS` names them, as of the end of day `last`.

    >>> log = PurchaseDays(np.array(["a"]), np.zeros(2, int), np.array([3, 8]), np.array([5.0, 7.0]))
    >>> facts_of(log, 10).tolist()
    [[1.0, 2.0, 7.0, 6.0]]
    """
    starts = np.flatnonzero(np.diff(days.customer, prepend=-1))
    ends = np.append(starts[1:], len(days)) - 1
    value = np.add.reduceat(days.value, starts) / (ends - starts + 1)
    return np.column_stack([ends - starts, last - days.day[ends], last - days.day[starts], value])


def even_log(facts: Floats, last: int) -> PurchaseDays:
    """Purchase days of (m,) customers with (m, 4) such facts: evenly spread, and each of the mean value.

    More repeats than days become one a day; a last purchase before the first moves to where there is room.

    >>> even_log(np.array([[2.0, 1.0, 5.0, 9.0]]), 10).day.tolist()
    [5, 7, 9]
    """
    repeats, idle, tenure = np.rint(facts[:, :3]).astype(np.int64).T
    repeats = np.minimum(repeats, tenure)
    span = tenure - np.where(repeats > 0, np.minimum(idle, tenure - repeats), tenure)
    who = np.repeat(np.arange(len(facts)), repeats + 1)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(repeats + 1) - repeats - 1, repeats + 1)
    day: Ints = last - tenure[who] + nth * span[who] // np.maximum(repeats, 1)[who]
    return PurchaseDays(np.arange(len(facts)).astype(str), who, day, facts[who, 3])


@dataclass(frozen=True, slots=True)
class _Clock:
    """last: the day at whose end it is now; scale: of the whole log by then."""

    last: int
    scale: Scale


def _shapley(
    scorer: ClvScorer, own: Floats, others: Floats, used: int, clock: _Clock
) -> tuple[Floats, Floats]:
    """(3,) mean over the others, and (used, 3) what each of the customer's own facts adds."""
    groups = np.array(list(product((False, True), repeat=used)))
    taken: Bools = np.ones((len(groups), len(own)), dtype=np.bool_)
    taken[:, :used] = groups
    mixed = np.where(taken[:, None, :], own, others[None, :, :]).reshape(-1, len(own))
    history = scorer.history(even_log(mixed, clock.last), clock.last, clock.scale)
    worth = _outlooks(scorer, history).reshape(len(groups), len(others), -1).mean(axis=1)
    number = {tuple(group): k for k, group in enumerate(groups.tolist())}
    adds = np.zeros((used, worth.shape[1]))
    for group, k in number.items():
        for i in np.flatnonzero(~groups[k]):
            joined = number[(*group[:i], True, *group[i + 1 :])]
            size = int(groups[k].sum())
            adds[i] += (worth[joined] - worth[k]) / (used * comb(used - 1, size))
    return worth[0], adds


def _changes(scorer: ClvScorer, own: PurchaseDays, clock: _Clock, value: float) -> tuple[Change, ...]:
    """An order on the next day, of the customer's mean value; or none for so many days."""
    ordered = PurchaseDays(
        own.ids, np.append(own.customer, 0), np.append(own.day, clock.last + 1), np.append(own.value, value)
    )
    cases = [("order", 1, ordered), *(("no_order", wait, own) for wait in WAITS)]
    found = []
    for what, ahead, days in cases:
        later = replace(clock.scale, span=clock.scale.span + ahead / scorer.unit_days)
        history = scorer.history(days, clock.last + ahead, later)
        found.append(Change(what, ahead, _outlook(_outlooks(scorer, history)[0])))
    return tuple(found)


def _from_all_ranks(forecast: Floats) -> Ints:
    """Places of customers at even ranks of the forecast."""
    order = np.argsort(forecast, kind="stable")
    count = min(len(order), _OTHERS)
    return order[((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)]


def _only(days: PurchaseDays, place: int) -> PurchaseDays:
    rows = days.customer == place
    return PurchaseDays(
        days.ids[place : place + 1],
        np.zeros(int(rows.sum()), dtype=np.int64),
        days.day[rows],
        days.value[rows],
    )


def _outlooks(scorer: ClvScorer, history: History) -> Floats:
    """(n, 3) expected purchases, chance to be a customer still, and value; (n, 2) without amounts."""
    columns = [scorer.expected_purchases(history), scorer.probability_alive(history)]
    if scorer.spending is not None:
        columns.append(scorer.lifetime_value(history))
    return np.column_stack(columns)


def _outlook(row: Floats) -> Outlook:
    return Outlook(float(row[0]), float(row[1]), float(row[2]) if len(row) > 2 else None)
