"""What may be recommended to whom: rules that hold whatever a model scores, applied before lists are cut.

A rule that took items out of finished lists would leave short ones; here the next best takes the place.
"""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from scipy import sparse

from retention_lab.arrays import Bools, Floats, Ints
from retention_lab.errors import LabError
from retention_lab.recommend.rule_cut_loops import best_within_caps

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BusinessRules:
    """None: no such rule.

    least_stock: pieces that have to be there. least_margin: contribution of a piece as a share of its price.
    not_bought_days: who bought an item so recently is not offered it. per_category: items of one category in
    a list. showings, contacts: how often an item may have been shown to a customer, and how often the
    customer may have been contacted, in the last `window_days`, before it is enough. consent: only to
    customers who agreed.
    """

    least_stock: float | None = 1
    least_margin: float | None = None
    not_bought_days: float | None = None
    per_category: int | None = None
    showings: int | None = None
    contacts: int | None = None
    window_days: float = 7
    consent: bool = True

    def __post_init__(self) -> None:
        for key in ("per_category", "showings", "contacts"):
            value = getattr(self, key)
            if value is not None and value < 1:
                raise LabError(f"`{key}` is {value}.", "Set at least 1, or leave the rule out.", key=key)


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of the (items,) items; None: not known of any. NaN stock or margin: unknown, not offered.

    stock None: not tracked, which holds nothing back, as anything may be there. category: codes from 0, -1
    for items of none, which no cap counts.
    """

    count: int
    stock: Floats | None = None
    margin: Floats | None = None
    category: Ints | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """(n,) codes and the days since: purchases, showings, or contacts, which have no item."""

    user: Ints
    days_ago: Floats
    item: Ints | None = None


@dataclass(frozen=True, slots=True)
class People:
    """What is known of the (users,) customers. consent: None: not tracked, which allows everybody."""

    count: int
    consent: Bools | None = None
    bought: Events | None = None
    shown: Events | None = None
    contacted: Events | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """items: (items,) offered to anybody. users: (users,) who may be offered anything. pairs: (users, items),
    non-zero where an item is not offered to a user. category: (items,); cap: of one category, 0: none.
    """

    items: Bools
    users: Bools
    pairs: sparse.csr_array
    category: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cap: int = 0

    def matrix(self, users: Ints) -> Bools:
        """(len(users), items) whether each may be offered each item; the cap is not of single items."""
        open_to = np.outer(self.users[users], self.items)
        rows, items = self.pairs[users].nonzero()
        open_to[rows, items] = False
        return np.asarray(open_to, dtype=np.bool_)


def allowed(rules: BusinessRules, goods: Goods, people: People) -> Allowed:
    """What the rules leave.

    Raises LabError where a rule needs something that is not known.
    """
    items = np.ones(goods.count, dtype=np.bool_)
    if rules.least_stock is not None and goods.stock is not None:
        items &= goods.stock >= rules.least_stock
    if rules.least_margin is not None:
        items &= _known(goods.margin, "least_margin", "margin of the items") >= rules.least_margin
    users = np.ones(people.count, dtype=np.bool_)
    if rules.consent and people.consent is not None:
        users &= people.consent
    if rules.contacts is not None:
        contacts = _known(people.contacted, "contacts", "times at which customers were contacted")
        recent = contacts.user[contacts.days_ago < rules.window_days]
        users &= np.bincount(recent, minlength=people.count) < rules.contacts
    category = np.zeros(0, dtype=np.int64)
    if rules.per_category is not None:
        category = _known(goods.category, "per_category", "categories of the items")
    return Allowed(items, users, _pairs(rules, goods, people), category, rules.per_category or 0)


def lists_within_rules(
    scores: np.ndarray, left: Allowed, users: Ints, k: int, ties: Ints | None = None
) -> Ints:
    """(u, k) items of the highest scores that the rules leave, -1 after the last.

    scores: (u, items) of those users, NaN or minus infinity: not to be offered. ties: (items,) codes; of
    equal scores the item that stands first in it, None: the lower code.
    Exact in one pass: each list is a basis of a laminar matroid, which single exchanges keep best.
    Source: Gabow and Kohar (1992), SIAM Journal on Computing 21(1), doi:10.1137/0221016.
    Raises LabError where k is below 1, or the scores are not of these users and items.
    """
    if k < 1:
        raise LabError(f"Lists of {k} items were asked for.", "Ask for one at least.", key="k")
    if scores.shape != (len(users), len(left.items)):
        raise LabError(
            f"Scores of {scores.shape} are not of {len(users)} users and {len(left.items)} items.",
            "Score every item for each of them.",
        )
    rank = np.arange(len(left.items), dtype=np.int64)
    if ties is not None:
        rank[ties] = np.arange(len(ties), dtype=np.int64)
    pairs = left.pairs[users]
    lists = np.full((len(users), k), -1, dtype=np.int64)
    best_within_caps(
        scores,
        rank,
        left.items,
        left.users[users],
        pairs.indptr,
        pairs.indices,
        left.category,
        left.cap,
        lists,
    )
    return lists


def _pairs(rules: BusinessRules, goods: Goods, people: People) -> sparse.csr_array:
    """(users, items) what a customer bought too recently, or was shown often enough."""
    shape = (people.count, goods.count)
    closed = np.zeros(0, dtype=np.int64)
    if rules.not_bought_days is not None:
        bought = _known(people.bought, "not_bought_days", "times of purchases")
        closed = _keys(bought, bought.days_ago < rules.not_bought_days, goods.count)
    if rules.showings is not None:
        shown = _known(people.shown, "showings", "times at which items were shown")
        keys, counts = np.unique(
            _keys(shown, shown.days_ago < rules.window_days, goods.count), return_counts=True
        )
        closed = np.concatenate([closed, keys[counts >= rules.showings]])
    closed = np.unique(closed)
    return sparse.csr_array((np.ones(len(closed)), np.divmod(closed, goods.count)), shape=shape)


def _keys(events: Events, chosen: Bools, items: int) -> Ints:
    item = _known(events.item, "item", "item of each event")
    return np.asarray(events.user[chosen] * items + item[chosen], dtype=np.int64)


def _known(value: _T | None, key: str, what: str) -> _T:
    if value is None:
        raise LabError(
            f"`{key}` cannot be kept, as the {what} is not known: nothing would be held back.",
            "Provide it, or leave the rule out.",
            key=key,
        )
    return value
