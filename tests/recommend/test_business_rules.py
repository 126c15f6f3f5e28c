import numpy as np
import pytest

from retention_lab.arrays import Ints
from retention_lab.errors import LabError
from retention_lab.recommend.business_rules import (
    BusinessRules,
    Events,
    Goods,
    People,
    allowed,
    lists_within_rules,
)

CASES = pytest.mark.parametrize("cases", [60, pytest.param(1_000, marks=pytest.mark.slow)])


def shops(cases: int) -> list[tuple[BusinessRules, Goods, People, np.ndarray, int]]:
    return [one_shop(np.random.default_rng(seed)) for seed in range(cases)]


def one_shop(rng: np.random.Generator) -> tuple[BusinessRules, Goods, People, np.ndarray, int]:
    """Random rules, goods and people, with random scores that often tie, and a length of lists."""
    items, users = int(rng.integers(1, 25)), int(rng.integers(1, 7))

    def some(value: float) -> float | None:
        return value if rng.random() < 0.6 else None

    def events(count: int) -> Events:
        user, days = rng.integers(0, users, count), rng.integers(0, 20, count).astype(float)
        return Events(user, days, rng.integers(0, items, count))

    caps = [int(n) if rng.random() < 0.6 else None for n in rng.integers(1, 4, 3)]
    rules = BusinessRules(
        some(float(rng.integers(1, 4))),
        some(0.3),
        some(10.0),
        *caps,
        float(rng.integers(1, 20)),
        rng.random() < 0.7,
    )
    stock = np.where(rng.random(items) < 0.1, np.nan, rng.integers(0, 6, items))
    margin = np.where(rng.random(items) < 0.1, np.nan, rng.random(items))
    goods = Goods(items, stock, margin, rng.integers(-1, 4, items))
    people = People(users, rng.random(users) < 0.8, events(20), events(40), events(8))
    scores = rng.integers(-3, 8, (users, items)).astype(float)
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    return rules, goods, people, scores, int(rng.integers(1, 12))


def lists_of(shop: tuple[BusinessRules, Goods, People, np.ndarray, int]) -> Ints:
    rules, goods, people, scores, k = shop
    return lists_within_rules(scores, allowed(rules, goods, people), np.arange(people.count), k)


def may_have(rules: BusinessRules, goods: Goods, people: People, user: int, item: int) -> bool:
    """The rules on single items, one at a time, in words that a merchant would use."""

    def recent(events: Events, days: float, of_item: bool) -> int:
        own = (events.user == user) & (events.days_ago < days)
        return int((own & (events.item == item)).sum() if of_item else own.sum())

    in_stock = rules.least_stock is None or goods.stock[item] >= rules.least_stock
    earns = rules.least_margin is None or goods.margin[item] >= rules.least_margin
    not_bought = rules.not_bought_days is None or not recent(people.bought, rules.not_bought_days, True)
    not_worn = rules.showings is None or recent(people.shown, rules.window_days, True) < rules.showings
    not_tired = rules.contacts is None or recent(people.contacted, rules.window_days, False) < rules.contacts
    agreed = not rules.consent or bool(people.consent[user])
    return bool(in_stock and earns and not_bought and not_worn and not_tired and agreed)


@CASES
def test_no_list_breaks_a_rule_in_random_shops(cases: int) -> None:
    kept = 0
    for shop in shops(cases):
        rules, goods, people, scores, _ = shop
        for user, row in enumerate(lists_of(shop)):
            listed = row[row >= 0]
            kept += len(listed)
            assert len(set(listed)) == len(listed)
            assert all(may_have(rules, goods, people, user, item) for item in listed)
            assert np.isfinite(scores[user, listed]).all()
            if rules.per_category is not None:
                own = goods.category[listed]
                assert np.bincount(own[own >= 0], minlength=1).max() <= rules.per_category
    assert kept > cases  # lists that hold nothing would keep every rule


@CASES
def test_lists_are_the_best_that_the_rules_leave(cases: int) -> None:
    for shop in shops(cases):
        rules, goods, people, scores, k = shop
        for user, row in enumerate(lists_of(shop)):
            wanted: list[int] = []
            for item in np.argsort(-scores[user], kind="stable"):
                group = goods.category[item]
                same = sum(goods.category[one] == group for one in wanted)
                full = rules.per_category is not None and group >= 0 and same >= rules.per_category
                fine = np.isfinite(scores[user, item]) and may_have(rules, goods, people, user, item)
                if fine and not full:
                    wanted.append(int(item))
            wanted = wanted[:k]
            assert row.tolist() == wanted + [-1] * (k - len(wanted))


def test_no_item_is_left_out_that_a_rule_would_allow() -> None:
    for rules, goods, people, *_ in shops(60):
        open_to = allowed(rules, goods, people).matrix(np.arange(people.count))
        for user in range(people.count):
            for item in range(goods.count):
                assert open_to[user, item] == may_have(rules, goods, people, user, item)


def test_some_users_get_the_lists_that_they_get_among_all() -> None:
    for shop in shops(60):
        rules, goods, people, scores, k = shop
        users = np.arange(people.count)[::-2]
        some = lists_within_rules(scores[users], allowed(rules, goods, people), users, k)
        np.testing.assert_array_equal(some, lists_of(shop)[users])


def test_equal_scores_go_by_the_order_given() -> None:
    left = allowed(BusinessRules(), Goods(4), People(1))
    scores = np.array([[1.0, 1.0, 2.0, 1.0]])
    assert lists_within_rules(scores, left, np.array([0]), 3).tolist() == [[2, 0, 1]]
    ties = np.array([3, 1, 0, 2])
    assert lists_within_rules(scores, left, np.array([0]), 3, ties).tolist() == [[2, 3, 1]]


def test_consent_that_is_not_tracked_allows_everybody() -> None:
    assert allowed(BusinessRules(), Goods(2), People(3)).users.all()
    assert allowed(BusinessRules(), Goods(2), People(2, np.array([True, False]))).users.tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        (BusinessRules(least_margin=0.2), "least_margin"),
        (BusinessRules(not_bought_days=30), "not_bought_days"),
        (BusinessRules(per_category=2), "per_category"),
        (BusinessRules(showings=2), "showings"),
        (BusinessRules(contacts=1), "contacts"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rules: BusinessRules, key: str) -> None:
    with pytest.raises(LabError) as caught:
        allowed(rules, Goods(2), People(2))
    assert caught.value.key == key


def test_rules_and_scores_that_make_no_sense_are_refused() -> None:
    with pytest.raises(LabError, match="`showings` is 0"):
        BusinessRules(showings=0)
    left = allowed(BusinessRules(), Goods(2), People(2))
    with pytest.raises(LabError, match="not of 1 users"):
        lists_within_rules(np.zeros((2, 2)), left, np.array([0]), 1)
    with pytest.raises(LabError, match="Lists of 0"):
        lists_within_rules(np.zeros((1, 2)), left, np.array([0]), 0)
