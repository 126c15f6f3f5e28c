"""What the rules of a shop leave of what a recommender could offer to the customers of a history."""

from dataclasses import replace

from scipy import sparse

from retention_lab.arrays import Bools
from retention_lab.recommend.business_rules import Allowed, BusinessRules, Events, Goods, People, allowed
from retention_lab.recommend.interactions import Interactions


def within_rules(
    rules: BusinessRules,
    goods: Goods,
    history: Interactions,
    offered: Bools,
    people: People | None = None,
    now: float | None = None,
) -> Allowed:
    """What may be offered to the users of a history over these goods.

    offered: (items,) what the model may show at all. What a user has had never comes again, unless
    `not_bought_days` says after how long it may. people: what is known of the users beyond their purchases,
    which are the history's; None: nothing. now: day since 1970 from which days are counted back; None: the
    history's last.
    Raises LabError where a rule needs something that is not known.
    """
    known = People(history.user_count) if people is None else people
    if rules.not_bought_days is not None:
        known = replace(known, bought=_purchases(history, now))
    left = allowed(rules, goods, known)
    closed = left.pairs
    if rules.not_bought_days is None:
        closed = sparse.csr_array(closed + sparse.csr_array(history.seen()))
    return replace(left, items=left.items & offered, pairs=closed)


def _purchases(history: Interactions, now: float | None) -> Events:
    time = history.timed()
    last = now if now is not None else float(time.max()) if len(time) else 0.0
    return Events(history.user, last - time, history.item)
