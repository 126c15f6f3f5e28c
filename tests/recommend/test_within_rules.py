import numpy as np

from retention_lab.recommend.business_rules import BusinessRules, Goods
from retention_lab.recommend.interactions import Interactions
from retention_lab.recommend.lists import recommend_lists
from retention_lab.recommend.popular import fit_popular
from retention_lab.recommend.within_rules import within_rules
from tests.recommend.tastes import tastes

NO_RULE = BusinessRules(None, consent=False)


def bought(*days: float) -> Interactions:
    """One user who bought item 0 at those days; there are three items."""
    count = len(days)
    zeros = np.zeros(count, dtype=np.int64)
    return Interactions(zeros, zeros, np.array(days), np.ones(count), ("u",), ("a", "b", "c"))


def test_without_a_rule_lists_are_those_of_unseen_items() -> None:
    data = tastes()
    model, ties, offered = fit_popular(data), np.arange(data.item_count), np.arange(data.item_count) % 3 > 0
    left = within_rules(NO_RULE, Goods(data.item_count), data, offered)
    free, ruled = (recommend_lists(model, data, ties, 6, one) for one in (offered, left))
    np.testing.assert_array_equal(free.item, ruled.item)
    np.testing.assert_array_equal(free.score, ruled.score)


def test_what_was_bought_comes_again_when_its_days_have_passed_and_not_before() -> None:
    rules = BusinessRules(None, not_bought_days=30, consent=False)
    offered = np.ones(3, dtype=np.bool_)

    def may(history: Interactions, now: float | None = None) -> list[bool]:
        return list(within_rules(rules, Goods(3), history, offered, now=now).matrix(np.array([0]))[0])

    assert may(bought(0.0), 30.0) == [True, True, True]
    assert may(bought(0.0), 29.9) == [False, True, True]
    assert may(bought(0.0, 10.0), 35.0) == [False, True, True]  # the latest purchase counts
    assert may(bought(0.0)) == [False, True, True]  # counted back from the history's own end
    assert list(within_rules(NO_RULE, Goods(3), bought(0.0), offered).matrix(np.array([0]))[0]) == [
        False,
        True,
        True,
    ]
